"""The first few of very many, without the loop being held while all are gone through."""

from collections.abc import Sequence
from typing import TypeVar

from sidecar.core.turns import pieces
from sidecar.store.ranges import Entry
from sidecar.store.seek import Key

_AT_ONCE = 1000

_T = TypeVar("_T", int, Key, Entry)


async def best(items: Sequence[_T], count: int, *, descending: bool) -> list[_T]:
    """Return the first `count` in order."""
    found: list[_T] = []
    async for piece in pieces(items, _AT_ONCE):
        taken = list(piece)
        if len(found) >= count > 0:
            last = found[-1]
            taken = [item for item in taken if (item > last if descending else item < last)]
        if taken:
            found = sorted(found + taken, reverse=descending)[:count]
    return found
