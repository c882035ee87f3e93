"""Ends the sessions of people who may not sign in by their directory any more.

Every so often one replica asks each directory about the accounts that live sessions were opened
from. Who is gone, disabled (by what the filter of people asks for) or out of the required groups is
signed out at once. An answer does that, and nothing else: a directory that does not answer, or
answers with a failure, ends nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, StoreUnavailable
from sidecar.core.provided import Account, ProviderBook
from sidecar.core.reasons import Ended
from sidecar.login.directories import Directory
from sidecar.login.provider import Entry, NotProven, ProviderUnavailable

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Accounts that are asked about over one connection."""


class DirectoryCheck:
    """`check` once, or `keep` checking. hold: says whether it is this replica's to do."""

    def __init__(
        self,
        directory: Directory,
        book: ProviderBook,
        policy: Callable[[], Policy],
        clock: Clock,
        hold: Callable[[], Awaitable[bool]],
    ) -> None:
        self._directory = directory
        self._book = book
        self._policy = policy
        self._clock = clock
        self._hold = hold

    async def keep(self, interval: float) -> None:
        """Check every so many seconds, until cancelled."""
        while True:
            await asyncio.sleep(interval)
            try:
                if await self._hold():
                    await self.check()
            except (StoreUnavailable, ProviderUnavailable) as silent:
                extra = {"provider": self._directory.name, "why": str(silent)}
                log.warning("directory_check_put_off", extra=extra)
            except Exception:
                # A mistake of ours in one round must not end all that would follow.
                log.exception("directory_check_failed", extra={"provider": self._directory.name})

    async def check(self) -> int:
        """End the sessions of those who may not any more; return how many. Raises StoreUnavailable
        and ProviderUnavailable, before anything ended that was not answered for."""
        if not self._policy().ends_by(Ended.PROVIDER_REFUSED):
            return 0
        name, ended = self._directory.name, 0
        accounts = sorted(
            (one for one in await self._book.signed_in(name) if self._is_of_it(one)),
            key=lambda one: one.subject,
        )
        for start in range(0, len(accounts), AT_ONCE):
            piece = accounts[start : start + AT_ONCE]
            asked = self._clock.now()
            said = await self._directory.look_up([account.subject for account in piece])
            for account in piece:
                if not self._may(said[account.subject]):
                    actor = Actor(ActorKind.PROVIDER, name)
                    reason = Ended.PROVIDER_REFUSED
                    ended += await self._book.end(account, "", asked, actor, reason)
        if ended:
            log.info("directory_refused", extra={"provider": name, "ended": ended})
        return ended

    def _is_of_it(self, account: Account) -> bool:
        return account == self._directory.account_of(account.subject)

    def _may(self, found: Entry | NotProven | None) -> bool:
        """An entry that cannot be read is no answer."""
        if isinstance(found, NotProven):
            return True
        required = self._directory.required_groups
        return found is not None and (
            not required or not set(required).isdisjoint(found.person.groups or ())
        )
