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

from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, Look, SessionReads, Sessions, StoreUnavailable, Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session, ended_because, oldest_usable
from sidecar.core.users import Role
from sidecar.front.live_register import Holder, LiveRegister, Watch, handle_of

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
        due = self._due(ended, everybody=everybody)
        for lot in _lots(list(due)):
            for handle, look in (await self._looks(lot)).items():
                if isinstance(look, StoreUnavailable):
                    self.doubt = self.doubt or everybody
                    continue
                reason = self._judge(look)
                if reason is not None:
                    ended[handle] = reason
                elif isinstance(look, Session):
                    _learn(due[handle], look)
        return ended

    def _due(self, ended: dict[Handle, Ended], *, everybody: bool) -> "dict[Handle, list[Holder]]":
        """Return whose sessions have to be read; note those that need not, for they are over.

        There may be ten thousand of them, all of other requests' time: so each is only compared.
        """
        now, policy = self._clock.now(), self._policy()
        oldest = [oldest_usable(now, policy.limits_for(role)) for role in Role]
        due: dict[Handle, list[Holder]] = {}
        for holder in self._register.holders():
            session = holder.session
            if session is not None:
                made, used = oldest[session.role]
                agent = session.agent
                if session.created_at <= made or (agent is not None and now >= agent.expires_at):
                    # Whatever the store would say to it: no activity could have helped.
                    self._sessions.expired(session, Ended.LIFETIME_EXCEEDED)
                    ended[session.handle] = Ended.LIFETIME_EXCEEDED
                elif everybody or session.last_active_at <= used:
                    due.setdefault(session.handle, []).append(holder)
            elif everybody or isinstance(holder, Watch):
                handle = handle_of(holder)
                if handle is not None:
                    due.setdefault(handle, []).append(holder)
        return due

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


def _learn(holders: "Iterable[Holder]", session: Session) -> None:
    for holder in holders:
        known = holder.session
        if isinstance(holder, Watch) or (known is not None and known.handle == session.handle):
            holder.session = session


def _lots(handles: Sequence[Handle]) -> Iterable[list[Handle]]:
    rest = iter(handles)
    while lot := list(islice(rest, _AT_ONCE)):
        yield lot
