"""Drops audit entries and events that are older than the policy keeps.

A bounded part each time, by whole blocks of a stream: what is over may stay a little longer, what
is not over never goes. The chains of the audit log end where the stream does (`audit_pieces.py`).
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
        spans = (
            *((self._keys.audit(part), policy.audit_retention) for part in parts),
            *((self._keys.events(part), policy.events_retention) for part in parts),
        )
        await asyncio.gather(*(self._trim(key, now, span) for key, span in spans))

    async def _trim(self, key: str, now: float, span: timedelta) -> None:
        oldest = max(int(now * 1000) - span_ms(span), 0)
        words = ("XTRIM", key, "MINID", "~", oldest, "LIMIT", AT_ONCE)
        await self._database.command(*words)
