"""The session's cookie, the one a device is known by, and that of sign-ins by a provider that are
under way: the only place that writes them.

Max-Age only sweeps up: the limits are decided at every request, from what the store says.
Source: RFC 6265bis, section 4.1.3.2 (`__Host-`); ASVS 3.3.1 to 3.3.5.
"""

from collections.abc import Sequence
from datetime import timedelta

from sidecar.core.cookies import PLAIN_NAME, SECURE_NAME, take_cookie
from sidecar.core.known_device import read_device_ids, write_device_ids
from sidecar.core.token import Token


class CookieWriter:
    """Writes `Set-Cookie` values. Secure unless people reach us by plain HTTP (a local trial)."""

    def __init__(self, public_url: str) -> None:
        self.secure = public_url.startswith("https:")
        self.name = SECURE_NAME if self.secure else PLAIN_NAME
        self.device_name = f"{self.name}-device"
        self.pending_name = f"{self.name}-sign-in"
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if self.secure else "")

    def session_cookie(self, token: Token, lifetime: timedelta) -> str:
        """Return the value that gives a browser the token for at most `lifetime`."""
        seconds = max(int(lifetime.total_seconds()), 1)
        return f"{self.name}={token}; Max-Age={seconds}{self._attributes}"

    def device_ids(self, raw: str | None) -> tuple[str, ...]:
        """Return by what the device is known. raw: the Cookie field, as it came."""
        if raw is None or self.device_name not in raw:
            return ()
        lines = (raw.encode("utf-8", "surrogateescape"),)
        return read_device_ids(take_cookie(lines, self.device_name.encode("ascii")).value)

    def device_cookie(self, ids: Sequence[str], lifetime: timedelta) -> str:
        """Return the value by which the device is known for `lifetime`."""
        seconds = max(int(lifetime.total_seconds()), 1)
        value = write_device_ids(ids)
        return f"{self.device_name}={value}; Max-Age={seconds}{self._attributes}"

    def pending(self, raw: str | None) -> str | None:
        """Return what is kept of sign-ins under way. raw: the Cookie field, as it came."""
        if raw is None or self.pending_name not in raw:
            return None
        lines = (raw.encode("utf-8", "surrogateescape"),)
        value = take_cookie(lines, self.pending_name.encode("ascii")).value
        return None if value is None else value.decode("utf-8", "replace")

    def pending_cookie(self, value: str, lifetime: timedelta) -> str:
        """Return the value that keeps sign-ins under way; nothing is kept of none."""
        seconds = int(lifetime.total_seconds()) if value else 0
        return f"{self.pending_name}={value}; Max-Age={seconds}{self._attributes}"

    def clear_cookie(self) -> str:
        """Return the value that takes the cookie away."""
        return f"{self.name}=; Max-Age=0{self._attributes}"
