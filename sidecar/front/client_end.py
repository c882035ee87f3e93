"""The writing half of a client connection: the current request, its response, and the leaving.

The attributes of the current request live on the connection and not in an object of their own,
because there is one at a time and there are thousands a second. Implements `ClientSide`.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from aiohttp.http_parser import RawRequestMessage, RawResponseMessage
from aiohttp.streams import StreamReader

from sidecar.core.policy import DEFAULT_ROUTE
from sidecar.core.session import Session
from sidecar.core.trace_context import Trace
from sidecar.proxy.client_side import Failure
from sidecar.proxy.exchange import Exchange
from sidecar.proxy.resetting import reset
from sidecar.proxy.tunnel import Tunnel

if TYPE_CHECKING:
    from sidecar.front.guest import Guest
    from sidecar.front.pages import PageBridge
    from sidecar.front.reading import Head
    from sidecar.front.server import Server

_JOIN_LIMIT = 16_384
_LINGER = 2.0


class ClientEnd(asyncio.Protocol):
    """What is known of the current request, and how its response is written.

    deadline: loop time at which the server's ticker calls `overdue`; 0 for never. decided:
    when the gate answered, on the clock of `started`; 0 if it was not asked.
    """

    __slots__ = (
        "_server",
        "body_open",
        "body_paused",
        "broken",
        "bytes_sent",
        "deadline",
        "decided",
        "early",
        "exchange",
        "forwarded",
        "head",
        "head_of",
        "http10",
        "keep_alive",
        "lingering",
        "message",
        "page",
        "path",
        "payload",
        "peer",
        "reading",
        "request_id",
        "request_number",
        "route",
        "session",
        "started",
        "status",
        "tls",
        "trace",
        "transport",
        "tunnel",
        "upgraded",
        "verdict",
        "write_paused",
    )

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.transport: asyncio.Transport | None = None
        self.peer: str | None = None
        self.message: RawRequestMessage | None = None
        self.payload: StreamReader | None = None
        self.exchange: Exchange | None = None
        self.page: PageBridge | None = None
        self.tunnel: Tunnel | None = None
        self.head: Head | None = None
        self.head_of: tuple[tuple[bytes, bytes], ...] | None = None
        self.body_open = self.body_paused = self.write_paused = False
        self.reading = True
        self.broken = self.lingering = self.forwarded = False
        self.http10 = self.tls = self.upgraded = False
        self.keep_alive = True
        self.early = b""
        self.deadline = self.started = self.decided = 0.0
        self.request_number = self.status = self.bytes_sent = 0
        self.session: Session | None = None
        self.trace: Trace | None = None
        self.route = DEFAULT_ROUTE
        self.path = self.request_id = self.verdict = ""

    @property
    @abstractmethod
    def switching(self) -> bool:
        """Say whether the current request is the one after which another protocol is spoken."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._server.loop

    def wait_at_most(self, seconds: float) -> None:
        """Set the deadline that many seconds from now."""
        self.deadline = self._server.loop.time() + seconds

    def begin(self, message: RawRequestMessage, payload: StreamReader) -> None:
        """Make this the current request and send it on its way."""
        self.message = message
        self.payload = payload
        self.body_open = not payload.is_eof()
        self.request_number += 1
        self.forget_last()
        self._server.walk.begin(self, message)

    def forget_last(self) -> None:
        """Nothing of the last request may be said of the next."""
        self.started = perf_counter()
        self.deadline = self.decided = 0.0
        self.status = self.bytes_sent = 0
        self.forwarded = False
        self.session = self.trace = None
        self.path = self.request_id = ""
        self.verdict = "unavailable"  # Until it is decided; what a client that leaves first gets.

    # The response: `ClientSide`.

    def reply(self, status: int, head: bytes, body: bytes) -> None:
        self.status = status
        self.bytes_sent = len(body)
        transport = self.transport
        if transport is not None:
            if len(body) < _JOIN_LIMIT:
                transport.write(head + body)
            else:
                transport.writelines((head, body))
        self._finish()

    def reply_begin(self, status: int, head: bytes, *, close: bool) -> None:
        self.status = status
        if close:
            self.keep_alive = False
        if self.transport is not None:
            self.transport.write(head)

    def reply_write(self, parts: tuple[bytes, ...]) -> None:
        if self.transport is not None:
            self.transport.writelines(parts)

    def reply_end(self, last: bytes) -> None:
        if last and self.transport is not None:
            self.transport.write(last)
        if self.exchange is not None:
            self.bytes_sent = self.exchange.bytes_sent
        self._finish()

    def reply_failed(self, failure: Failure) -> None:
        self.exchange = None
        self._server.walk.upstream_failed(self, failure)

    def cut(self) -> None:
        if self.transport is not None:
            reset(self.transport)

    def switch(self, message: RawResponseMessage, head: bytes, early: bytes) -> None:
        exchange, transport = self.exchange, self.transport
        upstream = exchange.take_transport() if exchange is not None else None
        self.exchange = None
        self.status = message.code
        self.deadline = 0.0
        if transport is None or upstream is None:
            for one in (transport, upstream):
                if one is not None:
                    one.abort()
            return
        transport.write(head)
        self.tunnel = self._server.join(self, transport, upstream, early, self.take_early())

    def tunnel_activity(self) -> None:
        """The client sent something through the tunnel."""
        self._server.walk.tunnel_activity(self)

    def tunnel_closed(self, bytes_sent: int) -> None:
        """Both sides of the tunnel are closed; the event loop tells us nothing more."""
        self.transport = None
        self.bytes_sent = bytes_sent
        self._finish()

    def finish_page(self, status: int, sent: int, *, keep: bool) -> None:
        """The page has been written; its bridge says so, and whether more may follow."""
        self.status = status
        self.bytes_sent = sent
        self.keep_alive = self.keep_alive and keep
        self._finish()

    def page_closed(self, sent: int) -> None:
        """The page server closed in the middle of the current request: so must we."""
        self.bytes_sent = sent
        if self.upgraded and self.transport is not None:
            self.status = 101
            self._leave(self.transport)  # What it wrote is a whole conversation.
        else:
            self.abort()

    def become(self, guest: "Guest", begin: Callable[[Callable[[], None]], None]) -> None:
        """A page has switched to another protocol, and `guest` speaks it from now on."""
        self.status = 101
        self._server.adopt(self, guest, begin)

    @abstractmethod
    def pump_body(self) -> None: ...

    @abstractmethod
    def pause_body(self) -> None: ...

    @abstractmethod
    def resume_body(self) -> None: ...

    def take_early(self) -> bytes:
        """Return what came after the head of an upgrade request."""
        early, self.early = self.early, b""
        return early

    # Leaving.

    def abort(self) -> None:
        """Cut the connection; what was sent is visibly incomplete."""
        if self.transport is not None:
            self.transport.abort()

    def close_when_idle(self) -> None:
        """Drain: close now if nothing is under way, else after the response."""
        self.keep_alive = False
        if self.message is None and not self.lingering and self.transport is not None:
            self._leave(self.transport)

    def overdue(self) -> None:
        """Patience ended; the server's ticker says so, never more than a second late."""
        transport = self.transport
        idle = self.message is None and not self.lingering and self.request_number
        if (
            idle
            and transport is not None
            and not transport.is_closing()
            and not transport.get_write_buffer_size()
        ):
            self._leave(transport)
        else:
            self.abort()

    def _finish(self) -> None:
        """The response is on its way, or never will be: note it, and go on or leave."""
        self._server.walk.finished(self)
        self.message = self.exchange = None
        transport = self.transport
        if transport is None:
            return
        if self.broken or self.body_open:
            self._linger(transport)
        elif not self.keep_alive:
            if self.reading:
                self._leave(transport)
            else:
                self._linger(transport)  # There is more that was not read.
        else:
            self._go_on()

    @abstractmethod
    def _go_on(self) -> None:
        """Take the next request, or wait for it."""

    @abstractmethod
    def _read_on(self) -> None:
        """Read from the client from now on, whatever was held back."""

    def _leave(self, transport: asyncio.Transport) -> None:
        """Close when all is written; a client that does not read it is not waited for forever."""
        transport.close()
        self.wait_at_most(self._server.limits.write_timeout)

    def _linger(self, transport: asyncio.Transport) -> None:
        """Let the client read our answer before the connection goes: closing with unread input
        would reset it, and the answer with it."""
        self.broken = self.lingering = True
        self.bytes_sent = 0
        unsent = transport.get_write_buffer_size()
        self.wait_at_most(self._server.limits.write_timeout if unsent else _LINGER)
        self._read_on()
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()
