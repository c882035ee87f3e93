"""One page of live sessions: which index answers a question, and how much of it must be read.

    no filter, a kind   the index of the order, from the offset on
    a name or address   whichever costs less: all that match, by their own index (`candidates.py`),
                        or the index of the order, until as many as are needed have matched

Names are in the order of an index themselves, so that a prefix in this order is one range.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.policy import Policy
from sidecar.store.best import best
from sidecar.store.by_creation import ByCreation, Wanted
from sidecar.store.candidates import (
    BY_CREATION,
    Candidates,
    Narrow,
    name_value,
    shifted,
    shifts_of,
)
from sidecar.store.database import Database
from sidecar.store.population import Population
from sidecar.store.ranges import Ranges
from sidecar.store.records import Facts, matcher
from sidecar.store.seek import Range

_READ, _READ_BY_HANDLE, _CHECK = 5.0, 1.0, 7.0
"""What it costs to read an entry with its place, or with what its handle says of it, and to look
into its record, in microseconds."""
_LEAST_READ = 100


@dataclass(frozen=True, slots=True)
class Query:
    wanted: SessionFilter
    order: SessionOrder
    descending: bool
    offset: int
    limit: int

    @property
    def end(self) -> int:
        return self.offset + self.limit


class Found(NamedTuple):
    """handles: from the offset on, in order; as many as the page takes, or more."""

    handles: AsyncIterator[Sequence[bytes]]
    total: int
    is_estimate: bool


class _Base(NamedTuple):
    """The ranges of an order, and what of the filter they leave to be checked."""

    ranges: Sequence[Range]
    left: SessionFilter


class Pages:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._keys = database.keys
        self._ranges = Ranges(database)
        self._candidates = Candidates(database)
        self._by_creation = ByCreation(database)

    async def find(self, query: Query, population: Population, policy: Policy) -> Found:
        """Return the sessions of a page, of which none is over a limit, and how many match."""
        base = await self._base(query, population, policy)
        if base.left.is_empty:
            total = sum(part.length - len(part.dead) for part in base.ranges)
            return Found(self._direct(query, base), max(total, 0), is_estimate=False)
        narrows = await self._candidates.narrows(query.wanted)
        matching = expected(query.wanted, narrows, population)
        if narrows and self._cost_of_all(query, narrows[0]) <= _cost_of_walk(query, base, matching):
            return await self._of_all(query, narrows[0], population, policy)
        return await self._walk(query, base, narrows, population, matching)

    async def _of_all(
        self, query: Query, narrow: Narrow, population: Population, policy: Policy
    ) -> Found:
        if query.order in BY_CREATION and narrow.leaves(query.wanted).is_empty:
            wanted = Wanted(
                query.wanted.kind,
                shifts_of(query.order, policy),
                query.offset,
                query.end,
                query.descending,
            )
            handles, total = await self._by_creation.page(narrow.ranges, wanted, population)
            return Found(_once(handles), total, is_estimate=False)
        entries = await self._candidates.all(narrow, query.wanted, population, query.order, policy)
        page = (await best(entries, query.end, descending=query.descending))[query.offset :]
        return Found(_once([entry.handle for entry in page]), len(entries), is_estimate=False)

    async def total(self, narrow: Narrow, population: Population) -> int:
        """Return how many live sessions a range means: exactly, if none of them ends meanwhile."""
        dead = await self._candidates.dead(population)
        return max(narrow.length - sum(map(matcher(narrow.means), dead.values())), 0)

    async def _base(self, query: Query, population: Population, policy: Policy) -> _Base:
        wanted = query.wanted
        if query.order is SessionOrder.USERNAME:
            narrow = await self._candidates.by_name(wanted.canonical_prefix)
            dead = await self._candidates.dead(population)
            ranges = [self._without(part, dead) for part in narrow.ranges]
            return _Base(ranges, SessionFilter(network=wanted.network, kind=wanted.kind))
        parts = population.of_kind(wanted.kind)
        left = replace(wanted, kind=None)
        if query.order is SessionOrder.LAST_ACTIVE_AT:
            return _Base([part.active for part in parts], left)
        shifts = shifts_of(query.order, policy)
        created = [part.created for part in parts]
        return _Base([shifted(part, shifts[part.session_class]) for part in created], left)

    async def _direct(self, query: Query, base: _Base) -> AsyncIterator[Sequence[bytes]]:
        entries = self._ranges.merged(
            base.ranges, query.offset, query.limit, descending=query.descending
        )
        async for found in entries:
            yield [entry.handle for entry in found]

    async def _walk(
        self,
        query: Query,
        base: _Base,
        narrows: Sequence[Narrow],
        population: Population,
        matching: float,
    ) -> Found:
        """Follow the order until enough have matched."""
        length = sum(part.length for part in base.ranges)
        needed = int(query.end * length / max(matching, 1.0)) + _LEAST_READ
        found: list[bytes] = []
        walk = self._ranges.merged(base.ranges, 0, needed, descending=query.descending)
        left = replace(base.left, kind=None)
        async for entries in walk:
            matched = await self._candidates.matching(entries, query.wanted, left)
            found += [entry.handle for entry in matched if entry.handle not in population.dead]
            if len(found) >= query.end:
                break
        else:
            return Found(_once(found[query.offset : query.end]), len(found), is_estimate=False)
        page = _once(found[query.offset : query.end])
        if len(narrows) == 1 and query.wanted.kind is None:
            return Found(page, await self.total(narrows[0], population), is_estimate=False)
        return Found(page, max(round(matching), len(found)), is_estimate=True)

    def _without(self, source: Range, dead: Mapping[bytes, Facts]) -> Range:
        """Return a range of names with the keys in it that are to be passed over."""
        keys = (
            (name_value(facts), handle)
            for handle, facts in dead.items()
            if facts.canonical.startswith(str(source.lower))
            and self._keys.partition_of_bytes(handle) == source.partition
        )
        return replace(source, dead=tuple(sorted(keys)))

    def _cost_of_all(self, query: Query, narrow: Narrow) -> float:
        by_handle = query.order in BY_CREATION or narrow.by_name
        cost = _READ_BY_HANDLE if by_handle else _READ
        if not narrow.leaves(query.wanted).is_empty:
            cost += _CHECK
        if query.order is SessionOrder.USERNAME and not narrow.by_name:
            cost += _CHECK
        return cost * narrow.length


def expected(wanted: SessionFilter, narrows: Sequence[Narrow], population: Population) -> float:
    """Return how many match if what is asked for has nothing to do with each other."""
    everybody = max(population.live(), 1)
    matching = float(population.live(wanted.kind))
    for narrow in narrows:
        matching *= min(narrow.length / everybody, 1.0)
    return matching


def _cost_of_walk(query: Query, base: _Base, matching: float) -> float:
    length = sum(part.length for part in base.ranges)
    steps = min(length, query.end * length / matching) if matching >= 1 else length
    checked = replace(base.left, kind=None)
    return steps * (_READ if checked.is_empty else _READ + _CHECK)


async def _once(handles: Sequence[bytes]) -> AsyncIterator[Sequence[bytes]]:
    yield handles
