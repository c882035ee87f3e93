"""What the supervisor tells a worker, and the channel between the two.

The worker inherits one end of a socket pair. The first thing on it are its orders, so that nothing
of them shows up in a process list or an environment. Later the supervisor sends RELOAD or REPORT,
the worker READY; when either end closes, the other knows that its partner is gone.

The orders hold the settings and the policy themselves, not the names of their files: a worker that
replaces a dead one begins with what is in force, whatever the files say by then.
"""

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from enum import Enum

from pydantic import TypeAdapter

from sidecar.core.policy import Policy
from sidecar.faults import Table
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.settings_values import RedisUrl

READY = b"r"
RELOAD = b"p"
"""Read the policy again."""
REPORT = b"a"
"""Read the policy again, and enter in the audit log how that went: for one worker of all."""
_LENGTH_BYTES = 4
_POLICY = TypeAdapter(Policy)


@dataclass(frozen=True, slots=True)
class Orders:
    """All that one worker needs to begin.

    *_fd: descriptors that the worker inherits: bound sockets, its slot of cells, and the lock of
    the shared log output. serve: `module:function` of what the worker runs.
    """

    settings: Settings
    policy: Policy
    slot: int
    socket_fds: tuple[int, ...]
    cells_fd: int
    lock_fd: int
    serve: str

    @property
    def inherited(self) -> tuple[int, ...]:
        return (*self.socket_fds, self.cells_fd, self.lock_fd)


def send_orders(channel: socket.socket, orders: Orders) -> None:
    """Write the orders: some kilobytes, which fit into the socket's buffer."""
    plain = {field.name: getattr(orders, field.name) for field in fields(orders)}
    plain["settings"] = dict(_texts(orders.settings))
    plain["policy"] = _plain(orders.policy)
    body = json.dumps(plain).encode("ascii")
    channel.sendall(len(body).to_bytes(_LENGTH_BYTES, "big") + body)


def receive_orders(channel: socket.socket) -> Orders:
    """Wait for the orders. Raises EOFError if the supervisor is gone, SettingsInvalid if a file
    that the settings name is gone."""
    length = int.from_bytes(_exactly(channel, _LENGTH_BYTES), "big")
    plain = json.loads(_exactly(channel, length))
    return Orders(
        settings=load_settings(None, {}, plain["settings"]),
        policy=_POLICY.validate_json(json.dumps(plain["policy"])),
        slot=plain["slot"],
        socket_fds=tuple(plain["socket_fds"]),
        cells_fd=plain["cells_fd"],
        lock_fd=plain["lock_fd"],
        serve=plain["serve"],
    )


def _exactly(channel: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        chunk = channel.recv(count - len(received))
        if not chunk:
            raise EOFError("the supervisor is gone")
        received += chunk
    return bytes(received)


def _texts(table: Table, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting as a flag would say it: dotted key and text."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Table):
            yield from _texts(value, f"{place}{name}.")
        elif value is not None:
            yield f"{place}{name}", _text(value)


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case timedelta():
            return f"{value // timedelta(milliseconds=1)}ms"
        case tuple():
            return ",".join(map(str, value))
        case RedisUrl():
            return value.text
    return str(value)


def _plain(value: object) -> object:
    """Return the value as JSON can say it; json.dumps refuses what this does not know."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    match value:
        case Mapping():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case tuple() | frozenset():
            return [_plain(item) for item in value]
        case timedelta():
            return value.total_seconds()
        case Enum():
            return value.value
    return value
