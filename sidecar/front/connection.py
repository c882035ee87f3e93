"""The reading half of a client connection: bytes in, requests one after the other.

The protocol reads with aiohttp's llhttp parser and keeps the order of pipelined requests. What a
request means is the walk's business (`walk.py`); the writing half is in `client_end.py`.

    idle ─▶ head ─▶ walking (gate, then upstream or page) ─▶ responding ─▶ idle
                                   └─▶ tunnel: the transport is no longer ours
"""

import asyncio
from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING, cast

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpRequestParser, RawRequestMessage
from aiohttp.streams import StreamReader

from sidecar.front.client_end import ClientEnd

if TYPE_CHECKING:
    from sidecar.front.server import Server

_READ_LIMIT = 1 << 20
_MAX_PIPELINED = 64
_LINGER_BYTES = 1 << 20


class FrontConnection(ClientEnd):
    """One client connection."""

    __slots__ = ("_parser", "_queue")

    def __init__(self, server: "Server") -> None:
        super().__init__(server)
        self._queue: deque[tuple[RawRequestMessage, StreamReader]] = deque()
        self._parser = HttpRequestParser(
            cast(BaseProtocol, self),
            server.loop,
            _READ_LIMIT,
            max_line_size=server.limits.line_size,
            max_headers=server.limits.headers,
            max_field_size=server.limits.header_size,
            auto_decompress=False,
        )

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) and peer else None
        self.tls = transport.get_extra_info("sslcontext") is not None
        self.wait_at_most(self._server.limits.header_timeout)
        self._server.opened(self)

    def data_received(self, data: bytes) -> None:
        if self.upgraded:
            self._early_data(data)
            return
        if self.broken:
            self._discard(len(data))
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
            if self.message is None and not self._queue:
                if len(messages) > 1:
                    self._queue.extend(messages[1:])
                self.begin(*messages[0])
                return
            self._queue.extend(messages)
            if len(self._queue) > _MAX_PIPELINED:
                self.abort()
                return
        elif self.message is None and not self.lingering and self.request_number:
            self._first_bytes_of_a_head()
        if self.body_open:
            self.pump_body()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._queue.clear()
        exchange = self.exchange
        if exchange is not None:
            self.bytes_sent = exchange.bytes_sent
            self.exchange = None
            exchange.cancel()
        if self.page is not None:
            self.page.client_lost(exc)
        if self.message is not None:
            self.status = self.status or 499
            self._finish()
        self._server.closed(self)

    def pause_writing(self) -> None:
        self.write_paused = True
        self.wait_at_most(self._server.limits.write_timeout)
        if self.exchange is not None:
            self.exchange.pause()
        elif self.page is not None:
            self.page.pause()

    def resume_writing(self) -> None:
        self.write_paused = False
        self.deadline = 0.0
        if self.exchange is not None:
            self.exchange.resume()
        elif self.page is not None:
            self.page.resume()
        elif self.message is None:
            self._go_on()

    # What the parser's payloads call; bodies are drained after each feed.

    def pause_reading(self) -> None:
        pass

    def resume_reading(self, resume_parser: bool = True) -> None:
        pass

    # The request body.

    def pump_body(self) -> None:
        """Pass on what has arrived of the request body, to whoever answers the request."""
        payload = self.payload
        if payload is None or self.body_paused:
            return
        try:
            data = payload.read_nowait()
        except Exception as error:
            self._bad_input(error)
            return
        last = payload.is_eof()
        if not data and not last:
            return
        if last:
            self.body_open = False
            self.deadline = 0.0
        else:
            self.wait_at_most(self._server.limits.body_timeout)
        if self.exchange is not None:
            self.exchange.send_body(data, last=last)
        elif self.page is not None:
            self.page.body(data, last=last)

    def pause_body(self) -> None:
        """Nobody takes the body now: stop reading, so that it stays with the client."""
        if not self.body_paused and self.transport is not None:
            self.body_paused = True
            self.deadline = 0.0
            self.transport.pause_reading()

    def resume_body(self) -> None:
        if self.body_paused and self.transport is not None:
            self.body_paused = False
            self.wait_at_most(self._server.limits.body_timeout)
            self.transport.resume_reading()
            if self.body_open:
                self.pump_body()

    # Steps.

    def _go_on(self) -> None:
        if self._queue:
            if not self.write_paused:
                # Not from within the last response: a long pipeline would nest as deep.
                self.loop.call_soon(self._next)
        else:
            self.payload = None
            self.wait_at_most(self._server.limits.idle_timeout)

    def _next(self) -> None:
        if self.message is None and self._queue and self.transport is not None:
            self.begin(*self._queue.popleft())

    def _first_bytes_of_a_head(self) -> None:
        """The wait for a request is over, the wait for its whole head begins."""
        limits = self._server.limits
        self.deadline = min(self.deadline, self.loop.time() + limits.header_timeout)

    def _bad_input(self, error: Exception) -> None:
        self.broken = True
        self._queue.clear()
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.cancel()
        if self.status or (self.page is not None and self.page.busy):
            self.abort()
            return
        self.keep_alive = False
        if self.message is None:
            self.started = perf_counter()
            self.session = None
            self.path = self.request_id = ""
        self._server.walk.bad_input(self, error)

    def _early_data(self, data: bytes) -> None:
        """Bytes after the head of an upgrade request, before the other side has agreed."""
        self.early += data
        if self.page is not None:
            self.page.raw(self.take_early())
        elif len(self.early) > _READ_LIMIT:
            self.abort()

    def _discard(self, count: int) -> None:
        self.bytes_sent += count
        if self.bytes_sent > _LINGER_BYTES:
            self.abort()
