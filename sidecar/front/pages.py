"""Our own pages and API, served by aiohttp.web behind an in-memory transport.

The front has read the request already; the page server reads it again from the bytes that the
front lays out anew, and writes its response into a transport that is a part of the client's
connection. Only the asyncio contract and aiohttp's public classes are used, and none of this is
on the way of a proxied request.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import HttpVersion10
from aiohttp.http_parser import RawRequestMessage

from sidecar.core.session import Handle
from sidecar.front.context import CONTEXT, RequestContext

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd
    from sidecar.front.guest import Guest

_NO_LIMIT = 1 << 20


class Pages:
    """The mounted application, as a maker of protocols. One for each worker."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(
            app,
            auto_decompress=False,
            access_log_class=_Finished,
            handle_signals=False,
            tcp_keepalive=False,
            # What the front has let through is not refused here.
            max_line_size=_NO_LIMIT,
            max_field_size=_NO_LIMIT,
            max_headers=_NO_LIMIT,
        )
        self._server: web.Server | None = None

    async def start(self) -> None:
        await self._runner.setup()
        self._server = self._runner.server

    async def close(self) -> None:
        await self._runner.cleanup()

    def serve(self, connection: "ClientEnd", context: RequestContext) -> None:
        """Let the application answer the connection's current request."""
        page = connection.page
        if page is None or page.is_closing():
            if self._server is None:
                raise RuntimeError("the pages have not been started")
            page = connection.page = PageBridge(connection, self._server())
        page.begin(context)


class PageBridge(asyncio.Transport):
    """The transport that the page server writes to."""

    def __init__(self, connection: "ClientEnd", handler: asyncio.Protocol) -> None:
        super().__init__()
        self._connection = connection
        self._handler = handler
        self._context: RequestContext | None = None
        self._closing = False
        self._paused = False
        self._sent = 0
        self._chunked = False
        self.busy = False
        handler.connection_made(self)

    @property
    def spoke(self) -> bool:
        """Say whether it is answering a request, and the client has a part of the answer."""
        return self.busy and self._sent > 0

    @property
    def handle(self) -> Handle | None:
        """The session that the request which is being answered was made with."""
        context = self._context
        if not self.busy or context is None or context.credential is None:
            return None
        return context.credential.handle

    @property
    def transport(self) -> asyncio.Transport | None:
        """The client's own, which `hand_over` gives away. None: the client has left."""
        return self._connection.transport

    def hand_over(self, guest: "Guest", begin: Callable[[Callable[[], None]], None]) -> None:
        """Let the client's connection go on as `guest`, whose part begins with `begin`. It takes
        what to call at its end. What the page server writes from now on goes nowhere."""
        self.busy = False
        self._connection.bytes_sent = self._sent
        self._connection.become(guest, begin)

    # Towards the page server.

    def begin(self, context: RequestContext) -> None:
        connection = self._connection
        message = connection.message
        if message is None:
            return
        self.busy = True
        self._sent = 0
        self._context = context
        self._chunked = message.chunked
        self._handler.data_received(_head(message))
        if connection.switching:
            self.raw(connection.take_early())
        elif connection.body_open:
            connection.resume_body()
        elif connection.payload is not None:
            self.body(connection.payload.read_nowait(), last=True)

    def body(self, data: bytes, *, last: bool) -> None:
        """Hand on a part of the request body, framed as its head said."""
        if self._chunked:
            framed = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
            data = framed + b"0\r\n\r\n" if last else framed
        if data and not self._closing:
            self._handler.data_received(data)

    def raw(self, data: bytes) -> None:
        """Hand on bytes of a protocol that was switched to."""
        if data and not self._closing:
            self._handler.data_received(data)

    def client_lost(self, exc: Exception | None) -> None:
        self.busy = False
        if not self._closing:
            self._closing = True
            self._handler.connection_lost(exc)

    def pause(self) -> None:
        if not self._paused:
            self._paused = True
            self._handler.pause_writing()

    def resume(self) -> None:
        if self._paused:
            self._paused = False
            self._handler.resume_writing()

    def finished(self, status: int, *, keep: bool) -> None:
        """The page server has written the whole response. keep: it would take another request."""
        if self.busy:
            self.busy = False
            self._connection.finish_page(status, self._sent, keep=keep)

    # asyncio.Transport, as far as aiohttp uses it.

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == CONTEXT:
            return self._context
        transport = self._connection.transport
        return default if transport is None else transport.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        transport = self._connection.transport
        if transport is not None and self.busy and not self._closing:
            self._sent += len(data)
            transport.write(data)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._connection.loop.call_soon(self._handler.connection_lost, None)
            if self.busy:
                self.busy = False
                self._connection.page_closed(self._sent)

    def abort(self) -> None:
        """Close so that what the client has of an answer does not pass for the whole."""
        if self.busy and not self._closing:
            self._connection.cut()
        self.close()

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self._connection.pause_body()

    def resume_reading(self) -> None:
        self._connection.resume_body()

    def is_reading(self) -> bool:
        return not self._connection.body_paused

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """The client's own transport has its limits."""

    def get_write_buffer_size(self) -> int:
        transport = self._connection.transport
        return 0 if transport is None else transport.get_write_buffer_size()


class _Finished(AbstractAccessLogger):
    """aiohttp calls its access logger when a response is complete: that is our signal."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, _time: float) -> None:
        transport = request.transport
        if isinstance(transport, PageBridge):
            transport.finished(response.status, keep=bool(response.keep_alive))

    @property
    def enabled(self) -> bool:
        return True


def _head(message: RawRequestMessage) -> bytes:
    version = b"1.0" if message.version is HttpVersion10 else b"1.1"
    path = message.path.encode("utf-8", "surrogateescape")
    lines = [b"%b %b HTTP/%b\r\n" % (message.method.encode(), path, version)]
    lines += [b"%b: %b\r\n" % pair for pair in message.raw_headers]
    lines.append(b"\r\n")
    return b"".join(lines)
