"""Where audit entries go besides the store, and how that is written in the settings.

stdout                     one JSON object on each line
file:/var/log/audit.jsonl  the same; turned over by size
syslog+tcp://host:601      RFC 5424, each message with its length before it (RFC 6587)
syslog+tls://host:6514     the same over TLS (RFC 5425)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sidecar.core.address import TcpAddress, read_address
from sidecar.core.audit import AuditEntry

FORMS = '"stdout", "file:/full/path", "syslog+tcp://host:601" or "syslog+tls://host:6514"'
_PORTS = {"syslog+tcp": 601, "syslog+tls": 6514}


@dataclass(frozen=True, slots=True)
class SinkAddress:
    """text: as it is written in the settings, which also names the sink in the store. path: of a
    file; host: of a receiver of syslog."""

    text: str
    form: Literal["stdout", "file", "syslog"]
    path: str | None = None
    host: TcpAddress | None = None
    tls: bool = False

    def __str__(self) -> str:
        return self.text


def read_sink(text: str) -> SinkAddress:
    """Return the sink that is meant. Raises ValueError."""
    if text == "stdout":
        return SinkAddress(text, "stdout")
    if text.startswith("file:"):
        return SinkAddress(text, "file", path=_path(text.removeprefix("file:")))
    scheme, colon, rest = text.partition("://")
    if colon and scheme in _PORTS:
        return SinkAddress(text, "syslog", host=_host(rest, scheme), tls=scheme == "syslog+tls")
    raise ValueError(f"must hold {FORMS}, not {text!r}")


def _path(path: str) -> str:
    text = f"file:{path}"
    if not path.startswith("/") or path.endswith("/") or not path.isprintable() or "," in path:
        raise ValueError(f'must name the file by its full path, as "file:/path", not {text!r}')
    return path


def _host(text: str, scheme: str) -> TcpAddress:
    has_port = text.endswith("]") is False and text.rpartition(":")[2].isdigit() and ":" in text
    try:
        address = read_address(text if has_port else f"{text}:{_PORTS[scheme]}")
    except ValueError:
        address = None
    if not isinstance(address, TcpAddress) or address.port == 0:
        raise ValueError(f"must hold {FORMS}: no host and port in {text!r}")
    return address


class SinkDown(Exception):
    """The sink does not take anything now. `str` is a word or two for the log."""


class Sink(Protocol):
    """settles_after: seconds until it is known that what was written is not lost with the other
    side's next crash."""

    @property
    def settles_after(self) -> float: ...

    async def write(self, entries: Sequence[AuditEntry]) -> None:
        """Write all of them, in order, so that they stay. Raises SinkDown; then some of them may
        have been written."""
        ...

    def stands(self) -> bool:
        """Say whether nothing has been lost since the last write, as far as is known."""
        ...

    async def close(self) -> None: ...


class SinkPlace(Protocol):
    """How far a sink is, for all replicas. Every method raises StoreUnavailable."""

    async def hold(self) -> bool:
        """Take the sink, or keep it; say whether it is ours."""
        ...

    async def give_back(self) -> None: ...

    async def positions(self) -> list[str]:
        """Return where to go on: for each partition behind the last entry that it has."""
        ...

    async def note(self, positions: Sequence[str]) -> None: ...


class AuditFeed(Protocol):
    """The audit log forwards. Raises StoreUnavailable."""

    async def after(self, positions: list[str]) -> Sequence[AuditEntry]:
        """Return entries behind the positions, the oldest first, and move the positions on."""
        ...
