"""A WebSocket server of `websockets`, in threads of its own."""

import socket
import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

MEBIBYTE = 1024 * 1024
_PATIENCE = 30.0
_SPOKEN = [Subprotocol("chat.v2"), Subprotocol("chat.v1")]


class Counted(socket.socket):
    """A listening socket that counts who comes."""

    dialled = 0

    def accept(self) -> tuple[socket.socket, Any]:
        accepted = super().accept()
        self.dialled += 1
        return accepted


@dataclass
class Talk:
    """A server that echoes; at `/close/CODE` it closes at once, at `/ping` it pings first, and at
    `/vanish` its connection breaks off.

    handshakes: each as it arrived.
    """

    handshakes: list[dict[str, str]] = field(default_factory=list)
    _ends: defaultdict[str, Queue[tuple[int | None, str | None]]] = field(
        default_factory=lambda: defaultdict(Queue)
    )

    def __post_init__(self) -> None:
        self.listener = Counted(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.port = int(self.listener.getsockname()[1])
        self._server: Server = serve(
            self._talk,
            sock=self.listener,
            subprotocols=_SPOKEN,
            select_subprotocol=_choose,
            process_request=self._note,
            max_size=4 * MEBIBYTE,
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()

    def end_of(self, path: str) -> tuple[int | None, str | None]:
        """Wait until a connection to `path` has ended; return its close code and reason."""
        return self._ends[path].get(timeout=_PATIENCE)

    def _note(self, _client: ServerConnection, request: Request) -> None:
        """Note the handshake, before it is answered."""
        fields = request.headers.raw_items()
        self.handshakes.append({name.lower(): value for name, value in fields})

    def _talk(self, client: ServerConnection) -> None:
        assert client.request is not None
        path = client.request.path
        if path == "/vanish":
            client.socket.shutdown(socket.SHUT_RDWR)
            return
        if path.startswith("/close/"):
            client.close(int(path.removeprefix("/close/")), "because we say so")
            return
        if path == "/ping":
            client.send("answered" if client.ping().wait(_PATIENCE) else "silent")
        with suppress(ConnectionClosed):
            for message in client:
                client.send(message)
        self._ends[path].put((client.close_code, client.close_reason))


def _choose(_client: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Choose the newest that both speak; who offers none, or only others, gets none."""
    return next((spoken for spoken in _SPOKEN if spoken in offered), None)
