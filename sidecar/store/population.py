"""Which sessions are live now, by class: how many, and which index entries are to be passed over.

A session that is over a limit stays in the indexes until it is swept. Until then it lies below a
mark in one of the two indexes of its class: those few are read before every list, and left out of
it and of its total.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.core.session import Kind
from sidecar.store import scripts
from sidecar.store.codec import dump, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.keys import CLASSES
from sidecar.store.seek import Key, Range

_MOST_AT_ONCE = 250


class _Marks(NamedTuple):
    """At and below its mark, a score in the index by creation or by activity is over a limit."""

    session_class: str
    created: int
    active: int


class _Found(NamedTuple):
    """What a survey says of a class. old, unused: how many are below the two marks; aged, idle:
    these, with their score in the other index."""

    session_class: str
    size: int
    old: int
    aged: dict[bytes, int]
    unused: int
    idle: dict[bytes, int]

    def is_cut(self, skipped: int) -> bool:
        """Say whether there are more than were read."""
        return max(self.old, self.unused) > skipped + _MOST_AT_ONCE


@dataclass(frozen=True, slots=True)
class Part:
    """The sessions of one class in one partition: what is above the mark in each index, and how
    many of these are live. dead: the handles of all that are over a limit."""

    created: Range
    active: Range
    live: int
    dead: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Population:
    """parts: only classes that there are. dead: of all parts."""

    parts: Sequence[Part]
    dead: frozenset[bytes]

    def of_kind(self, kind: Kind | None) -> Sequence[Part]:
        return [part for part in self.parts if kind in (None, kind_of(part.created.session_class))]

    def live(self, kind: Kind | None = None) -> int:
        return sum(part.live for part in self.of_kind(kind))


class Populations:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy], clock: Clock) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._clock = clock

    async def counts(self) -> Mapping[Kind, int]:
        """Return how many of each kind are live. Costs little however many are dead, unless many
        are so for both reasons."""
        marks = self._marks()
        found = await asyncio.gather(
            *(self._count(partition, marks) for partition in range(self._keys.partitions))
        )
        live = dict.fromkeys(Kind, 0)
        for name, count in (item for part in found for item in part.items()):
            live[kind_of(name)] += max(count, 0)
        return live

    async def now(self) -> Population:
        """Return who is live at this instant of the store's clock."""
        marks = self._marks()
        parts = await asyncio.gather(
            *(self._survey(partition, marks) for partition in range(self._keys.partitions))
        )
        flat = [part for found in parts for part in found]
        return Population(flat, frozenset().union(*(part.dead for part in flat)))

    def _marks(self) -> Sequence[_Marks]:
        instant, policy = to_ms(self._clock.now()), self._policy()
        marks = []
        for name, (role, _) in CLASSES.items():
            limits = policy.limits_for(role)
            lifetime, idle = span_ms(limits.absolute_lifetime), span_ms(limits.idle_timeout)
            marks.append(_Marks(name, instant - lifetime, instant - idle))
        return marks

    async def _count(self, partition: int, marks: Sequence[_Marks]) -> dict[str, int]:
        """Return how many of each class are live; those that are dead twice are dead once."""
        live: dict[str, int] = {}
        left, skip = marks, 0
        while left:
            answer = await self._ask(scripts.COUNT_LIVE, partition, skip, left)
            more = set()
            for word, size, old, idle, both in answer:
                name = word.decode()
                live[name] = live.get(name, size - old - idle) + both
                if min(old, idle) > skip + _MOST_AT_ONCE:
                    more.add(name)
            left = [each for each in left if each.session_class in more]
            skip += _MOST_AT_ONCE
        return live

    async def _survey(self, partition: int, marks: Sequence[_Marks]) -> list[Part]:
        found = await self._read(partition, 0, marks)
        of_class = {each.session_class: each for each in marks}
        more, skip = [each for each in found if each.is_cut(0)], 0
        while more:
            skip += _MOST_AT_ONCE
            rest = {
                each.session_class: each
                for each in await self._read(
                    partition, skip, [of_class[each.session_class] for each in more]
                )
            }
            for each in more:
                if each.session_class in rest:
                    each.aged.update(rest[each.session_class].aged)
                    each.idle.update(rest[each.session_class].idle)
            more = [each for each in more if each.is_cut(skip)]
        return [self._part(partition, each, of_class[each.session_class]) for each in found]

    async def _read(self, partition: int, skip: int, marks: Sequence[_Marks]) -> list[_Found]:
        return [_found(item) for item in await self._ask(scripts.SURVEY, partition, skip, marks)]

    async def _ask(
        self, script: scripts.Script, partition: int, skip: int, marks: Sequence[_Marks]
    ) -> list[Any]:
        words = (self._keys.base(partition), dump([skip, _MOST_AT_ONCE, *marks]))
        found: list[Any] = await self._database.run_on(
            script, [self._keys.names(partition)], *words
        )
        return found

    def _part(self, partition: int, found: _Found, marks: _Marks) -> Part:
        name = found.session_class
        return Part(
            created=Range(
                partition,
                self._keys.created(partition, name),
                marks.created,
                session_class=name,
                length=found.size - found.old,
                dead=_above(found.idle, marks.created),
            ),
            active=Range(
                partition,
                self._keys.active(partition, name),
                marks.active,
                session_class=name,
                length=found.size - found.unused,
                dead=_above(found.aged, marks.active),
            ),
            live=max(found.size - len(found.aged.keys() | found.idle.keys()), 0),
            dead=frozenset(found.aged.keys() | found.idle.keys()),
        )


def kind_of(session_class: str) -> Kind:
    return CLASSES[session_class][1]


def _found(item: list[Any]) -> _Found:
    name, size, old, aged, unused, idle = item
    return _Found(name.decode(), size, old, _scored(aged), unused, _scored(idle))


def _scored(flat: list[bytes]) -> dict[bytes, int]:
    """Return scores in the other index; what is not there has none, and is below every mark."""
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return {handle: int(score) if score else -1 for handle, score in pairs}


def _above(scores: Mapping[bytes, int], mark: int) -> tuple[Key, ...]:
    return tuple(sorted((score, handle) for handle, score in scores.items() if score > mark))
