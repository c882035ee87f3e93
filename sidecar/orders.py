"""What the supervisor tells a worker, and the channel between the two.

The worker inherits one end of a socket pair. The first thing on it are its orders, so that nothing
of them shows up in a process list or an environment. As they may be long, and the supervisor never
waits, they lie in a file without a name whose descriptor is sent. Later the supervisor sends RELOAD
or REPORT, the worker READY; when either end closes, the other knows that its partner is gone.

The orders hold the settings, the policy and the contents of the files that a worker cannot begin
without, not the names of files: a worker that replaces a dead one begins with what is in force,
whatever the files say by then.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

import msgspec

from sidecar.core.policy import Policy
from sidecar.front.tls import Pair
from sidecar.observe.anonymous import anonymous_file, path_of
from sidecar.settings import Settings
from sidecar.settings_texts import settings_of, texts_of

READY = b"r"
RELOAD = b"p"
"""Read the policy again."""
REPORT = b"a"
"""Read the policy again, and enter in the audit log how that went: for one worker of all."""
_ORDERS = b"o"


@dataclass(frozen=True, slots=True)
class Orders:
    """All that one worker needs to begin.

    *_fd: descriptors that the worker inherits: bound sockets, its slot of cells, and the lock of
    the shared log output. serve: `module:function` of what the worker runs. pair: the certificate
    in use, where there is TLS. files: contents of files that settings name, by dotted key; the
    worker's settings name copies of them.
    """

    settings: Settings
    policy: Policy
    slot: int
    socket_fds: tuple[int, ...]
    cells_fd: int
    lock_fd: int
    serve: str
    pair: Pair | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def inherited(self) -> tuple[int, ...]:
        return (*self.socket_fds, self.cells_fd, self.lock_fd)


@dataclass(frozen=True, slots=True)
class _Sent:
    """The orders as they travel: the settings as texts, bytes as base64."""

    settings: dict[str, str] = field(repr=False)
    policy: Policy
    slot: int
    socket_fds: tuple[int, ...]
    cells_fd: int
    lock_fd: int
    serve: str
    pair: Pair | None
    files: dict[str, bytes] = field(repr=False)


def send_orders(channel: socket.socket, orders: Orders) -> None:
    """Send the orders. Does not wait until they are received."""
    values = {field.name: getattr(orders, field.name) for field in fields(orders)}
    values |= {"settings": texts_of(orders.settings), "files": dict(orders.files)}
    fd = anonymous_file("orders", msgspec.json.encode(_Sent(**values), enc_hook=_plain))
    try:
        socket.send_fds(channel, [_ORDERS], [fd])
    finally:
        os.close(fd)


def receive_orders(channel: socket.socket) -> Orders:
    """Wait for the orders. Raises EOFError if the supervisor is gone."""
    _, fds, _, _ = socket.recv_fds(channel, len(_ORDERS), 1)
    if not fds:
        raise EOFError("the supervisor is gone")
    with os.fdopen(fds[0], "rb") as file:
        sent = msgspec.json.decode(file.read(), type=_Sent)
    copies = {key: str(path_of(anonymous_file("copy", sent.files[key]))) for key in sent.files}
    values = {field.name: getattr(sent, field.name) for field in fields(sent)}
    return Orders(**values | {"settings": settings_of(sent.settings | copies)})


def _plain(value: object) -> object:
    """Return what JSON can say in place of the one type of ours that msgspec does not know."""
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise TypeError(f"no order can hold {type(value)}")
