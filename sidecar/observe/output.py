"""One thread that writes lines, so that a stalled terminal, pipe or disk never stops the loop.

Whoever has lines puts them here and goes on. What the output does not take in time is dropped and
counted: traffic outranks its log.
"""

import fcntl
import os
import select
import stat
import threading
from collections.abc import Callable
from queue import SimpleQueue

LIMIT = 8 << 20
"""How many bytes may wait before lines are dropped."""
PAUSE = 0.02
"""Seconds between two writes, unless somebody flushes: each time this thread wakes up, it takes the
interpreter from the loop."""


class LineWriter:
    """Writes whole lines to a descriptor, in the order in which they came."""

    def __init__(
        self,
        fd: int,
        *,
        lock_fd: int | None = None,
        dropped: Callable[[int], None] = lambda _lines: None,
        limit: int = LIMIT,
    ) -> None:
        """lock_fd: a file that all processes which share `fd` lock while they write; a pipe would
        else tear lines longer than PIPE_BUF apart. dropped: told how many lines were lost."""
        self._fd = fd
        self._lock_fd = lock_fd if _may_tear(fd) else None
        self._dropped = dropped
        self._limit = limit
        self._queue: SimpleQueue[tuple[bytes, int] | threading.Event] = SimpleQueue()
        self._guard = threading.Lock()
        self._hurry = threading.Event()
        self._accepted = 0
        self._done = 0
        threading.Thread(target=self._run, name="lines", daemon=True).start()

    def on_drop(self, dropped: Callable[[int], None]) -> None:
        """Tell this one of lost lines from now on."""
        self._dropped = dropped

    def put(self, data: bytes, lines: int = 1) -> None:
        """Hand over `data`, which ends with a newline. Never waits."""
        with self._guard:
            fits = self._accepted - self._done + len(data) <= self._limit
            if fits:
                self._accepted += len(data)
        if fits:
            self._queue.put((data, lines))
        else:
            self._dropped(lines)

    def flush(self, timeout: float = 2.0) -> bool:
        """Wait until all that was put before is written; say whether it was."""
        written = threading.Event()
        self._queue.put(written)
        self._hurry.set()
        return written.wait(timeout)

    def _run(self) -> None:
        while True:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            chunks = [item for item in batch if isinstance(item, tuple)]
            if chunks:
                self._write(b"".join(data for data, _ in chunks), sum(n for _, n in chunks))
            for item in batch:
                if isinstance(item, threading.Event):
                    item.set()
            if self._hurry.wait(PAUSE):
                self._hurry.clear()

    def _write(self, data: bytes, lines: int) -> None:
        try:
            if self._lock_fd is None:
                self._write_all(data)
                return
            fcntl.lockf(self._lock_fd, fcntl.LOCK_EX)
            try:
                self._write_all(data)
            finally:
                fcntl.lockf(self._lock_fd, fcntl.LOCK_UN)
        except OSError:  # the reader is gone, or the disk is full
            self._dropped(lines)
        finally:
            self._done += len(data)

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                room = select.poll()  # unlike select(), for descriptors above 1023 too
                room.register(self._fd, select.POLLOUT)
                room.poll()


def _may_tear(fd: int) -> bool:
    mode = os.fstat(fd).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
