"""Sorted sets of several partitions and classes, read as one list from any place in it.

Each range is in order by itself. What they are together is merged here: of each as much is read as
the page needs, and a range is read on only when the others wait for it. `seek.py` says where in
each to begin.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sidecar.store import scripts
from sidecar.store.codec import dump
from sidecar.store.database import Database
from sidecar.store.lexical import split_members
from sidecar.store.seek import Key, Range, beginning, places

_MOST_AT_ONCE = 200
_FEW = 500


class Entry(NamedTuple):
    """A member of an index. Compares as its key does."""

    value: int | bytes
    handle: bytes
    session_class: str

    @property
    def key(self) -> Key:
        return (self.value, self.handle)


@dataclass(slots=True)
class _Reader:
    """How far a range has been read."""

    source: Range
    next: int = 0
    done: bool = False
    waiting: list[Entry] = field(default_factory=list)


class Ranges:
    """Reads ranges. Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def merged(
        self, sources: Sequence[Range], offset: int, expected: int, *, descending: bool
    ) -> AsyncIterator[list[Entry]]:
        """Yield entries in order, from the `offset`th that is not dead; none that is dead.

        expected: how many the caller will probably take.
        """
        starts, skip = await self._seek(sources, offset, descending)
        readers = [_Reader(source, start) for source, start in zip(sources, starts, strict=True)]
        dead = {handle for source in sources for _, handle in source.dead}
        while readers:
            await self._fill(readers, expected + skip, descending)
            found = [entry for entry in _emitted(readers, descending) if entry.handle not in dead]
            if skip < len(found):
                yield found[skip:]
            skip = max(0, skip - len(found))
            readers = [reader for reader in readers if reader.waiting or not reader.done]

    async def all(self, sources: Sequence[Range]) -> AsyncIterator[list[Entry]]:
        """Yield every entry of ranges of scores that is not dead, in no order, and once at least.

        Not by places, which move up when something before them ends: ZSCAN misses nothing that is
        there all the time.
        """
        for source in sources:
            dead = {handle for _, handle in source.dead}
            cursor, lower = -1, int(source.lower)
            while cursor:
                words = (source.name, max(cursor, 0), "COUNT", _MOST_AT_ONCE)
                cursor, found = await self._database.command("ZSCAN", *words)
                yield [
                    Entry(int(score) + source.shift, handle, source.session_class)
                    for handle, score in found
                    if score > lower and handle not in dead
                ]

    async def _fill(self, readers: Sequence[_Reader], expected: int, descending: bool) -> None:
        """Read on where nothing waits, in proportion to what is left."""
        total = sum(max(reader.source.length, 1) for reader in readers)
        asks = []
        for reader in readers:
            if not reader.waiting and not reader.done:
                share = 8 + expected * reader.source.length * 5 // (4 * total)
                asks.append((reader, min(share, _MOST_AT_ONCE)))
        found = await self.read(
            [(reader.source, [(reader.next, count)]) for reader, count in asks], descending
        )
        for (reader, count), (entries,) in zip(asks, found, strict=True):
            reader.waiting = entries
            reader.next += count
            reader.done = len(entries) < count

    async def _seek(
        self, sources: Sequence[Range], offset: int, descending: bool
    ) -> tuple[list[int], int]:
        """Return where to begin in each range, and how many to pass over from there."""
        if len(sources) == 1 and not sources[0].dead:
            return [offset], 0
        if offset < _FEW or not sources:
            return [0] * len(sources), offset
        wanted = places(sources, offset)
        found = await self.read(
            [
                (source, [(place, 1) for place in part])
                for source, part in zip(sources, wanted, strict=True)
            ],
            descending,
        )
        samples = [
            [(place, span[0].key) for place, span in zip(part, spans, strict=True) if span]
            for part, spans in zip(wanted, found, strict=True)
        ]
        return beginning(sources, samples, offset, descending)

    async def read(
        self, asks: Sequence[tuple[Range, Sequence[tuple[int, int]]]], descending: bool
    ) -> list[list[list[Entry]]]:
        """Return for each range its spans {start, count}, with one script for each partition."""
        parts: dict[int, list[int]] = {}
        for position, (source, _) in enumerate(asks):
            parts.setdefault(source.partition, []).append(position)

        async def read_one(positions: list[int]) -> list[list[list[Entry]]]:
            words = [
                [source.name, source.lower, source.upper, descending, *spans]
                for source, spans in (asks[position] for position in positions)
            ]
            key = asks[positions[0]][0].name
            spans = iter(await self._database.run_on(scripts.RANGES, [key], dump(words)))
            return [
                [_entries(asks[position][0], next(spans), descending) for _ in asks[position][1]]
                for position in positions
            ]

        answers = await asyncio.gather(*map(read_one, parts.values()))
        found: list[list[list[Entry]]] = [[] for _ in asks]
        for positions, answer in zip(parts.values(), answers, strict=True):
            for position, spans in zip(positions, answer, strict=True):
                found[position] = spans
        return found


def _entries(source: Range, answer: list[bytes], descending: bool) -> list[Entry]:
    if source.upper:
        entries = [Entry(*parts) for parts in split_members(answer)]
    else:
        shift, its_class = source.shift, source.session_class
        entries = [
            Entry(int(score) + shift, member, its_class)
            for member, score in zip(answer[::2], answer[1::2], strict=True)
        ]
    return entries[::-1] if descending else entries


def _emitted(readers: Sequence[_Reader], descending: bool) -> list[Entry]:
    """Take what certainly comes before all that has not been read."""
    ends = [reader.waiting[-1] for reader in readers if not reader.done and reader.waiting]
    emitted: list[Entry] = []
    for reader in readers:
        waiting = reader.waiting
        if not ends:
            taken = len(waiting)
        elif descending:
            bound = max(ends)
            taken = sum(entry >= bound for entry in waiting)
        else:
            bound = min(ends)
            taken = sum(entry <= bound for entry in waiting)
        emitted += waiting[:taken]
        reader.waiting = waiting[taken:]
    return sorted(emitted, reverse=descending)
