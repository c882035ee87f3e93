"""Ends of sessions that were counted where nobody scrapes: by commands on the machine.

A command leaves its numbers in the store when it is done. The replica that sweeps takes them and
counts them as its own, so that each end is counted once, by one of the replicas that are scraped.
"""

from collections.abc import Mapping

from sidecar.core.ports import SessionMetrics
from sidecar.core.reasons import Ended
from sidecar.store import scripts
from sidecar.store.database import Database


class HandedCounts:
    """Every method raises StoreUnavailable when Redis did not answer in time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key = database.keys.handed_counts()

    async def give(self, ended: Mapping[str, int]) -> None:
        """Leave how many sessions ended, by reason."""
        for reason, count in ended.items():
            await self._database.command("HINCRBY", self._key, reason, count)

    async def take(self, metrics: SessionMetrics) -> None:
        """Count what was left, and forget it. A chore of the sweeper.

        A reason of a later version is one that we have no series for.
        """
        words = await self._database.run_on(scripts.COUNTS_TAKE, [self._key])
        known = {reason.value for reason in Ended}
        for reason, count in zip(words[::2], words[1::2], strict=True):
            if reason.decode() in known:
                metrics.ended(reason.decode(), int(count))
