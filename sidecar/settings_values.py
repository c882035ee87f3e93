"""How each value of the settings is read, from TOML or from the text of a variable or flag.

Every reader takes what was written and returns the typed value, or raises ValueError that says
what would be accepted. Values that may hold a password are never repeated in the message.
"""

import re
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from sidecar.core.address import (
    Address,
    TcpAddress,
    Upstream,
    read_address,
    read_origin,
    read_upstream,
)
from sidecar.core.audit_sinks import FORMS, SinkAddress, read_sink
from sidecar.core.client_ip import UNIX_PEER
from sidecar.store.redis_url import fault_behind_host, hosts_of, path_of, split_redis_url
from sidecar.values import Reads, between, optional, size, text

Peers = IPv4Network | IPv6Network | Literal["unix"]
"""Some of those who connect to us: of a network, or over a Unix socket."""

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_REDIS_FORMS: dict[str, Literal["single", "sentinel", "cluster"]] = {
    "redis": "single",
    "rediss": "single",
    "unix": "single",
    "redis+sentinel": "sentinel",
    "redis+cluster": "cluster",
}


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """Where the store is. text may hold a password and is shown nowhere; `str` hides it.

    form: how to connect; embedded means a redis-server of our own in the state folder.
    """

    text: str = field(repr=False)
    form: Literal["embedded", "single", "sentinel", "cluster"]

    def __str__(self) -> str:
        shown = self.text.partition("?")[0]
        before, at, after = shown.rpartition("@")
        return f"{before.partition('://')[0]}://***@{after}" if at else shown


def _redis_url(value: object) -> RedisUrl:
    written = text(value)
    if written == "embedded":
        return RedisUrl(written, "embedded")
    fault: str | None = None
    try:
        parts = split_redis_url(written)
        form = _REDIS_FORMS.get(parts.scheme) if "://" in written else None
        hosts = 1 if parts.scheme == "unix" and parts.path else len(hosts_of(parts, 1))
        master = path_of(parts)[0]
        fault = fault_behind_host(parts) if form else None
    except ValueError:
        form, hosts, master = None, 0, ""
    if form is None:
        raise ValueError(
            f"must be embedded or a URL that begins {'://, '.join(_REDIS_FORMS)}://, then "
            "host:port (or a path, for unix)"
        )
    if form == "single" and hosts > 1:
        raise ValueError("must be redis+sentinel:// or redis+cluster:// with several hosts")
    if form == "sentinel" and not master:
        raise ValueError("must end with the name of the master: redis+sentinel://host:port/NAME")
    if fault is not None:
        raise ValueError(fault)
    return RedisUrl(written, form)


def _public_url(value: object) -> str:
    scheme, address = read_origin(text(value), '"https://host" or "http://host:port"')
    return str(Upstream(scheme, address)).lower()


def _mount(value: object) -> str:
    path = text(value)
    if not _PATH.fullmatch(path) or not {".", ".."}.isdisjoint(path.split("/")):
        raise ValueError('must be a path such as "/_sidecar", without a slash at its end')
    return path


def _prefix(value: object) -> str:
    """Refuse what would move the place that a Redis Cluster takes for the hash tag."""
    prefix = text(value)
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("must hold letters, digits and any of . _ : - only, at most 64 of them")
    return prefix


def _file(value: object) -> Path | None:
    if isinstance(value, Path):
        return value  # it has been looked at before: see `restore_settings`
    if value == "":
        return None
    path = _path(value)
    try:
        path.stat()
    except OSError as error:
        raise ValueError(
            f"cannot read {path}: {(error.strerror or 'unreadable').lower()}"
        ) from None
    return path


def _path(value: object) -> Path:
    return value if isinstance(value, Path) else Path(text(value)).expanduser().absolute()


def _peers(value: object) -> tuple[Peers, ...]:
    items = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError('must be a list such as ["10.0.0.0/8", "fd00::/8", "unix"]')
    return tuple(_one_of_peers(item) for item in items if item != "")


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    items = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError('must be a list such as ["10.0.0.0/8", "fd00::/8"]')
    try:
        return tuple(ip_network(text(item)) for item in items if item != "")
    except ValueError as error:
        raise ValueError(f'must hold networks such as "10.0.0.0/8": {error}') from None


def _one_of_peers(value: object) -> Peers:
    if value == UNIX_PEER:
        return UNIX_PEER
    try:
        return ip_network(text(value))
    except ValueError as error:
        raise ValueError(f'must hold networks such as "10.0.0.0/8", or "unix": {error}') from None


def _sinks(value: object) -> tuple[SinkAddress, ...]:
    items = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError(f"must be a list that holds {FORMS}")
    sinks = tuple(read_sink(text(item)) for item in items if item != "")
    for number, sink in enumerate(sinks):
        if sink in sinks[:number]:
            raise ValueError(f"must name each sink once, not {str(sink)!r} twice")
    return sinks


def _collector(value: object) -> str:
    """Return where traces are taken: `/v1/traces` of a URL that has no path of its own."""
    url = text(value)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError('must be a URL such as "http://127.0.0.1:4318", without a password')
    return url if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/v1/traces"


Workers = Annotated[int, between(1, 256)]
Partitions = Annotated[int, between(1, 64)]
HeadSize = Annotated[int, Reads(partial(size, least=1 << 10, most=1 << 20))]
Listen = Annotated[Address, Reads(lambda value: read_address(text(value)))]
UpstreamUrl = Annotated[Upstream, Reads(lambda value: read_upstream(text(value)))]
PublicUrl = Annotated[str, Reads(_public_url)]
Store = Annotated[RedisUrl, Reads(_redis_url)]
Prefix = Annotated[str, Reads(_prefix)]
Mount = Annotated[str, Reads(_mount)]
OwnPath = Annotated[str | None, optional(_mount)]
ServerName = Annotated[str | None, optional(text)]
File = Annotated[Path | None, Reads(_file)]
Folder = Annotated[Path, Reads(_path)]
TrustedPeers = Annotated[tuple[Peers, ...], Reads(_peers)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], Reads(_networks)]
Collector = Annotated[str | None, optional(_collector)]
Sinks = Annotated[tuple[SinkAddress, ...], Reads(_sinks)]
FileSize = Annotated[int, Reads(partial(size, least=1 << 16, most=1 << 40))]
Kept = Annotated[int, between(1, 1000)]


def local_url(listen: Address, *, tls: bool) -> str:
    """Return the address that a browser on this machine would use for `listen`."""
    host = TcpAddress("localhost", listen.port if isinstance(listen, TcpAddress) else 0)
    scheme: Literal["http", "https"] = "https" if tls else "http"
    return str(Upstream(scheme, host)) if host.port else f"{scheme}://localhost"
