"""Taking the address that we listen on: once for all workers, and from nobody else.

Each worker gets a TCP socket of its own with SO_REUSEPORT, so that the kernel spreads connections.
That option also lets a second sidecar join in silently, so the address is first tried without it.
A Unix socket has no such option: all workers accept from one.
"""

import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from sidecar.core.address import Address, TcpAddress, UnixAddress

_MODE = 0o660
"""Of a Unix socket: its owner and group may connect."""


class AddressRefused(Exception):
    """The address cannot be listened on. `str` is one line for people."""


class Listener:
    """An address that is ours until `close`. `address` has the port that the system chose."""

    def __init__(self, address: Address) -> None:
        """Take the address. Raises AddressRefused."""
        self._held: list[socket.socket] = []
        self.address = address
        try:
            if isinstance(address, UnixAddress):
                self._held.append(_bind_unix(address.path))
            else:
                self._hold_tcp(address)
        except (OSError, UnicodeError) as error:
            self._drop()
            raise AddressRefused(_problem(address, error)) from None

    def sockets(self) -> list[socket.socket]:
        """Return bound sockets for one more worker; whoever asked closes them."""
        if isinstance(self.address, UnixAddress):
            return [held.dup() for held in self._held]
        with ExitStack() as opened:
            found = [
                opened.enter_context(_bind_tcp(held.family, held.getsockname(), shared=True))
                for held in self._held
            ]
            opened.pop_all()
        return found

    def close(self) -> None:
        """Give the address up; a Unix socket's file goes with it. May be called twice."""
        if self._held and isinstance(self.address, UnixAddress):
            with suppress(OSError):
                os.unlink(self.address.path)
        self._drop()

    def _hold_tcp(self, address: TcpAddress) -> None:
        found = _resolve(address)
        port = address.port
        for family, target in found:
            # Listening alone fails when somebody holds the port in whatever way.
            with _bind_tcp(family, (target, port), shared=False) as alone:
                alone.listen(1)
                port = alone.getsockname()[1]
            held = _bind_tcp(family, (target, port), shared=True)
            self._held.append(held)
            # From here on the port is taken, also for one who would reuse it.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        self.address = TcpAddress(address.host, port)

    def _drop(self) -> None:
        for held in self._held:
            held.close()
        self._held.clear()


def _resolve(address: TcpAddress) -> list[tuple[socket.AddressFamily, str]]:
    """Return every address that the name stands for, each once."""
    found = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys((family, str(target[0])) for family, *_, target in found))


def _bind_tcp(
    family: socket.AddressFamily | int, target: Sequence[object], *, shared: bool
) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(tuple(target))
    except OSError:
        bound.close()
        raise
    return bound


def _bind_unix(path: str) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        bound.bind(path)
        os.chmod(path, _MODE)
    except OSError:
        bound.close()
        raise
    return bound


def _remove_stale(path: str) -> None:
    """Remove the socket of a process that is no more. Raises OSError if somebody answers on it.

    A file that is no socket stays, and is in the way of the bind that follows.
    """
    if not Path(path).is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        else:
            raise FileExistsError(17, "already in use")


def _problem(address: Address, error: OSError | UnicodeError) -> str:
    if isinstance(error, socket.gaierror):
        reason = "no such host"
    elif isinstance(error, OSError) and error.strerror:
        reason = error.strerror[:1].lower() + error.strerror[1:]
    else:
        reason = "not a host name"
    return f"cannot listen on {address}: {reason}"
