"""Where something listens or is reached: a TCP address or a Unix socket, and the upstream's URL."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Literal
from urllib.parse import urlsplit

_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_LONGEST_SOCKET_PATH = 107
"""Bytes that fit in `sockaddr_un.sun_path` on Linux, less the final NUL (unix(7))."""

ADDRESS_FORMS = '"host:port", "[v6]:port" or "unix:/path"'
UPSTREAM_FORMS = '"http://host:port", "https://host:port" or "unix:/path"'


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """host: a name, an IPv4 or an IPv6 address, the last without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


Address = TcpAddress | UnixAddress


@dataclass(frozen=True, slots=True)
class Upstream:
    """The application that we protect. A Unix socket speaks plain HTTP."""

    scheme: Literal["http", "https"]
    address: Address

    @property
    def authority(self) -> str:
        """What `Host` says when the client's own is not preserved; no port where it is usual."""
        if isinstance(self.address, UnixAddress):
            return "localhost"
        if self.address.port == _USUAL_PORTS[self.scheme]:
            return str(self.address).rpartition(":")[0]
        return str(self.address)

    def __str__(self) -> str:
        if isinstance(self.address, UnixAddress):
            return str(self.address)
        return f"{self.scheme}://{self.authority}"


_USUAL_PORTS = {"http": 80, "https": 443}


def read_address(text: str) -> Address:
    """Return the address to listen on; port 0 lets the system choose. Raises ValueError."""
    if text.startswith("unix:"):
        return _unix(text)
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"must be {ADDRESS_FORMS}, not {text!r}")
    if host.startswith("[") and host.endswith("]") and _is_v6(host[1:-1]):
        return TcpAddress(host[1:-1], int(port))
    if _NAME.fullmatch(host):
        return TcpAddress(host, int(port))
    raise ValueError(f"must be {ADDRESS_FORMS}, not {text!r}")


def read_upstream(text: str) -> Upstream:
    """Return where the application is. Raises ValueError, which never repeats a password."""
    if text.startswith("unix:"):
        return Upstream("http", _unix(text))
    scheme, address = read_origin(text, UPSTREAM_FORMS)
    return Upstream(scheme, address)


def read_origin(text: str, forms: str) -> tuple[Literal["http", "https"], TcpAddress]:
    """Return scheme and address of a URL that is nothing but an origin. Raises ValueError.

    forms: the accepted ones, for the message. The text is not repeated in it: it may hold a
    password.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"must be {forms}") from None
    if parts.scheme not in _USUAL_PORTS or not (_NAME.fullmatch(host) or _is_v6(host)):
        raise ValueError(f"must be {forms}")
    if "@" in parts.netloc or parts.path not in ("", "/") or "?" in text or "#" in text:
        raise ValueError(f"must be {forms}, without path, query, name or password")
    if port == 0:
        raise ValueError("cannot have port 0")
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    return scheme, TcpAddress(host, port or _USUAL_PORTS[scheme])


def _unix(text: str) -> UnixAddress:
    path = text.removeprefix("unix:")
    if path.startswith("///"):
        path = path[2:]
    if not path.startswith("/") or path.startswith("//") or "\0" in path:
        raise ValueError(f'must name the socket by its full path, as "unix:/path", not {text!r}')
    if len(path.encode()) > _LONGEST_SOCKET_PATH:
        raise ValueError(f"is longer than the {_LONGEST_SOCKET_PATH} bytes of a socket's path")
    return UnixAddress(path)


def _is_v6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True
