"""Which of the sessions that something hangs on have ended without an event that said so.

Once a second all are held against the limits, by the instants that are known here. What looks idle
is read again, because its person may be at work elsewhere, through another worker. When events may
have been missed (at the start, after an outage), and every half minute, all are read again: a
store that has lost a session says no more when it ends. Reading is no activity.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, Look, SessionReads, Sessions, StoreUnavailable, Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session, ended_because
from sidecar.front.live_register import LiveRegister, Watch

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

_AT_ONCE = 500
_ALL_EVERY = 30.0


class LiveCheck:
    """doubt: events may have been missed, so every session has to be read."""

    def __init__(
        self,
        register: LiveRegister,
        reads: SessionReads,
        sessions: Sessions,
        clock: Clock,
        policy: Callable[[], Policy],
    ) -> None:
        self._register = register
        self._reads = reads
        self._sessions = sessions
        self._clock = clock
        self._policy = policy
        self._next_of_all = 0.0
        self.doubt = True

    async def ended(self) -> Mapping[Handle, Ended]:
        """Return which have ended, and why. What a silent store does not say is asked again."""
        now = asyncio.get_running_loop().time()
        everybody = self.doubt or now >= self._next_of_all
        if everybody:
            self._next_of_all = now + _ALL_EVERY
        self.doubt = False
        ended: dict[Handle, Ended] = {}
        holders = self._register.holders()
        asked = [
            handle for handle, held in holders.items() if self._is_due(held, ended) or everybody
        ]
        for lot in _lots(asked):
            for handle, look in (await self._looks(lot)).items():
                if isinstance(look, StoreUnavailable):
                    self.doubt = self.doubt or everybody
                    continue
                reason = self._judge(look)
                if reason is not None:
                    ended[handle] = reason
                elif isinstance(look, Session):
                    _learn(holders[handle], look)
        return ended

    def _is_due(self, holders: "Sequence[ClientEnd | Watch]", ended: dict[Handle, Ended]) -> bool:
        """Say whether the session of these holders has to be read."""
        known = [holder.session for holder in holders if holder.session is not None]
        if any(isinstance(holder, Watch) and holder.session is None for holder in holders):
            return True
        if not known:
            return False
        newest = max(known, key=lambda session: session.last_active_at)
        reason = self._over(newest)
        if reason is Ended.LIFETIME_EXCEEDED:  # Whatever the store would say to it.
            self._sessions.expired(newest, reason)
            ended[newest.handle] = reason
            return False
        return reason is not None

    def _judge(self, look: Session | Tombstone | None) -> Ended | None:
        if isinstance(look, Tombstone):
            return look.reason
        if look is None:
            return Ended.REVOKED  # The store knows no more of it than that it is not there.
        reason = self._over(look)
        if reason is not None:
            self._sessions.expired(look, reason)
        return reason

    def _over(self, session: Session) -> Ended | None:
        return ended_because(session, self._clock.now(), self._policy().limits_for(session.role))

    async def _looks(self, handles: Iterable[Handle]) -> dict[Handle, Look]:
        looks: dict[Handle, Look] = {}
        done = asyncio.get_running_loop().create_future()
        wanted = set(handles)

        def note(handle: Handle, look: Look) -> None:
            looks[handle] = look
            if len(looks) == len(wanted) and not done.done():
                done.set_result(None)

        for handle in wanted:
            self._reads.ask(handle, partial(note, handle))
        await done
        return looks


def _learn(holders: "Sequence[ClientEnd | Watch]", session: Session) -> None:
    for holder in holders:
        known = holder.session
        if isinstance(holder, Watch) or (known is not None and known.handle == session.handle):
            holder.session = session


def _lots(handles: Sequence[Handle]) -> Iterable[list[Handle]]:
    rest = iter(handles)
    while lot := list(islice(rest, _AT_ONCE)):
        yield lot
