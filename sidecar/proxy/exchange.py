"""One request and its response, on their way through.

    waiting for a connection ─▶ sent ─▶ answered whole
                                  │ └─▶ began ─▶ body … ─▶ ended
                                  │        └──▶ truncated: the client's connection is cut
                                  ├─▶ switched: a tunnel takes over
                                  └─▶ failed: 502, 503 or 504, nothing was sent before

Bodies are passed on as they come, in both directions; a side that cannot take more pauses the
other's reading. Nothing is held beyond one read.
"""

import asyncio
from typing import TYPE_CHECKING

from aiohttp.http_parser import RawResponseMessage

from sidecar.core.response_headers import ResponseFields
from sidecar.proxy.client_side import ClientSide, Failure
from sidecar.proxy.response import response_head

if TYPE_CHECKING:
    from sidecar.proxy.connection import UpstreamConnection
    from sidecar.proxy.pool import Pool

# Repeating one of these does no more than sending it once (RFC 9110 section 9.2.2).
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})


class Exchange:
    """The state of one exchange. deadline: loop time at which patience with the upstream ends."""

    __slots__ = (
        "_chunked_out",
        "_connection",
        "_first",
        "_paused",
        "_pool",
        "_repeated",
        "_started",
        "_timeout",
        "bytes_sent",
        "cancelled",
        "client",
        "deadline",
        "fields",
        "message",
        "method",
        "request_chunked",
        "sending",
        "upgrade",
    )

    def __init__(
        self,
        pool: "Pool",
        client: ClientSide,
        method: str,
        timeout: float,
        upgrade: bool = False,
        request_chunked: bool = False,
    ) -> None:
        self._pool = pool
        self._timeout = timeout
        self.client = client
        self.method = method
        self.upgrade = upgrade
        self.request_chunked = request_chunked
        self.sending = False
        self.cancelled = False
        self.deadline = 0.0
        self.message: RawResponseMessage | None = None
        self.fields: ResponseFields | None = None
        self.bytes_sent = 0
        self._connection: UpstreamConnection | None = None
        self._first = b""
        self._repeated = False
        self._started = False
        self._paused = False
        self._chunked_out = False

    # What the front calls.

    def start(self, first: bytes, *, body_complete: bool) -> None:
        """Send the head (and as much of the body as is there) as soon as a connection is free."""
        self._first = first
        self.sending = not body_complete
        self._pool.serve(self)

    def send_body(self, data: bytes, *, last: bool) -> None:
        """Pass on a part of the request body. Only after `start`, while `sending`."""
        if last:
            self.sending = False
        connection = self._connection
        if connection is None:
            if not self.cancelled:
                self._first += self._framed(data, last=last)
                self.client.pause_body()
            return
        if connection.transport is not None:
            connection.transport.write(self._framed(data, last=last))
            self._await_progress()

    def cancel(self) -> None:
        """The client is gone: whatever the upstream is doing for it, stop waiting for it."""
        self.cancelled = True
        connection, self._connection = self._connection, None
        if connection is not None and connection.exchange is self:
            connection.close()

    def pause(self) -> None:
        """The client takes no more of the response for now."""
        self._paused = True
        self._transport_call("pause_reading")

    def resume(self) -> None:
        """It does again."""
        self._paused = False
        self._await_progress()
        self._transport_call("resume_reading")

    # What the pool calls.

    def connected(self, connection: "UpstreamConnection") -> None:
        self._connection = connection
        self._await_progress()
        connection.send(self, self._first)
        if self.sending:
            self._first = b""
            if not connection.write_paused:
                self.client.resume_body()

    def timed_out(self) -> None:
        if self._paused:
            # It is the client who is slow; its own deadline looks after that.
            self._await_progress()
            return
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._started:
            self.client.cut()
        else:
            self.client.reply_failed(Failure.RESPONSE_TIMEOUT)

    def failed(self, failure: Failure) -> None:
        self._connection = None
        self.client.reply_failed(failure)

    # What the connection calls.

    def answered(self, message: RawResponseMessage, fields: ResponseFields, body: bytes) -> None:
        """The response arrived whole."""
        self._connection = None
        self.message = message
        self.bytes_sent = len(body)
        client = self.client
        if self.sending:
            client.keep_alive = False  # What is left of the request body will not be read.
        head = response_head(
            message, fields, client, length=len(body), bodiless=self.method == "HEAD"
        )
        client.reply(message.code, head, body)

    def began(self, message: RawResponseMessage, fields: ResponseFields) -> None:
        """The head is here; the body will follow in parts."""
        self.message = message
        self._send_head(message, fields, fields.content_length)

    def body(self, data: bytes) -> None:
        self.bytes_sent += len(data)
        self._await_progress()
        if self._chunked_out:
            self.client.reply_write((b"%x\r\n" % len(data), data, b"\r\n"))
        else:
            self.client.reply_write((data,))

    def ended(self, data: bytes) -> None:
        self._connection = None
        if data:
            self.body(data)
        self.client.reply_end(b"0\r\n\r\n" if self._chunked_out else b"")

    def truncated(self) -> None:
        """The upstream broke off in the middle: so must we, or it would look complete."""
        self._connection = None
        self.client.cut()

    def lost(self, connection: "UpstreamConnection") -> None:
        """The connection closed before any response.

        A pooled connection may have been closed by the upstream just as we took it. If not one
        byte came back, a request that may be repeated is, once, on a new connection.
        """
        self._connection = None
        if (
            not self._repeated
            and connection.reused
            and not connection.received
            and not self.sending
            and self.method in _REPEATABLE
            and self._first
        ):
            self._repeated = True
            self._pool.serve(self, fresh=True)
        else:
            self.client.reply_failed(Failure.CLOSED)

    def switched(self, message: RawResponseMessage, fields: ResponseFields, early: bytes) -> None:
        """101: the transport belongs to the tunnel from here on."""
        self.message = message
        head = response_head(message, fields, self.client, length=None, switching=True)
        self.client.switch(message, head, early)

    def take_transport(self) -> asyncio.Transport | None:
        """Give the upstream's transport to the tunnel; None if it is gone already."""
        connection, self._connection = self._connection, None
        return None if connection is None else connection.detach()

    # Details.

    def _send_head(
        self, message: RawResponseMessage, fields: ResponseFields, length: int | None
    ) -> None:
        """Begin the answer. length: of the body as it goes out; None: nobody knows."""
        self._started = True
        client = self.client
        self._chunked_out = length is None and not client.http10
        close = length is None and client.http10
        head = response_head(
            message, fields, client, length=length, chunked=self._chunked_out, close=close
        )
        self._await_progress()
        client.reply_begin(message.code, head, close=close)

    def _await_progress(self) -> None:
        patience = self._pool.upstream.stream_idle_timeout if self._started else self._timeout
        self.deadline = self._pool.now() + patience

    def _framed(self, data: bytes, *, last: bool) -> bytes:
        if not self.request_chunked:
            return data
        parts = [b"%x\r\n%b\r\n" % (len(data), data)] if data else []
        if last:
            parts.append(b"0\r\n\r\n")
        return b"".join(parts)

    def _transport_call(self, name: str) -> None:
        connection = self._connection
        if connection is not None and connection.transport is not None:
            getattr(connection.transport, name)()
