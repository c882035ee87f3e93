"""Giving way: long work beside the requests of a worker, a piece at a time.

A worker does everything in one loop. Whoever has many of something to go through does it in short
pieces and gives way between them, so that no request waits for more than about one piece.
"""

from collections.abc import AsyncIterator, Generator, Sequence
from types import coroutine
from typing import TypeVar

_TURNS = 3
"""A request on its way through takes about so many turns of the loop."""

_T = TypeVar("_T")


@coroutine
def _turn() -> Generator[None, None, None]:
    """Wait for nothing: whatever loop this runs in goes on with it at its next turn."""
    yield


async def give_way() -> None:
    """Let everything that is ready go first, and what comes of it."""
    for _ in range(_TURNS):
        await _turn()


async def pieces(items: Sequence[_T], size: int) -> AsyncIterator[Sequence[_T]]:
    """Yield the items by so many, in order, and give way between."""
    for start in range(0, len(items), size):
        if start:
            await give_way()
        yield items[start : start + size]
