"""A lock on a file between processes of one machine; the system frees it when its holder dies."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

_PAUSE = 0.05


class FileLock:
    """One may take it alone, or several may share it. The file holds the pid of who took it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, patience: float) -> bool:
        """Take the lock alone; say whether that came about within `patience` seconds."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        begun = time.monotonic()
        while not _try(file, fcntl.LOCK_EX):
            if time.monotonic() - begun >= patience:
                os.close(file)
                return False
            time.sleep(_PAUSE)
        os.truncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file
        return True

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
        try:
            return self._path.read_text().strip()
        except OSError:
            return ""


def _try(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
