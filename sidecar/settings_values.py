"""How each value of the settings is read, from TOML or from the text of a variable or flag.

Every reader takes what was written and returns the typed value, or raises ValueError that says
what would be accepted. Values that may hold a password are never repeated in the message.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import PlainValidator

from sidecar.core.address import Address, TcpAddress, Upstream
from sidecar.core.address import read_address, read_origin, read_upstream
from sidecar.core.spans import SPAN_EXAMPLE, read_span

Network = IPv4Network | IPv6Network
_SIZE = re.compile(r"([0-9]{1,12}) ?(B|KiB|MiB|GiB)?")
_SIZES = {None: 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
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
        before, at, after = self.text.rpartition("@")
        return f"{before.partition('://')[0]}://***@{after}" if at else self.text


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text in quotes that is not empty")
    return value


def _span(value: object, *, least: timedelta) -> timedelta:
    if not isinstance(value, str):
        raise ValueError(f"must be {SPAN_EXAMPLE}")
    span = read_span(value)
    if span < least:
        raise ValueError(f"must be longer than nothing: {SPAN_EXAMPLE}")
    return span


def _whole(value: object, *, least: int, most: int) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value) else value
    if type(number) is not int or not least <= number <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return number


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value == "true" or value == "false":
        return value == "true"
    raise ValueError("must be true or false")


def _size(value: object, *, least: int, most: int) -> int:
    match = _SIZE.fullmatch(str(value)) if isinstance(value, str | int) else None
    if (
        match is None
        or isinstance(value, bool)
        or not least <= int(match[1]) * _SIZES[match[2]] <= most
    ):
        raise ValueError(f'must be a size such as "32KiB", from {least} to {most} bytes')
    return int(match[1]) * _SIZES[match[2]]


def _redis_url(value: object) -> RedisUrl:
    text = _text(value)
    if text == "embedded":
        return RedisUrl(text, "embedded")
    try:
        parts = urlsplit(text)
        reachable = bool(parts.path if parts.scheme == "unix" else parts.hostname)
    except ValueError:
        parts, reachable = urlsplit(""), False
    if parts.scheme not in _REDIS_FORMS or "://" not in text or not reachable:
        raise ValueError(f"must be embedded or a URL that begins {'://, '.join(_REDIS_FORMS)}://")
    return RedisUrl(text, _REDIS_FORMS[parts.scheme])


def _public_url(value: object) -> str:
    scheme, address = read_origin(_text(value), '"https://host" or "http://host:port"')
    return str(Upstream(scheme, address)).lower()


def _mount(value: object) -> str:
    text = _text(value)
    if not _PATH.fullmatch(text) or "." in text.split("/") or ".." in text.split("/"):
        raise ValueError('must be a path such as "/_sidecar", without a slash at its end')
    return text


def _file(value: object) -> Path | None:
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
    return value if isinstance(value, Path) else Path(_text(value)).expanduser().absolute()


def _networks(value: object) -> tuple[Network, ...]:
    items = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError('must be a list of networks such as ["10.0.0.0/8", "fd00::/8"]')
    return tuple(_network(item) for item in items if item != "")


def _network(value: object) -> Network:
    try:
        return ip_network(_text(value))
    except ValueError as error:
        raise ValueError(f'must hold networks such as "10.0.0.0/8": {error}') from None


def _no_sinks(value: object) -> tuple[str, ...]:
    if value not in ([], ""):
        raise ValueError("must be empty: this version keeps the audit log in the store only")
    return ()


def _optional(read: Callable[[object], str]) -> Callable[[object], str | None]:
    return lambda value: None if value == "" else read(value)


_MOMENT = timedelta(milliseconds=1)
Text = Annotated[str, PlainValidator(_text)]
Span = Annotated[timedelta, PlainValidator(partial(_span, least=_MOMENT))]
SpanOrNone = Annotated[timedelta, PlainValidator(partial(_span, least=timedelta()))]
Count = Annotated[int, PlainValidator(partial(_whole, least=1, most=1_000_000))]
Workers = Annotated[int, PlainValidator(partial(_whole, least=1, most=256))]
Partitions = Annotated[int, PlainValidator(partial(_whole, least=1, most=64))]
HeadSize = Annotated[int, PlainValidator(partial(_size, least=1 << 10, most=1 << 20))]
Switch = Annotated[bool, PlainValidator(_switch)]
Listen = Annotated[Address, PlainValidator(lambda value: read_address(_text(value)))]
UpstreamUrl = Annotated[Upstream, PlainValidator(lambda value: read_upstream(_text(value)))]
PublicUrl = Annotated[str, PlainValidator(_public_url)]
Store = Annotated[RedisUrl, PlainValidator(_redis_url)]
Mount = Annotated[str, PlainValidator(_mount)]
OwnPath = Annotated[str | None, PlainValidator(_optional(_mount))]
ServerName = Annotated[str | None, PlainValidator(_optional(_text))]
File = Annotated[Path | None, PlainValidator(_file)]
Folder = Annotated[Path, PlainValidator(_path)]
Networks = Annotated[tuple[Network, ...], PlainValidator(_networks)]
Sinks = Annotated[tuple[str, ...], PlainValidator(_no_sinks)]


def local_url(listen: Address, *, tls: bool) -> str:
    """Return the address that a browser on this machine would use for `listen`."""
    scheme = "https" if tls else "http"
    port = listen.port if isinstance(listen, TcpAddress) else 0
    return str(Upstream(scheme, TcpAddress("localhost", port))) if port else f"{scheme}://localhost"
