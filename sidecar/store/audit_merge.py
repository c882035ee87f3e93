"""Pieces of several streams as one list, the newest first, for as long as the read may take.

An entry may be given out once no stream could still have a newer one: each stream that has to be
read on holds back what is older than where it stands. When the rounds are used up, what was given
out is complete down to that point, and the next page begins there.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from sidecar.store.audit_pieces import Piece
from sidecar.store.streams import Item, StreamId

_MOST_ROUNDS = 20


class Reader(Protocol):
    @property
    def partition(self) -> int: ...

    async def piece(self, at: StreamId | None, limit: int) -> Piece: ...


class Source:
    """One stream: what was read of it and not given out yet, and where to go on."""

    def __init__(self, reader: Reader, at: StreamId | None = None) -> None:
        self._reader = reader
        self._at = at
        self._ended = False
        self.items: deque[Item] = deque()

    @property
    def partition(self) -> int:
        return self._reader.partition

    @property
    def is_hungry(self) -> bool:
        """Say whether it must be read on before it is known what comes next."""
        return not self.items and not self._ended

    @property
    def rest(self) -> StreamId | None:
        """Return where its reader stands; None: before the newest, or behind the oldest."""
        return self._at

    @property
    def begins(self) -> StreamId | None:
        """Return the entry, or the position, at which another read would have to go on."""
        if self.items:
            return self.items[0][0]
        return None if self._ended else self._at

    async def read_on(self, limit: int) -> None:
        piece = await self._reader.piece(self._at, limit)
        self.items.extend(piece.items)
        self._at = piece.rest
        self._ended = piece.rest is None


async def merge(sources: Sequence[Source], limit: int) -> tuple[list[Item], StreamId | None]:
    """Return up to `limit` items, and how far down they are complete; None: to the end, or as far
    as the last of them if there are so many."""
    given: list[Item] = []
    hungry = [source for source in sources if source.is_hungry]
    for _ in range(_MOST_ROUNDS):
        await asyncio.gather(*(source.read_on(limit) for source in hungry))
        _give(sources, limit, given)
        hungry = [source for source in sources if source.is_hungry]
        if len(given) == limit or not hungry:
            return given, None
    return given, max(source.rest for source in hungry if source.rest is not None)


def _give(sources: Sequence[Source], limit: int, given: list[Item]) -> None:
    held_back = max((s.rest for s in sources if s.is_hungry and s.rest), default=None)
    while len(given) < limit:
        full = [source for source in sources if source.items]
        if not full:
            return
        newest = max(full, key=lambda source: source.items[0][0])
        if held_back is not None and newest.items[0][0] < held_back:
            return
        given.append(newest.items.popleft())
        if newest.is_hungry and newest.rest is not None:
            held_back = max(newest.rest, held_back) if held_back is not None else newest.rest
