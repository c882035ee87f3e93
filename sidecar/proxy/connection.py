"""One connection to the upstream: bytes in, response events out.

A connection is given back for the next request only when everything about the response was as
expected: complete, kept alive, and not one byte beyond it.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from aiohttp import _http_parser
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpResponseParser, RawResponseMessage
from aiohttp.streams import StreamReader

from sidecar.core.response_headers import (
    ResponseFault,
    ResponseFields,
    is_reason,
    response_fields,
)
from sidecar.proxy.client_side import Failure

if TYPE_CHECKING:
    from sidecar.proxy.exchange import Exchange
    from sidecar.proxy.pool import Pool

log = logging.getLogger(__name__)

# aiohttp parses responses leniently unless it runs in development mode. A proxy must read a
# message exactly as the next hop will, so the strict mode is chosen here, once.
vars(_http_parser)["DEBUG"] = True

_READ_LIMIT = 1 << 20


class UpstreamConnection(asyncio.Protocol):
    """Feeds the parser, and tells the exchange that holds the connection what came."""

    __slots__ = (
        "_body_open",
        "_fields",
        "_fields_of",
        "_head_parser",
        "_parser",
        "_payload",
        "_pool",
        "_reading_head",
        "_until_close",
        "_with_body",
        "exchange",
        "idle_since",
        "received",
        "reused",
        "transport",
        "write_paused",
    )

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self.transport: asyncio.Transport | None = None
        self.exchange: Exchange | None = None
        self.idle_since = 0.0
        self.reused = False
        self.received = False
        self.write_paused = False
        self._with_body = _new_parser(self)
        self._parser = self._with_body
        self._head_parser: HttpResponseParser | None = None
        self._payload: StreamReader | None = None
        self._until_close = False
        self._fields_of: tuple[tuple[bytes, bytes], ...] | None = None
        self._fields: ResponseFields | ResponseFault | None = None

    def usable(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def send(self, exchange: "Exchange", data: bytes) -> None:
        """Begin an exchange: its request head, and what is there of its body."""
        self.exchange = exchange
        self.received = False
        if exchange.method == "HEAD":
            # A parser is told once, when it is made, that responses have no body.
            if self._head_parser is None:
                self._head_parser = _new_parser(self, response_with_body=False)
            self._parser = self._head_parser
        else:
            self._parser = self._with_body
        if self.transport is not None:
            self.transport.write(data)

    def close(self) -> None:
        """Let go of the connection, whatever is under way on it."""
        self.exchange = None
        if self.transport is not None:
            self.transport.abort()

    def detach(self) -> asyncio.Transport | None:
        """Hand the transport over to a tunnel; the pool forgets it."""
        transport = self.transport
        self.exchange = None
        self._pool.forget(self)
        return transport

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is None:
            # Bytes that nobody asked for would be read as the next person's response.
            self.close()
            return
        self.received = True
        try:
            messages, upgraded, tail = self._parser.feed_data(data)
        except Exception:
            # The parser raises many kinds, also plain ValueError; each means "not HTTP".
            self._fail(exchange, Failure.BAD_RESPONSE)
            return
        try:
            if messages:
                self._begin(exchange, messages, upgraded, tail)
            elif self._payload is not None:
                self._pump(exchange, self._payload)
        except Exception:
            # A fault of ours ends both connections: nobody waits for what will not come.
            log.exception("exchange_failed")
            self.close()
            exchange.client.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        exchange, self.exchange = self.exchange, None
        self._pool.forget(self)
        if exchange is None:
            return
        payload = self._payload
        if payload is None:
            exchange.lost(self)
            return
        # Without length and without chunks, the end of the connection is the end of the body; in
        # every other case it is a truncation, and must not look like an end.
        if self._until_close and exc is None:
            self._payload = None
            exchange.ended(payload.read_nowait())
        else:
            exchange.truncated()

    def pause_writing(self) -> None:
        self.write_paused = True
        if self.exchange is not None:
            self.exchange.client.pause_body()

    def resume_writing(self) -> None:
        self.write_paused = False
        if self.exchange is not None:
            self.exchange.client.resume_body()

    # What the parser's payload calls: it is drained after each feed, so there is nothing to hold.

    def pause_reading(self) -> None:
        pass

    def resume_reading(self, resume_parser: bool = True) -> None:
        pass

    # Steps.

    def _begin(
        self,
        exchange: "Exchange",
        messages: list[tuple[RawResponseMessage, StreamReader]],
        upgraded: bool,
        tail: bytes,
    ) -> None:
        if self._payload is not None:
            self._fail(exchange, Failure.BAD_RESPONSE)
            return
        while messages and messages[0][0].code < 200 and messages[0][0].code != 101:
            del messages[0]
        if not messages:
            return
        message, payload = messages[0]
        if len(messages) > 1 or (message.code == 101) is not upgraded:
            self._fail(exchange, Failure.BAD_RESPONSE)
            return
        if message.raw_headers != self._fields_of:
            self._fields = response_fields(message.raw_headers)
            self._fields_of = message.raw_headers
        fields = self._fields
        if not isinstance(fields, ResponseFields) or not is_reason(message.reason):
            self._fail(exchange, Failure.BAD_RESPONSE)
            return
        if fields.own_cookies_dropped:
            self._pool.on_own_cookies(fields.own_cookies_dropped)
        if upgraded:
            if exchange.upgrade:
                exchange.switched(message, fields, tail)
            else:
                self._fail(exchange, Failure.BAD_RESPONSE)
            return
        if payload.is_eof():
            body = payload.read_nowait()
            self._release(message)
            exchange.answered(message, fields, body)
            return
        self._payload = payload
        self._until_close = fields.content_length is None and not message.chunked
        exchange.began(message, fields)
        if self.exchange is exchange:
            self._pump(exchange, payload)

    def _pump(self, exchange: "Exchange", payload: StreamReader) -> None:
        data = payload.read_nowait()
        if payload.is_eof():
            self._payload = None
            self._release(exchange.message)
            exchange.ended(data)
        elif data:
            exchange.body(data)

    def _release(self, message: RawResponseMessage | None) -> None:
        exchange = self.exchange
        self.exchange = None
        if message is None or message.should_close or exchange is None or exchange.sending:
            self.close()
        elif self._parser.feed_eof() is not None:
            # The parser has begun another message, which nobody asked for.
            self.close()
        else:
            self.reused = True
            self._pool.give_back(self)

    def _fail(self, exchange: "Exchange", failure: Failure) -> None:
        started = self._payload is not None
        self._payload = None
        self.close()
        if started:
            exchange.truncated()
        else:
            exchange.failed(failure)


def _new_parser(
    connection: UpstreamConnection, *, response_with_body: bool = True
) -> HttpResponseParser:
    return HttpResponseParser(
        cast(BaseProtocol, connection),
        asyncio.get_running_loop(),
        _READ_LIMIT,
        max_line_size=16_384,
        max_headers=256,
        max_field_size=65_536,
        response_with_body=response_with_body,
        read_until_eof=True,
        auto_decompress=False,
    )
