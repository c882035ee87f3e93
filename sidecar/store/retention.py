"""Drops events that are older than the policy keeps. The audit log is trimmed along its seals.

A bounded part each time, by whole blocks of a stream: what is over may stay a little longer, what
is not over never goes.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sidecar.core.policy import Policy
from sidecar.store.codec import span_ms
from sidecar.store.database import Database

AT_ONCE = 1000
"""Entries of one stream: less than a millisecond of Redis, and more than are ever written in the
seconds between two sweeps, on the average."""


class Retention:
    """A chore of the sweeper: one replica at a time."""

    def __init__(self, database: Database, policy: Callable[[], Policy]) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy

    async def trim(self) -> None:
        """Drop some of what is over. Raises StoreUnavailable."""
        policy = self._policy()
        now = await self._database.time()
        parts = range(self._keys.partitions)
        span = policy.events_retention
        await asyncio.gather(*(self._trim(self._keys.events(part), now, span) for part in parts))

    async def _trim(self, key: str, now: float, span: timedelta) -> None:
        oldest = max(int(now * 1000) - span_ms(span), 0)
        words = ("XTRIM", key, "MINID", "~", oldest, "LIMIT", AT_ONCE)
        await self._database.command(*words)
