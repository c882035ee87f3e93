"""The reading half of a client connection: bytes in, requests one after the other.

The protocol reads with aiohttp's llhttp parser and keeps the order of pipelined requests. What a
request means is the walk's business (`walk.py`); its body is read in `request_body.py`, and the
writing half is in `client_end.py`.

    idle ─▶ head ─▶ walking (gate, then upstream or page) ─▶ responding ─▶ idle
                                   └─▶ tunnel: the transport is no longer ours
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import LineTooLong
from aiohttp.http_parser import HttpRequestParser, RawRequestMessage
from aiohttp.streams import StreamReader

from sidecar.front.request_body import BodyEnd

if TYPE_CHECKING:
    from sidecar.front.server import Server

log = logging.getLogger(__name__)

_READ_LIMIT = 1 << 20
_MAX_PIPELINED = 256
_LINGER_BYTES = 32 << 20

_Arrived = tuple[RawRequestMessage, StreamReader]


class FrontConnection(BodyEnd):
    """One client connection.

    queue: requests that arrived while another was under way, and, last, why no more can be read.
    While there are any, nothing is read, so that what a client may send ahead is bounded.
    """

    __slots__ = ("_head_bytes", "_parser", "_queue")

    def __init__(self, server: "Server") -> None:
        super().__init__(server)
        self._head_bytes = 0
        self._queue: deque[_Arrived | Exception] = deque()
        self._parser = HttpRequestParser(
            cast(BaseProtocol, self),
            server.loop,
            _READ_LIMIT,
            max_line_size=server.limits.line_size,
            max_headers=server.limits.headers,
            max_field_size=server.limits.header_size,
            auto_decompress=False,
        )

    @property
    def switching(self) -> bool:
        return self.upgraded and not self._queue

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = opened = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) and peer else None
        self.tls = transport.get_extra_info("sslcontext") is not None
        self.wait_at_most(self._server.limits.header_timeout)
        self._server.opened(self, opened)

    def data_received(self, data: bytes) -> None:
        if self.upgraded or self.broken:
            self._not_http(data)
            return
        try:
            messages, upgraded, tail = self._parser.feed_data(data)
        except Exception as error:
            # The parser raises its own kinds and plain ValueError; each means "not HTTP". Its text
            # quotes the input and goes nowhere.
            self._bad_input(error)
            return
        if upgraded:
            self.upgraded = True
            self.early += tail
        if messages:
            if self.message is None and not self._queue and not self.write_paused:
                if len(messages) > 1:
                    self._enqueue(messages[1:])
                self._head_bytes = 0
                self.begin(*messages[0])
                return
            self._enqueue(messages)
        elif self.message is None:
            self._part_of_a_head(len(data))
        if self.body_open:
            self.pump_body()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._queue.clear()
        try:
            exchange = self.exchange
            if exchange is not None:
                self.bytes_sent = exchange.bytes_sent
                self.exchange = None
                exchange.cancel()
            if self.page is not None:
                self.page.client_lost(exc)
                self.page = None
            if self.message is not None:
                self.status = self.status or 499
                self._finish()
        finally:
            self._server.closed(self)

    def pause_writing(self) -> None:
        self.write_paused = True
        if self.body_open:
            self._watch_body()
        self.wait_at_most(self._server.limits.write_timeout)
        if self.exchange is not None:
            self.exchange.pause()
        elif self.page is not None and self.page.busy:
            self.page.pause()

    def resume_writing(self) -> None:
        self.write_paused = False
        if self.page is not None:
            self.page.resume()
        if self.exchange is not None:
            self.exchange.resume()
        if self.message is not None:
            self._watch_body()
        elif not self.broken and self.transport is not None and not self.transport.is_closing():
            self._go_on()

    # What the parser's payloads call; bodies are drained after each feed.

    def pause_reading(self) -> None:
        pass

    def resume_reading(self, resume_parser: bool = True) -> None:
        pass

    def _adjust_reading(self) -> None:
        """Read as long as there is somebody to take what comes."""
        wanted = not self.body_paused and not self._queue
        if wanted is not self.reading and self.transport is not None:
            self.reading = wanted
            if wanted:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    # Steps.

    def _go_on(self) -> None:
        if self.body_paused:
            # Whoever took the last body has not said that it could take more, and need not now.
            self.body_paused = False
            self._adjust_reading()
        if self._queue:
            if not self.write_paused:
                # Not from within the last response: a long pipeline would nest as deep.
                self.loop.call_soon(self._next)
        else:
            self.payload = None
            if not self.write_paused:
                self.wait_at_most(self._server.limits.idle_timeout)

    def _next(self) -> None:
        transport = self.transport
        if self.message is not None or not self._queue:
            return
        if transport is None or transport.is_closing():
            return
        arrived = self._queue.popleft()
        self._adjust_reading()
        try:
            if isinstance(arrived, Exception):
                self._refuse_input(arrived)
            else:
                self.begin(*arrived)
        except Exception:
            log.exception("request_failed", extra={"request_id": self.request_id})
            self.abort()

    def _read_on(self) -> None:
        self._queue.clear()
        self.body_paused = False
        self._adjust_reading()

    def _enqueue(self, messages: Sequence[_Arrived]) -> None:
        """Keep requests until it is their turn. What is too much is answered in its turn, too."""
        self._queue.extend(messages)
        if len(self._queue) > _MAX_PIPELINED:
            while len(self._queue) > _MAX_PIPELINED:
                self._queue.pop()
            self._queue.append(ValueError("too many requests at once"))
        self._adjust_reading()

    def _part_of_a_head(self, count: int) -> None:
        """The wait for a request is over; the wait for the rest of its head has an end, and so
        has its size."""
        limits = self._server.limits
        self._head_bytes += count
        if self._head_bytes > limits.head_size:
            self._refuse_input(LineTooLong(b"", limits.head_size))
        elif self.request_number and not self.write_paused:
            self.deadline = min(self.deadline, self.loop.time() + limits.header_timeout)

    def _bad_input(self, error: Exception) -> None:
        """No more can be read. What came whole before is answered first."""
        complete = self.payload is None or self.payload.is_eof()
        if self._queue or (self.message is not None and complete):
            if self.body_open:
                self.pump_body()
            self._queue.append(error)
            self._adjust_reading()
        else:
            self._refuse_input(error)

    def _refuse_input(self, error: Exception) -> None:
        self.broken = True
        self._queue.clear()
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.cancel()
        if self.message is None:
            self.forget_last()
        elif self.status or (self.page is not None and self.page.busy):
            self.abort()
            return
        self.keep_alive = False
        self._server.walk.bad_input(self, error)

    def _not_http(self, data: bytes) -> None:
        """Bytes after the head of an upgrade request, or after the last that we answer."""
        if self.broken:
            self.bytes_sent += len(data)
            if self.bytes_sent > _LINGER_BYTES:
                self.abort()
            return
        self.early += data
        if self.page is not None and self.page.busy and self.switching:
            self.page.raw(self.take_early())
        elif len(self.early) > _READ_LIMIT:
            self.abort()
