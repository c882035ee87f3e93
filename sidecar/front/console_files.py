"""`GET {mount}/assets/{digest}/console/…`, `…/vendor/…`, `…/locales/…`: the files of the console,
of the account page and of the element that any page may show.

They name each other by relative paths, so all of them stand under one digest of the whole tree and
browsers keep them for ever. Only their names and hashes are kept in memory; the bytes are read when
they are asked for, which is once for each browser and version.
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

FOLDERS = ("account", "console", "locales", "shared", "vendor", "widgets")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
}
_WORTH_PACKING = 1024


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """body: as it goes out, packed by gzip if `packed`. current: it is still what the digest of the
    tree was made of; an upgrade beneath a running process changes that."""

    body: bytes
    media_type: str
    packed: bool
    current: bool


class ConsoleFiles:
    """The tree as it was when this was made. digest: 64 bits of a SHA-256, in hexadecimal."""

    def __init__(self, ui: Traversable) -> None:
        self._ui = ui
        self._hashes: Mapping[str, bytes] = {
            name: hashlib.sha256(one.read_bytes()).digest() for name, one in sorted(_walk(ui))
        }
        whole = hashlib.sha256()
        for name, digest in self._hashes.items():
            whole.update(name.encode() + b"\0" + digest)
        self.digest = whole.hexdigest()[:16]

    @property
    def names(self) -> Sequence[str]:
        """All of them, such as `console/pages/users.js`, in a stable order."""
        return tuple(self._hashes)

    def read(self, name: str, *, packed: bool = False) -> ConsoleFile | None:
        """Read one from the disk, or None when there is no such file. packed: gzip will do."""
        known = self._hashes.get(name)
        if known is None:
            return None
        body = self._ui.joinpath(*name.split("/")).read_bytes()
        current = hashlib.sha256(body).digest() == known
        packed = packed and len(body) > _WORTH_PACKING
        if packed:
            body = gzip.compress(body, 6, mtime=0)
        return ConsoleFile(body, _TYPES[PurePosixPath(name).suffix], packed, current)


def _walk(ui: Traversable) -> Iterator[tuple[str, Traversable]]:
    """Yield what browsers may load, with its name. The licences are for people."""
    waiting = [(name, ui / name) for name in FOLDERS]
    while waiting:
        name, one = waiting.pop()
        if one.is_dir():
            waiting += [(f"{name}/{inner.name}", inner) for inner in one.iterdir()]
        elif PurePosixPath(name).suffix in _TYPES:
            yield name, one
