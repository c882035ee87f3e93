"""A lock on a file between processes of one machine; the system frees it when its holder dies."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

_PAUSE = 0.05
_FOR_LONG = "for long"


class FileLock:
    """One may take it alone, or several may share it. The file holds the pid of who took it, and
    whether for long: then nobody waits for it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, patience: float, *, for_long: bool = False) -> bool:
        """Take the lock alone; say whether that came about within `patience` seconds.

        for_long: others need not wait, until `leave_soon`. Who finds it held for long gives up at
        the second look in a row: at the first, the word may be of a holder that was killed.
        """
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        begun = time.monotonic()
        before = ""
        while not _try(file, fcntl.LOCK_EX):
            word = self._word()
            stays = word == before and word.endswith(_FOR_LONG)
            if stays or time.monotonic() - begun >= patience:
                os.close(file)
                return False
            before = word
            time.sleep(_PAUSE)
        _write(file, f"{os.getpid()} {_FOR_LONG}" if for_long else f"{os.getpid()}")
        self._file = file
        return True

    def leave_soon(self) -> None:
        """Let others wait for the lock again, which this holder has for long."""
        if self._file is not None:
            _write(self._file, str(os.getpid()))

    def share(self) -> bool:
        """Share the lock, unless it is taken."""
        with suppress(OSError):
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if _try(file, fcntl.LOCK_SH):
                self._file = file
                return True
            os.close(file)
        return False

    def is_taken(self) -> bool:
        """Say whether another holder has it now."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return not _try(file, fcntl.LOCK_SH)
        finally:
            os.close(file)

    def give_back(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            # Said aloud, because a forked child may still have the file open.
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)

    @property
    def holder(self) -> str:
        """The pid of who took it last; empty when that is not known."""
        return self._word().partition(" ")[0]

    def _word(self) -> str:
        try:
            return self._path.read_text().strip()
        except OSError:
            return ""


def _write(file: int, word: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, f"{word}\n".encode(), 0)


def _try(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
