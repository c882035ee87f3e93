"""The tag that is put into pages, and what the script behind it must be allowed to do."""

from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from typing import Literal, NamedTuple

TRUSTED_TYPES_POLICY = "session-sidecar"
"""The name under which the script makes the address of its worker trusted, where a page asks so."""


class Needs(NamedTuple):
    """Addresses that a page's Content-Security-Policy must let through: of the script itself, of
    what it connects to, and of its worker."""

    script: tuple[str, ...]
    connect: tuple[str, ...]
    worker: tuple[str, ...]


@dataclass(frozen=True)
class LiveScript:
    """mount: the path below which it lives. reauth: what it does when the session has ended.

    mark: tells pages with this tag from those with another, or with none.
    """

    mount: str
    reauth: Literal["redirect", "overlay"] = "redirect"
    mark: bytes = field(init=False)

    def __post_init__(self) -> None:
        digest = sha256(self.tag(None).encode()).hexdigest()[:12]
        object.__setattr__(self, "mark", digest.encode("ascii"))

    def tag(self, nonce: str | None) -> str:
        """Return the tag. nonce: by which the page's policy lets scripts run, if it does."""
        mount = escape(self.mount)
        with_nonce = "" if nonce is None else f' nonce="{escape(nonce)}"'
        return (
            f'<script src="{mount}/live.js" async{with_nonce}'
            f' data-sidecar-mount="{mount}" data-reauth="{self.reauth}"></script>'
        )

    def needs(self, origins: tuple[str, ...]) -> Needs:
        """Return what it needs on pages of these origins (`https://host:port`)."""
        paths = ["/api/session"]
        if self.reauth == "overlay":
            paths.append("/login")
        connect = []
        for origin in origins:
            connect.append(f"{_socket_origin(origin)}{self.mount}/live")
            connect += [f"{origin}{self.mount}{path}" for path in paths]
        return Needs(
            script=tuple(f"{origin}{self.mount}/live.js" for origin in origins),
            connect=tuple(connect),
            worker=tuple(f"{origin}{self.mount}/live-worker.js" for origin in origins),
        )


def _socket_origin(origin: str) -> str:
    return "ws" + origin.removeprefix("http")
