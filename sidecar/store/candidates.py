"""The sessions of a narrow filter: all of them, read from the index that finds the fewest.

Names and addresses are lexical indexes: what a filter means is a range, counted before it is read.
What else is asked for is checked on each that was found, and where they are to be in another order
than the range's, only their place in it is read, not the sessions.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.policy import Policy
from sidecar.core.token import HANDLE_LENGTH
from sidecar.store import scripts
from sidecar.store.codec import span_ms
from sidecar.store.database import Database
from sidecar.store.keys import CLASSES
from sidecar.store.lexical import Bounds, name_bounds, network_bounds
from sidecar.store.population import Population
from sidecar.store.ranges import Entry, Ranges
from sidecar.store.records import Facts, Records
from sidecar.store.seek import Range

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Narrow:
    """The ranges of one lexical index that a part of the filter means, one for each partition.

    means: that part. by_name: the entries are in the order of names.
    """

    ranges: Sequence[Range]
    means: SessionFilter
    by_name: bool

    @property
    def length(self) -> int:
        return sum(part.length for part in self.ranges)

    def leaves(self, wanted: SessionFilter) -> SessionFilter:
        """Return what of name and address is still to be checked."""
        if self.by_name:
            return SessionFilter(network=wanted.network)
        return SessionFilter(username_prefix=wanted.username_prefix)


class Candidates:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys
        self._ranges = Ranges(database)
        self._records = Records(database)

    async def by_name(self, prefix: str) -> Narrow:
        """Return where the sessions of names that begin so are; of all names if it is empty."""
        names = [self._keys.names(part) for part in range(self._keys.partitions)]
        ranges = await self._counted(names, name_bounds(prefix))
        return Narrow(ranges, SessionFilter(username_prefix=prefix), by_name=True)

    async def narrows(self, wanted: SessionFilter) -> Sequence[Narrow]:
        """Return the ranges that name and address mean, the shortest first."""
        found = []
        if wanted.canonical_prefix:
            found.append(await self.by_name(wanted.canonical_prefix))
        if wanted.network is not None:
            names = [self._keys.addresses(part) for part in range(self._keys.partitions)]
            ranges = await self._counted(names, network_bounds(wanted.network))
            found.append(Narrow(ranges, SessionFilter(network=wanted.network), by_name=False))
        return sorted(found, key=lambda narrow: narrow.length)

    async def all(
        self, narrow: Narrow, wanted: SessionFilter, population: Population
    ) -> list[Entry]:
        """Return every live session that matches, in the order of the index."""
        spans = [
            (part, [(start, _AT_ONCE) for start in range(0, part.length, _AT_ONCE)])
            for part in narrow.ranges
        ]
        found: list[Entry] = []
        for part, places in spans:
            for place in places:
                ((entries,),) = await self._ranges.read([(part, [place])], descending=False)
                found += entries
        if population.dead:
            found = [entry for entry in found if entry.handle not in population.dead]
        return await self.matching(found, wanted, narrow.leaves(wanted))

    async def matching(
        self, entries: Sequence[Entry], wanted: SessionFilter, left: SessionFilter
    ) -> list[Entry]:
        """Return those of the kind, and with the name and address that are `left` to check."""
        if wanted.kind is not None:
            kind = wanted.kind
            entries = [each for each in entries if CLASSES[each.session_class][1] is kind]
        if left.is_empty:
            return list(entries)
        facts = await self._records.facts(entry.handle for entry in entries)
        return [each for each in entries if each.handle in facts and facts[each.handle].match(left)]

    async def placed(
        self, entries: Sequence[Entry], order: SessionOrder, policy: Policy
    ) -> list[Entry]:
        """Return the same sessions by what they are to be in order by."""
        if order is SessionOrder.USERNAME:
            facts = await self._records.facts(entry.handle for entry in entries)
            return [
                each._replace(value=name_value(facts[each.handle]))
                for each in entries
                if each.handle in facts
            ]
        name = self._keys.active if order is SessionOrder.LAST_ACTIVE_AT else self._keys.created
        shifts = shifts_of(order, policy)
        groups: dict[tuple[int, str], list[bytes]] = {}
        for entry in entries:
            partition = self._keys.partition_of_bytes(entry.handle)
            groups.setdefault((partition, entry.session_class), []).append(entry.handle)
        chunks = [
            (name(partition, its_class), its_class, handles[start : start + _AT_ONCE])
            for (partition, its_class), handles in groups.items()
            for start in range(0, len(handles), _AT_ONCE)
        ]

        async def place(key: str, its_class: str, handles: list[bytes]) -> list[Entry]:
            words = (b"".join(handles), HANDLE_LENGTH)
            scores = await self._database.run_on(scripts.SCORES, [key], *words)
            shift = shifts[its_class]
            return [
                Entry(int(score) + shift, handle, its_class)
                for handle, score in zip(handles, scores.split(b","), strict=True)
                if score
            ]

        found = await asyncio.gather(*(place(*chunk) for chunk in chunks))
        return [entry for part in found for entry in part]

    async def dead(self, population: Population) -> Mapping[bytes, Facts]:
        """Return what is known of the sessions over a limit that are still there."""
        return await self._records.facts(population.dead) if population.dead else {}

    async def _counted(self, names: Sequence[str], bounds: Bounds | None) -> list[Range]:
        if bounds is None:
            return []
        lower, upper = bounds
        counts = await asyncio.gather(
            *(self._database.command("ZLEXCOUNT", name, f"[{lower}", f"({upper}") for name in names)
        )
        return [
            Range(partition, name, lower, upper, length=int(count))
            for partition, (name, count) in enumerate(zip(names, counts, strict=True))
        ]


def shifts_of(order: SessionOrder, policy: Policy) -> Mapping[str, int]:
    """Return what turns the score of a class into what the order goes by."""
    return {
        name: span_ms(
            policy.limits_for(role).absolute_lifetime
            if order is SessionOrder.EXPIRES_AT
            else timedelta()
        )
        for name, (role, _) in CLASSES.items()
    }


def shifted(source: Range, shift: int) -> Range:
    dead = tuple((int(value) + shift, handle) for value, handle in source.dead)
    return replace(source, shift=shift, dead=dead)


def name_value(facts: Facts) -> bytes:
    """Return what stands before the handle in the index of names."""
    return facts.canonical.encode() + b"\0"
