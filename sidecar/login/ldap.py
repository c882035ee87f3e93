"""A directory as a provider of identity: its calls in threads of its own, a few at a time."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from sidecar.core.provided import Account
from sidecar.login.ldap_wire import LdapRules, LdapWire
from sidecar.login.provider import Entry, NotProven, ProviderUnavailable

_T = TypeVar("_T")
_WAITING = 8
"""How many calls may wait for each connection; more are told to come back."""


@dataclass(frozen=True, slots=True)
class LdapOffer:
    """How it stands among the providers."""

    name: str
    default: bool = False
    create_users: bool = True
    link_existing: bool = False
    required_groups: tuple[str, ...] = ()


class LdapDirectory:
    """Every method raises ProviderUnavailable."""

    method = "ldap"

    def __init__(self, offer: LdapOffer, rules: LdapRules, connections: int) -> None:
        self.name = offer.name
        self.default = offer.default
        self.create_users = offer.create_users
        self.link_existing = offer.link_existing
        self.required_groups = offer.required_groups
        self._base = rules.base
        self._wire = LdapWire(rules)
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix=f"ldap-{offer.name}")
        self._room = connections * (1 + _WAITING)
        self._taken = 0

    def account_of(self, subject: str) -> Account:
        """Return the account here: the same whichever server answers."""
        return Account(f"ldap:{self.name}", subject)

    async def find(self, username: str) -> Entry | NotProven | None:
        """Return who has that name."""
        return await self._run(lambda: self._wire.find(username))

    async def proves(self, entry: Entry | None, password: str) -> bool:
        """Say whether it is their password. For nobody the directory is asked, too, about a name
        that it does not have and with a password that is nobody's: the time tells nothing."""
        if entry is not None:
            return await self._run(lambda: self._wire.proves(entry.dn, password))
        nobody, nothing = f"cn={secrets.token_hex(8)},{self._base}", secrets.token_urlsafe(16)
        await self._run(lambda: self._wire.proves(nobody, nothing))
        return False

    async def look_up(self, subjects: Sequence[str]) -> dict[str, Entry | NotProven | None]:
        """Return what is said now of those accounts."""
        return await self._run(lambda: self._wire.look_up(subjects))

    async def close(self) -> None:
        """Take no more work and forget what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._taken >= self._room:
            raise ProviderUnavailable("too many wait for the directory")
        try:
            future = self._pool.submit(work)
        except RuntimeError as closed:
            raise ProviderUnavailable("closed") from closed
        self._taken += 1
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _later(loop, self._leave))
        return await asyncio.wrap_future(future)

    def _leave(self) -> None:
        self._taken -= 1


def _later(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(what)
