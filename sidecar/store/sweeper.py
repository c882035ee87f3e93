"""Ends the sessions that are over a limit and that nobody used again.

The gate ends those that are used; the rest is found here. Of each class of sessions, those over a
limit lie below a mark in one of its two indexes, so that a sweep with nothing to do looks at
nothing. Lists do not wait for it: they leave out what it has not come to. One replica sweeps at a
time, and does its other chores then: what is kept for some time only is dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sidecar.core.policy import Policy
from sidecar.core.ports import SessionMetrics, StoreUnavailable
from sidecar.store.background import end
from sidecar.store.database import Database
from sidecar.store.lease import Lease
from sidecar.store.sessions import SessionStore

INTERVAL = timedelta(seconds=5)
_AT_ONCE = 25
"""In one script: about as much as delays a check by a millisecond or two."""

Chore = Callable[[], Awaitable[None]]
"""Does a bounded amount of work."""


class Sweeper:
    """`sweep` once, or `start` to sweep every few seconds."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        metrics: SessionMetrics,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._partitions = database.keys.partitions
        self._store = SessionStore(database)
        self._lease = Lease(database, "sweeper", 3 * INTERVAL)
        self._policy = policy
        self._metrics = metrics
        self._chores = chores
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await end(self._task)

    async def sweep(self) -> None:
        """End every session that is over a limit now. Raises StoreUnavailable."""
        await asyncio.gather(*map(self._sweep_one, range(self._partitions)))

    async def _sweep_one(self, partition: int) -> None:
        found = _AT_ONCE
        while found >= _AT_ONCE:
            found, reasons = await self._store.sweep(partition, _AT_ONCE, self._policy())
            for reason in reasons:
                self._metrics.ended(reason.value)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL.total_seconds())
            try:
                if await self._lease.hold():
                    await self.sweep()
                    for chore in self._chores:
                        await chore()
            except StoreUnavailable:
                continue
