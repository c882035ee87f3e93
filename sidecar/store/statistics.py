"""The overview's numbers. Implements the port `Statistics`.

The scripts count as they act: what happened in an hour (`hours:<n>`, kept a little longer than a
day), and how many sessions there are of each device (`devices`).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from sidecar.core.listing import DeviceCount, HourCounts
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.core.reasons import Ended
from sidecar.store.codec import from_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.population import Populations
from sidecar.store.records import Records

_HOUR = 3_600_000
_HOURS = 24
_REST = "Other"
"""What those labels are shown as that are not counted each by itself."""


class Counters:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy], clock: Clock) -> None:
        self._database = database
        self._keys = database.keys
        self._populations = Populations(database, policy, clock)
        self._records = Records(database)
        self._clock = clock

    async def last_day(self) -> Sequence[HourCounts]:
        """Return the last 24 hours by the clock, the oldest first; the last one still runs."""
        current = to_ms(self._clock.now()) // _HOUR
        hours = range(current - _HOURS + 1, current + 1)
        found = await asyncio.gather(*map(self._hour, hours))
        return [_hour_counts(hour, counts) for hour, counts in zip(hours, found, strict=True)]

    async def devices(self) -> Sequence[DeviceCount]:
        """Return live sessions by device, the most frequent first."""
        population = await self._populations.now()
        dead = await self._records.facts(population.dead) if population.dead else {}
        counts = await self._summed(
            [self._keys.devices(part) for part in range(self._keys.partitions)]
        )
        for facts in dead.values():
            counts[facts.label if counts[facts.label] > 0 else ""] -= 1
        shown: Counter[str] = Counter()
        for label, count in counts.items():
            shown[label or _REST] += count
        return [DeviceCount(label, count) for label, count in shown.most_common() if count > 0]

    async def _hour(self, hour: int) -> Counter[str]:
        return await self._summed(
            [self._keys.hours(part, hour) for part in range(self._keys.partitions)]
        )

    async def _summed(self, names: Sequence[str]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for found in await asyncio.gather(
            *(self._database.command("HGETALL", name) for name in names)
        ):
            for field, count in found.items():
                counts[field.decode()] += int(count)
        return counts


def _hour_counts(hour: int, counts: Mapping[str, int]) -> HourCounts:
    return HourCounts(
        begins_at=from_ms(hour * _HOUR),
        opened=counts["opened"],
        failed=counts["failed"],
        locked=counts["locked"],
        ended={reason: n for reason in Ended if (n := counts.get(f"ended:{reason.value}", 0))},
    )
