"""An upgraded connection: bytes from one side to the other until either side is done.

The transports of client and upstream each get one `_Way`, which writes what it reads to the other,
and pauses it when its own side cannot take more. Every tunnel speaks WebSocket: the front upgrades
to nothing else. So a tunnel that has to end can say so (`close`), in both directions:

    passing ── close ─▶ leaving ── between frames ─▶ told, nothing follows ── answered ─▶ closed
                           └── within a frame: what is left of it passes ──┘
"""

import asyncio
import socket
from collections.abc import Callable

from sidecar.proxy.frames import FrameFollower, close_frame
from sidecar.proxy.resetting import reset

_FLUSH = 30.0
_ANSWER = 5.0
_LAST_ANSWER = 1.0
_NOTICE = 1.0
_PROBES = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4))


class Tunnel:
    """Two ends, joined. on_closed is called once, when both are closed; on_client_speech when the
    client has sent something of a message, at most once a second: a browser answers pings even when
    nobody is there.

    client_bytes, upstream_bytes: how many were passed on from each side. leaving: `close` or `end`
    was called. ending: `end` was.
    """

    def __init__(
        self,
        client: asyncio.Transport,
        upstream: asyncio.Transport,
        on_closed: Callable[["Tunnel"], None],
        on_client_speech: Callable[[], None],
    ) -> None:
        self.client = client
        self.upstream = upstream
        self.client_bytes = 0
        self.upstream_bytes = 0
        self.leaving = self.ending = False
        self._on_closed = on_closed
        self._on_client_speech = on_client_speech
        self._loop = asyncio.get_running_loop()
        self._next_notice = 0.0
        self._open = 2
        self._patience: asyncio.TimerHandle | None = None
        self._up = _Way(self, client, upstream, from_client=True)
        self._down = _Way(self, upstream, client, from_client=False)
        self._up.back, self._down.back = self._down, self._up

    def join(self, early_upstream: bytes, early_client: bytes) -> None:
        """Take both transports over. early: bytes that arrived with the heads."""
        for way in (self._up, self._down):
            _probe(way.source)
            way.source.set_protocol(way)
        if early_upstream:
            self._down.data_received(early_upstream)
        if early_client:
            self._up.data_received(early_client)
        self.client.resume_reading()
        self.upstream.resume_reading()

    def close(self, code: int, reason: str = "") -> None:
        """Tell both sides that this is the end, each as soon as it is between frames.

        Who was told is given a moment to answer, as the standard asks (RFC 6455 section 7.1); then
        the tunnel is cut. While neither can be told, it stays: the caller may `cut` it.
        """
        if self.leaving:
            return
        if self._up.frames.closing or self._down.frames.closing:
            self.expect_answers()  # They are saying good-bye already.
            return
        self.leaving = True
        for way in (self._down, self._up):
            way.take_leave(close_frame(code, reason, masked=way.from_client))

    def end(self, code: int, reason: str) -> bool:
        """Pass nothing on from now on; say whether that is news.

        A side is told, and has a moment to answer, if all that it was sent is a whole number of
        frames and has left us. Any other is cut: with what it would still get before a Close frame
        it would get what is not its any more.
        """
        if self.ending:
            return False
        self.leaving = self.ending = True
        for way in (self._down, self._up):
            way.end(close_frame(code, reason, masked=way.from_client))
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self._loop.call_later(_LAST_ANSWER, self.cut)
        return True

    def expect_answers(self) -> None:
        """One side has been told: from now on there is an end to waiting."""
        if self._patience is None:
            self._patience = self._loop.call_later(_ANSWER, self.cut)

    def cut(self) -> None:
        """End both sides now; after `end` with nothing of what the kernel still has for them."""
        for transport in (self.client, self.upstream):
            if self.ending:
                reset(transport)
            else:
                transport.abort()

    def passed(self, count: int, *, from_client: bool) -> None:
        if from_client:
            self.client_bytes += count
            if not self._up.frames.spoke:
                return
            now = self._loop.time()
            if now >= self._next_notice:
                self._next_notice = now + _NOTICE
                self._on_client_speech()
        else:
            self.upstream_bytes += count

    def end_lost(self) -> None:
        self._open -= 1
        if self._open == 0:
            if self._patience is not None:
                self._patience.cancel()
            self._on_closed(self)


class _Way(asyncio.Protocol):
    """One direction, as the protocol of the transport that it comes from.

    back: the other direction. shut: target has got its last frame.
    """

    __slots__ = (
        "_farewell",
        "_tunnel",
        "back",
        "frames",
        "from_client",
        "shut",
        "source",
        "target",
    )

    back: "_Way"

    def __init__(
        self,
        tunnel: Tunnel,
        source: asyncio.Transport,
        target: asyncio.Transport,
        *,
        from_client: bool,
    ) -> None:
        self._tunnel = tunnel
        self._farewell = b""
        self.source = source
        self.target = target
        self.from_client = from_client
        self.frames = FrameFollower()
        self.shut = False

    def data_received(self, data: bytes) -> None:
        self.frames.feed(data)
        if not self.shut:
            self._tunnel.passed(len(data), from_client=self.from_client)
            if not self.target.is_closing():
                self.target.write(data)
        if self._tunnel.leaving:
            self._leave()

    def take_leave(self, farewell: bytes) -> None:
        """Send `farewell` to the target as its last frame, now or after the one that is passing."""
        self._farewell = farewell
        self._leave()

    def end(self, farewell: bytes) -> None:
        """Pass nothing on any more. The target gets `farewell` if it can be read as a frame, and at
        once; else it is cut."""
        if not self.shut:
            if not self.frames.between_frames or self.target.get_write_buffer_size():
                reset(self.target)
            elif not self.frames.closing and not self.target.is_closing():
                self.target.write(farewell)
            self.shut = True
        if not self.source.is_closing():
            self.source.resume_reading()

    def _leave(self) -> None:
        if not self.frames.between_frames:
            return
        if not self.shut:
            if not self.frames.closing and not self.target.is_closing():
                self.target.write(self._farewell)
            self.shut = True
            self._tunnel.expect_answers()
            if not self.source.is_closing():
                self.source.resume_reading()  # Its answer matters, even if the target is slow.
        if self.frames.closing and self.back.shut:
            self.source.close()

    def eof_received(self) -> bool:
        # WebSocket ends with frames, not with half-closed connections: the other side hears the
        # end after all that was written before it.
        if not self.shut:
            self.target.close()
        return False

    def pause_writing(self) -> None:
        if not self.back.shut and not self.target.is_closing():
            self.target.pause_reading()

    def resume_writing(self) -> None:
        if not self.target.is_closing():
            self.target.resume_reading()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.shut:  # Else the target has been told, and may answer.
            self.target.close()
            if self.target.get_write_buffer_size():
                # It gets what was written before the end, but not for as long as it likes.
                asyncio.get_running_loop().call_later(_FLUSH, self.target.abort)
        self._tunnel.end_lost()


def _probe(transport: asyncio.Transport) -> None:
    """Let the kernel find out when the other side is gone: a tunnel may be silent for hours."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _PROBES:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
