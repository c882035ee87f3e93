"""The session's cookie, as it is set and cleared: the only place that writes it.

Max-Age only sweeps up: the limits are decided at every request, from what the store says.
Source: RFC 6265bis, section 4.1.3.2 (`__Host-`); ASVS 3.3.1 to 3.3.5.
"""

from datetime import timedelta

from sidecar.core.cookies import PLAIN_NAME, SECURE_NAME
from sidecar.core.token import Token


class CookieWriter:
    """Writes `Set-Cookie` values. Secure unless people reach us by plain HTTP (a local trial)."""

    def __init__(self, public_url: str) -> None:
        self.secure = public_url.startswith("https:")
        self.name = SECURE_NAME if self.secure else PLAIN_NAME
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if self.secure else "")

    def session_cookie(self, token: Token, lifetime: timedelta) -> str:
        """Return the value that gives a browser the token for at most `lifetime`."""
        seconds = max(int(lifetime.total_seconds()), 1)
        return f"{self.name}={token}; Max-Age={seconds}{self._attributes}"

    def clear_cookie(self) -> str:
        """Return the value that takes the cookie away."""
        return f"{self.name}=; Max-Age=0{self._attributes}"
