"""What the supervisor tells a worker, and the channel between the two.

The worker inherits one end of a socket pair. The first thing on it are its orders, so that nothing
of them shows up in a process list or an environment. As they may be long, and the supervisor never
waits, they lie in a file without a name whose descriptor is sent. Later the supervisor sends RELOAD
or REPORT, the worker READY; when either end closes, the other knows that its partner is gone.

The orders hold the settings, the policy and the contents of the files that a worker cannot begin
without, not the names of files: a worker that replaces a dead one begins with what is in force,
whatever the files say by then.
"""

import json
import os
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from pydantic import TypeAdapter

from sidecar.core.policy import Policy
from sidecar.faults import Table
from sidecar.front.tls import Pair
from sidecar.observe.anonymous import anonymous_file, path_of
from sidecar.settings import Settings
from sidecar.settings_load import restore_settings
from sidecar.settings_values import RedisUrl

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


def send_orders(channel: socket.socket, orders: Orders) -> None:
    """Send the orders. Does not wait until they are received."""
    plain = {field.name: getattr(orders, field.name) for field in fields(orders)}
    plain["settings"] = dict(_texts(orders.settings))
    plain["policy"] = _plain(orders.policy)
    plain["pair"] = _plain(orders.pair)
    plain["files"] = _plain(orders.files)
    fd = anonymous_file("orders", json.dumps(plain).encode("ascii"))
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
        plain = json.load(file)
    files = {key: b64decode(content) for key, content in plain["files"].items()}
    copies = {key: str(path_of(anonymous_file("copy", files[key]))) for key in files}
    return Orders(
        settings=restore_settings(plain["settings"] | copies),
        policy=TypeAdapter(Policy).validate_json(json.dumps(plain["policy"])),
        slot=plain["slot"],
        socket_fds=tuple(plain["socket_fds"]),
        cells_fd=plain["cells_fd"],
        lock_fd=plain["lock_fd"],
        serve=plain["serve"],
        pair=_pair(plain["pair"]),
        files=files,
    )


def _pair(plain: dict[str, Any] | None) -> Pair | None:
    if plain is None:
        return None
    seen = tuple((file[0], file[1], file[2]) for file in plain["seen"])
    return Pair(b64decode(plain["certificate"]), b64decode(plain["key"]), seen)


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
        case bytes():
            return b64encode(value).decode("ascii")
    return value
