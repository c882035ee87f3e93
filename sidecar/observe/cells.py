"""Numbers that one process writes and another reads: one slot of doubles per process.

A slot is shared memory without a name. The supervisor makes it and hands the file descriptor to
the worker, so that a replaced worker goes on counting where the dead one stopped, and nothing is
left on disk whatever happens. Each cell has exactly one writer and a store of eight aligned bytes
is never seen by halves, so there are no locks.
"""

import mmap
import os
from typing import TypeAlias
from weakref import finalize

from sidecar.observe.anonymous import anonymous_file

View: TypeAlias = "memoryview[float]"
Words: TypeAlias = "memoryview[int]"
_BYTES_PER_CELL = 8


class Cells:
    """One slot. `view` is what the hot path writes to: `view[index] += 1.0`. `words` are the same
    cells as whole numbers of 64 bits, for what is not a number."""

    __slots__ = ("__weakref__", "_close", "_map", "fd", "view", "words")

    def __init__(self, fd: int, count: int) -> None:
        """Map `count` cells of the file behind `fd`, which this object then owns: it is closed
        when nobody has the slot any more."""
        self.fd = fd
        self._close = finalize(self, os.close, fd)
        self._map = mmap.mmap(fd, count * _BYTES_PER_CELL)
        self.view: View = memoryview(self._map).cast("d")
        self.words: Words = memoryview(self._map).cast("Q")

    @classmethod
    def create(cls, count: int) -> "Cells":
        """Return a new slot, all zero. Its descriptor is inherited only where it is passed on."""
        fd = anonymous_file("cells")
        os.ftruncate(fd, count * _BYTES_PER_CELL)
        return cls(fd, count)

    def close(self) -> None:
        self.view.release()
        self.words.release()
        self._map.close()
        self._close()
