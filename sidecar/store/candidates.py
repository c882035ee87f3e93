"""The sessions of a narrow filter: all of them, read from the index that finds the fewest.

Names and addresses are lexical indexes: what a filter means is a range, counted before it is read.
What else is asked for is checked on each that was found, and where they are to be in another order
than the range's, only their place in it is read, not the sessions.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.policy import Policy
from sidecar.core.turns import pieces
from sidecar.store import scripts
from sidecar.store.codec import span_ms
from sidecar.store.database import Database
from sidecar.store.keys import CLASSES
from sidecar.store.lexical import Bounds, name_bounds, network_bounds, split_members
from sidecar.store.population import Population
from sidecar.store.ranges import Entry
from sidecar.store.records import Facts, Records, matcher
from sidecar.store.seek import Range

_AT_ONCE, _WITH_PLACE_AT_ONCE = 500, 100
_CHECKED_AT_ONCE = 100
BY_CREATION = (SessionOrder.CREATED_AT, SessionOrder.EXPIRES_AT)
_INDEXES = {
    SessionOrder.CREATED_AT: "created",
    SessionOrder.LAST_ACTIVE_AT: "active",
    SessionOrder.EXPIRES_AT: "created",
}


Place = Callable[[Facts, str], int | bytes]
"""Says the place of a session of that class."""


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


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What is read of each candidate. left: what is to be checked; index: whose scores are its
    place, with `shifts` added; place: what its place is by its record."""

    wanted: SessionFilter
    left: SessionFilter
    dead: frozenset[bytes]
    place: Place | None
    index: str
    shifts: Mapping[str, int]


class Candidates:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys
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
        self,
        narrow: Narrow,
        wanted: SessionFilter,
        population: Population,
        order: SessionOrder | None = None,
        policy: Policy | None = None,
    ) -> list[Entry]:
        """Return every live session that matches, with its place in `order`; without one, as the
        index has them."""
        left = narrow.leaves(wanted)
        shifts = shifts_of(order, policy) if order and policy else {}
        place: Place | None = None
        if order is SessionOrder.USERNAME and not narrow.by_name:
            place = _by_name
        elif order in BY_CREATION and not left.is_empty:
            place = _by_creation(shifts)
        lookup = _Lookup(
            wanted,
            left,
            population.dead,
            place=place,
            index="" if place or order in (None, SessionOrder.USERNAME) else _INDEXES[order],
            shifts=shifts,
        )
        found = await asyncio.gather(*(self._all(part, lookup) for part in narrow.ranges))
        return [entry for part in found for entry in part]

    async def _all(self, source: Range, lookup: _Lookup) -> list[Entry]:
        """Read piece by piece: neither Redis nor this process is held up for long."""
        index = f"{self._keys.base(source.partition)}{lookup.index}:" if lookup.index else ""
        at_once = _WITH_PLACE_AT_ONCE if lookup.index else _AT_ONCE
        lower: str | bytes = f"[{source.lower}"
        found: list[Entry] = []
        while True:
            words = (lower, f"({source.upper}", at_once, index)
            *members, text = await self._database.run_on(scripts.CANDIDATES, [source.name], *words)
            entries = _entries(members, text, lookup)
            found += await self.matching(entries, lookup.wanted, lookup.left, place=lookup.place)
            if len(members) < at_once:
                return found
            lower = b"(" + members[-1]

    async def matching(
        self,
        entries: Sequence[Entry],
        wanted: SessionFilter,
        left: SessionFilter,
        *,
        place: Place | None = None,
    ) -> list[Entry]:
        """Return those of the kind, and with the name and address that are `left` to check.

        place: what says their place by their records, which the index did not have.
        """
        if wanted.kind is not None:
            kind = wanted.kind
            entries = [each for each in entries if CLASSES[each.session_class][1] is kind]
        if left.is_empty and place is None:
            return list(entries)
        match = matcher(left)
        found: list[Entry] = []
        async for piece in pieces(entries, _CHECKED_AT_ONCE):
            facts = await self._records.facts([entry.handle for entry in piece])
            for entry in piece:
                known = facts.get(entry.handle)
                if known is not None and match(known):
                    value = place(known, entry.session_class) if place else entry.value
                    found.append(Entry(value, entry.handle, entry.session_class))
        return found

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


def _entries(members: Sequence[bytes], text: bytes, lookup: _Lookup) -> list[Entry]:
    parts, dead = split_members(members), lookup.dead
    if not lookup.index:
        return [Entry(*part) for part in parts if part[1] not in dead]
    shifts = lookup.shifts
    return [
        Entry(int(score) + shifts[its_class], handle, its_class)
        for (_, handle, its_class), score in zip(parts, text.split(b","), strict=False)
        if score and handle not in dead
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


def _by_name(facts: Facts, _: str) -> bytes:
    return name_value(facts)


def _by_creation(shifts: Mapping[str, int]) -> Place:
    return lambda facts, its_class: facts.created + shifts[its_class]
