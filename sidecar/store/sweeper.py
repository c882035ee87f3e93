"""Ends the sessions that are over a limit and that nobody used again.

The gate ends those that are used; the rest is found here, by two indexes: not used for as long as
some role's idle timeout, or older than some role's absolute lifetime. What is found is decided by
its own role's limits, and ended only if it was not used meanwhile. One replica sweeps at a time;
a list sweeps too before it is shown, so that it shows and counts none of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, SessionMetrics, StoreUnavailable
from sidecar.core.session import Handle, Session, ended_because
from sidecar.core.users import Role
from sidecar.store.background import end
from sidecar.store.codec import from_ms, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.lease import Lease
from sidecar.store.session_index import Scored, SessionIndex
from sidecar.store.sessions import SessionStore

INTERVAL = timedelta(seconds=5)
_AT_ONCE = 200
_TOGETHER = 32
_FORGET = timedelta(minutes=10)

_Index = Callable[[int, int, int, int], Awaitable[Sequence[Scored]]]


class Sweeper:
    """`sweep` once, or `start` to sweep every few seconds."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        clock: Clock,
        metrics: SessionMetrics,
    ) -> None:
        self._partitions = database.keys.partitions
        self._store = SessionStore(database)
        self._index = SessionIndex(database)
        self._lease = Lease(database, "sweeper", 3 * INTERVAL)
        self._policy = policy
        self._clock = clock
        self._metrics = metrics
        self._task: asyncio.Task[None] | None = None
        # Up to where each index was searched for each span: where roles differ, sessions that
        # another role's limits allow would otherwise be looked at every time.
        self._searched: dict[tuple[str, int, timedelta], int] = {}
        self._searched_for: Policy | None = None
        self._forget_at = clock.now()

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await end(self._task)

    async def sweep(self) -> None:
        """End every session that is over a limit now. Raises StoreUnavailable."""
        policy = self._policy()
        limits = {policy.limits_for(role) for role in Role}
        self._begin(policy, alike=len(limits) == 1)
        idle = {limit.idle_timeout for limit in limits}
        absolute = {limit.absolute_lifetime for limit in limits}

        async def sweep_one(partition: int) -> None:
            for span in idle:
                await self._search("active", self._index.inactive, partition, span, policy)
            for span in absolute:
                await self._search("created", self._index.created, partition, span, policy)

        await asyncio.gather(*map(sweep_one, range(self._partitions)))

    def _begin(self, policy: Policy, *, alike: bool) -> None:
        """Search from the start if that costs nothing, if limits are new, and now and then: a store
        that was restored has old sessions again."""
        now = self._clock.now()
        if alike or policy is not self._searched_for or now >= self._forget_at:
            self._searched.clear()
            self._searched_for = policy
            self._forget_at = now + _FORGET

    async def _search(
        self, name: str, index: _Index, partition: int, span: timedelta, policy: Policy
    ) -> None:
        place = (name, partition, span)
        since = self._searched.get(place, 0)
        until = to_ms(self._clock.now()) - span_ms(span)
        limit = _AT_ONCE
        while since <= until:
            found = await index(partition, since, until, limit)
            await self._end(found, policy)
            if len(found) < limit:
                break
            last = found[-1][1]
            # More at one instant than were read: read more of them, to get past it.
            limit = limit * 2 if last == since else _AT_ONCE
            since = last
        self._searched[place] = max(until, 0)

    async def _end(self, found: Sequence[Scored], policy: Policy) -> None:
        if not found:
            return
        now = self._clock.now()
        looks = await self._index.look_at([handle for handle, _ in found])
        due: list[tuple[Handle, datetime]] = []
        for (handle, indexed), look in zip(found, looks, strict=True):
            if not isinstance(look, Session):
                due.append((handle, from_ms(indexed)))  # an index that names what is not there
            elif ended_because(look, now, policy.limits_for(look.role)):
                due.append((handle, look.last_active_at))
        for start in range(0, len(due), _TOGETHER):
            together = due[start : start + _TOGETHER]
            ended = await asyncio.gather(
                *(self._store.expire(handle, last, policy) for handle, last in together)
            )
            for reason in (reason for reasons in ended for reason in reasons):
                self._metrics.ended(reason.value)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL.total_seconds())
            try:
                if await self._lease.hold():
                    await self.sweep()
            except StoreUnavailable:
                continue
