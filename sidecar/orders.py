"""What the supervisor tells a worker, and the channel between the two.

The worker inherits one end of a socket pair. The first thing on it are its orders, so that nothing
of them shows up in a process list or an environment. As they may be long, and the supervisor never
waits, they lie in a file without a name whose descriptor is sent. Each time that the supervisor
has read the policy again, it sends in the same way how that went, under RELOAD or REPORT. When the
supervisor's end closes, the worker knows that it is alone.

The worker says READY, and ENTERED for each REPORT, on a pipe, not on the channel: a socket that is
closed with a word unread resets its partner, and libuv then stops to watch that one without telling
anybody.

The orders hold the settings, the policy and the contents of the files that a worker cannot begin
without, not the names of files: a worker that replaces a dead one begins with what is in force,
whatever the files say by then.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TypeVar

import msgspec

from sidecar.core.policy import Policy
from sidecar.front.tls import Pair
from sidecar.observe.anonymous import anonymous_file, path_of
from sidecar.policy_source import Outcome
from sidecar.settings import Settings
from sidecar.settings_texts import settings_of, texts_of

_T = TypeVar("_T")

READY = b"r"
ENTERED = b"e"
"""What was to be reported is in the audit log."""
RELOAD = b"p"
"""How a reload of the policy went."""
REPORT = b"a"
"""The same, to be entered in the audit log: for one worker of all."""
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
    _send(channel, _ORDERS, _Sent(**values))


def send_outcome(channel: socket.socket, outcome: Outcome, *, report: bool) -> None:
    """Send how a reload of the policy went. report: this worker enters it in the audit log.

    Raises OSError if the worker is gone or does not listen.
    """
    _send(channel, REPORT if report else RELOAD, outcome)


def receive_outcome(channel: socket.socket) -> tuple[Outcome, bool]:
    """Return the outcome that has come, and whether to report it.

    Raises EOFError if the supervisor is gone.
    """
    word, sent = _receive(channel, Outcome)
    return sent, word == REPORT


def receive_orders(channel: socket.socket) -> Orders:
    """Wait for the orders. Raises EOFError if the supervisor is gone."""
    _, sent = _receive(channel, _Sent)
    copies = {key: str(path_of(anonymous_file("copy", sent.files[key]))) for key in sent.files}
    values = {field.name: getattr(sent, field.name) for field in fields(sent)}
    return Orders(**values | {"settings": settings_of(sent.settings | copies)})


def _send(channel: socket.socket, word: bytes, what: object) -> None:
    fd = anonymous_file("orders", msgspec.json.encode(what, enc_hook=_plain))
    try:
        socket.send_fds(channel, [word], [fd])
    finally:
        os.close(fd)


def _receive(channel: socket.socket, kind: type[_T]) -> tuple[bytes, _T]:
    """Return the next word and what came with it. A word is one byte, so that one is read."""
    word, fds, _, _ = socket.recv_fds(channel, 1, 1)
    if not fds:
        raise EOFError("the supervisor is gone")
    with os.fdopen(fds[0], "rb") as file:
        return word, msgspec.json.decode(file.read(), type=kind)


def _plain(value: object) -> object:
    """Return what JSON can say in place of the one type of ours that msgspec does not know."""
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise TypeError(f"no order can hold {type(value)}")
