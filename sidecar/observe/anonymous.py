"""Files without a name: in memory where the system can, gone with the last process that has one."""

import os
import tempfile
from pathlib import Path


def anonymous_file(purpose: str, content: bytes = b"") -> int:
    """Return the descriptor of a new file that holds `content`, to be read from its beginning.

    It is inherited only where it is passed on. purpose: what the system's tools show.
    """
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(f"sidecar-{purpose}")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    with os.fdopen(os.dup(fd), "wb") as writing:
        writing.write(content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def path_of(fd: int) -> Path:
    """Return where this process can open what is behind `fd`, for those who want a path."""
    return Path(f"/dev/fd/{fd}")
