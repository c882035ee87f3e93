"""Sinks of JSON lines: standard output, and a file that is turned over by size."""

import asyncio
import os
import select
from collections.abc import Callable, Sequence
from pathlib import Path

from sidecar.core.audit import AuditEntry
from sidecar.core.audit_sinks import SinkDown

Line = Callable[[AuditEntry], bytes]
"""Returns an entry as one line, its end included."""

_AT_ONCE = 4096
"""What a pipe that says that it is writable takes without a wait (pipe(7): PIPE_BUF)."""
_PATIENCE = 5.0
_TAIL = 1 << 16


class StreamSink:
    """Writes to an open descriptor, such as standard output. line: how an entry is written."""

    settles_after = 0.0

    def __init__(self, descriptor: int, line: Line, patience: float = _PATIENCE) -> None:
        self._descriptor = descriptor
        self._line = line
        self._patience = int(patience * 1000)
        self._torn = False

    async def write(self, entries: Sequence[AuditEntry]) -> None:
        await asyncio.to_thread(self._write, b"".join(map(self._line, entries)))

    def stands(self) -> bool:
        return True

    async def close(self) -> None:
        """Whose it is closes it."""

    def _write(self, data: bytes) -> None:
        left = memoryview(b"\n" + data if self._torn else data)
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLOUT)
        while left:
            if not waiting.poll(self._patience):
                raise SinkDown("nobody reads")
            try:
                written = os.write(self._descriptor, left[:_AT_ONCE])
            except OSError as error:
                raise SinkDown((error.strerror or "unwritable").lower()) from error
            self._torn = left[written - 1] != ord("\n")
            left = left[written:]


class FileSink:
    """Adds to a file. One that would be larger than `max_size` becomes `name.1`, that one `name.2`,
    and so on; of those `keep` stay. What was written is on the disk before it counts."""

    settles_after = 0.0

    def __init__(self, path: Path, line: Line, max_size: int, keep: int) -> None:
        self._path = path
        self._line = line
        self._max_size = max_size
        self._keep = keep
        self._file: int | None = None

    async def write(self, entries: Sequence[AuditEntry]) -> None:
        try:
            await asyncio.to_thread(self._write, [self._line(entry) for entry in entries])
        except OSError as error:
            self._close()
            raise SinkDown((error.strerror or "unwritable").lower()) from error

    def stands(self) -> bool:
        return True

    async def close(self) -> None:
        self._close()

    def _write(self, lines: Sequence[bytes]) -> None:
        file, size = self._open()
        pending: list[bytes] = []
        for line in lines:
            if size and size + len(line) > self._max_size:
                self._put(file, pending)
                pending = []
                self._turn_over()
                file, size = self._open()
            pending.append(line)
            size += len(line)
        self._put(file, pending)

    def _put(self, file: int, lines: Sequence[bytes]) -> None:
        left = memoryview(b"".join(lines))
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)

    def _open(self) -> tuple[int, int]:
        """Return the file and its size. One that somebody moved away is made anew."""
        if self._file is not None and self._is_elsewhere(self._file):
            self._close()
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            self._cut_torn_line(self._file)
            self._keep_name()
        return self._file, os.fstat(self._file).st_size

    def _is_elsewhere(self, file: int) -> bool:
        ours = os.fstat(file)
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return True
        return (ours.st_dev, ours.st_ino) != (there.st_dev, there.st_ino)

    def _cut_torn_line(self, file: int) -> None:
        """A crash left half a line: its entry was not noted as taken, and comes again."""
        size = os.fstat(file).st_size
        tail = os.pread(file, _TAIL, max(size - _TAIL, 0))
        if tail and not tail.endswith(b"\n"):
            whole = tail.rfind(b"\n") + 1
            os.ftruncate(file, size - len(tail) + whole)

    def _turn_over(self) -> None:
        self._close()
        for number in range(self._keep - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))
        self._keep_name()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _keep_name(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
