"""An upgraded connection: bytes from one side to the other until either side is done.

The transports of client and upstream each get one `_End`; each end writes what it reads to the
other, and pauses it when its own side cannot take more.
"""

import asyncio
import socket
from collections.abc import Callable

_FLUSH = 30.0
_PROBES = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4))


class Tunnel:
    """Two ends, joined. on_closed is called once, when both are closed.

    client_bytes, upstream_bytes: how many were passed on from each side.
    """

    def __init__(
        self,
        client: asyncio.Transport,
        upstream: asyncio.Transport,
        on_closed: Callable[["Tunnel"], None],
        on_client_bytes: Callable[[], None],
    ) -> None:
        self.client = client
        self.upstream = upstream
        self.client_bytes = 0
        self.upstream_bytes = 0
        self._on_closed = on_closed
        self._on_client_bytes = on_client_bytes
        self._open = 2

    def join(self, early_upstream: bytes, early_client: bytes) -> None:
        """Take both transports over. early: bytes that arrived with the heads."""
        for transport in (self.client, self.upstream):
            _probe(transport)
        self.client.set_protocol(_End(self, self.client, self.upstream, from_client=True))
        self.upstream.set_protocol(_End(self, self.upstream, self.client, from_client=False))
        if early_upstream:
            self.passed(len(early_upstream), from_client=False)
            self.client.write(early_upstream)
        if early_client:
            self.passed(len(early_client), from_client=True)
            self.upstream.write(early_client)
        self.client.resume_reading()
        self.upstream.resume_reading()

    def cut(self) -> None:
        """End both sides hard, now."""
        self.client.abort()
        self.upstream.abort()

    def passed(self, count: int, *, from_client: bool) -> None:
        if from_client:
            self.client_bytes += count
            self._on_client_bytes()
        else:
            self.upstream_bytes += count

    def end_lost(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._on_closed(self)


class _End(asyncio.Protocol):
    __slots__ = ("_from_client", "_other", "_own", "_tunnel")

    def __init__(
        self,
        tunnel: Tunnel,
        own: asyncio.Transport,
        other: asyncio.Transport,
        *,
        from_client: bool,
    ) -> None:
        self._tunnel = tunnel
        self._own = own
        self._other = other
        self._from_client = from_client

    def data_received(self, data: bytes) -> None:
        self._tunnel.passed(len(data), from_client=self._from_client)
        if not self._other.is_closing():
            self._other.write(data)

    def eof_received(self) -> bool:
        # WebSocket ends with frames, not with half-closed connections: the other side hears the
        # end after all that was written before it.
        self._other.close()
        return False

    def pause_writing(self) -> None:
        if not self._other.is_closing():
            self._other.pause_reading()

    def resume_writing(self) -> None:
        if not self._other.is_closing():
            self._other.resume_reading()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._other.close()
        if self._other.get_write_buffer_size():
            # It gets what was written before the end, but not for as long as it likes.
            asyncio.get_running_loop().call_later(_FLUSH, self._other.abort)
        self._tunnel.end_lost()


def _probe(transport: asyncio.Transport) -> None:
    """Let the kernel find out when the other side is gone: a tunnel may be silent for hours."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _PROBES:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
