"""What the front needs of identity providers: who they are, the steps, and the keys of the cookie
that keeps sign-ins under way. None at all where the settings name no provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from sidecar.core.provided import ProviderBook
from sidecar.front.cookie import CookieWriter
from sidecar.front.patience import Patience
from sidecar.login.pages import Offered
from sidecar.login.pending import LASTS, Pending, read_pending, write_pending
from sidecar.login.provider import Provider
from sidecar.login.provider_steps import ProviderSteps


class CookieKeys(Protocol):
    """The keys that all replicas share, by id; the one for what is new."""

    accepted: Mapping[str, bytes]

    @property
    def current(self) -> tuple[str, bytes]: ...


@dataclass(frozen=True, slots=True)
class ProviderRoom:
    """providers: by name. patience: with those who send orders that are none."""

    providers: Mapping[str, Provider]
    steps: ProviderSteps
    book: ProviderBook
    keys: CookieKeys
    patience: Patience

    @property
    def offered(self) -> tuple[Offered, ...]:
        """What the sign-in page shows: the default one first, then in the order of the settings."""
        first = sorted(self.providers.values(), key=lambda one: not one.default)
        return tuple(Offered(one.name, one.label, one.default) for one in first)

    @property
    def auto(self) -> str | None:
        """Return the name of the provider that people are sent to without being asked."""
        return next((one.name for one in self.providers.values() if one.auto), None)


@dataclass(frozen=True, slots=True)
class Underway:
    """The sign-ins under way in one browser. key_id: of the key that they follow from, which stays
    the same while one is open."""

    entries: tuple[Pending, ...]
    key_id: str
    key: bytes

    def write(self, entries: Sequence[Pending], cookies: CookieWriter) -> str:
        """Return the `Set-Cookie` value that keeps these from now on."""
        value = write_pending(entries, self.key_id, self.key) if entries else ""
        return cookies.pending_cookie(value, LASTS)


def underway(
    request: web.Request, room: ProviderRoom, cookies: CookieWriter, now: datetime
) -> Underway:
    """Return what this browser has under way."""
    raw = "; ".join(request.headers.getall("Cookie", [])) or None
    entries, key_id = read_pending(cookies.pending(raw), room.keys.accepted, now)
    if entries:
        return Underway(entries, key_id, room.keys.accepted[key_id])
    return Underway((), *room.keys.current)
