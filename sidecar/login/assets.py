"""The files that our pages load: style, script, icon. Read once, served from memory.

The address of a file holds a hash of its bytes, so browsers may keep it for ever and still get the
new one after an upgrade.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """digest: the first 64 bits of the SHA-256, in hexadecimal."""

    body: bytes
    media_type: str
    digest: str


class Assets:
    """The files by name, and their addresses below the mount."""

    def __init__(self, mount: str, by_name: Mapping[str, Asset]) -> None:
        self._mount = mount
        self._by_name = by_name

    def get(self, name: str) -> Asset | None:
        return self._by_name.get(name)

    def url(self, name: str) -> str:
        """Return the address. A name that is no file is a mistake of ours and raises KeyError."""
        return f"{self._mount}/assets/{self._by_name[name].digest}/{name}"


def load_assets(mount: str) -> Assets:
    """Read `admin_ui/`, from the installed wheel or from the checkout."""
    found = {}
    for one in ui_folder().iterdir():
        media_type = _TYPES.get(Path(one.name).suffix)
        if media_type is not None and one.is_file():
            body = one.read_bytes()
            found[one.name] = Asset(body, media_type, hashlib.sha256(body).hexdigest()[:16])
    return Assets(mount, found)


def ui_folder() -> Traversable:
    """Return where `admin_ui/` is. Raises FileNotFoundError naming both places."""
    installed = files("sidecar") / "data" / "admin_ui"
    checkout = Path(__file__).parents[2] / "admin_ui"
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no admin_ui at {installed} nor at {checkout}")
