"""The exchange of a page that a script is put into, on its way and without waiting for all of it.

    head ─▶ held back ── the body begins as a document ─▶ changed head, body with the tag
                    └── it does not ─▶ head and body as they came

The head is held back with the beginning of the body, 8 KiB at most, because what the body begins
with decides how the head must read. From then on each part goes out as it comes. What is packed and
unpacks to very much goes out slice by slice, with others served in between; meanwhile, and while
the client takes no more, nothing is read from the upstream.
"""

import asyncio
from typing import TYPE_CHECKING

from aiohttp.http_parser import RawResponseMessage

from sidecar.core.document_answer import PageScript, confirmed, page_of
from sidecar.core.response_headers import ResponseFields, response_fields
from sidecar.proxy.client_side import ClientSide, Failure
from sidecar.proxy.exchange import Exchange
from sidecar.proxy.gzip_body import BadGzip
from sidecar.proxy.page_body import PageBody

if TYPE_CHECKING:
    from sidecar.proxy.pool import Pool


class PageExchange(Exchange):
    """An exchange whose answer may be a page, of a request that is a document's.

    _page: the body, as long as it may change; None: everything passes as it comes. _holding: the
    head has not gone out. _turn: the next slice's.
    """

    __slots__ = ("_came", "_done", "_holding", "_page", "_script", "_turn", "_written")

    _came: ResponseFields
    _written: ResponseFields

    def __init__(
        self,
        pool: "Pool",
        client: ClientSide,
        method: str,
        timeout: float,
        script: PageScript,
        request_chunked: bool = False,
    ) -> None:
        super().__init__(pool, client, method, timeout, request_chunked=request_chunked)
        self._script = script
        self._page: PageBody | None = None
        self._holding = False
        self._done = False
        self._turn: asyncio.Handle | None = None

    # What the connection calls.

    def answered(self, message: RawResponseMessage, fields: ResponseFields, body: bytes) -> None:
        if body and self._hold(message, fields):
            self.ended(body)
            return
        if message.code == 304 and self._script.known:
            written = response_fields(confirmed(message.raw_headers, self._script))
            fields = written if isinstance(written, ResponseFields) else fields
        super().answered(message, fields, body)

    def began(self, message: RawResponseMessage, fields: ResponseFields) -> None:
        if self._hold(message, fields):
            self._started = True  # It has answered: from now on it may take its time.
            self._await_progress()
        else:
            super().began(message, fields)

    def body(self, data: bytes) -> None:
        if self._page is None:
            super().body(data)
        else:
            self._await_progress()
            self._page.add(data)
            self._go_on(self._page)

    def ended(self, data: bytes) -> None:
        page = self._page
        if page is None:
            super().ended(data)
            return
        self._connection = None
        self._done = True
        page.add(data)
        page.end()
        if self._turn is None:
            self._go_on(page)

    def truncated(self) -> None:
        self._stop()
        if self._holding:
            self._connection = None
            self.client.reply_failed(Failure.CLOSED)
        else:
            super().truncated()

    # What the pool and the front call.

    def timed_out(self) -> None:
        if self._holding:
            self._started = False  # Nothing has gone out yet: there can be an answer.
        super().timed_out()

    def cancel(self) -> None:
        super().cancel()
        self._stop()

    def resume(self) -> None:
        page = self._page
        if page is None or not page.waiting:
            super().resume()
            return
        self._paused = False
        self._await_progress()
        self._take_turn()

    # Steps.

    def _hold(self, message: RawResponseMessage, fields: ResponseFields) -> bool:
        """Say whether this may be a page; then keep its head until it is known."""
        page = page_of(message.code, message.raw_headers, self._script)
        if page is None:
            return False
        written = response_fields(page.fields)
        if not isinstance(written, ResponseFields):
            return False
        self.message = message
        self._came, self._written = fields, written
        self._page = PageBody(page)
        self._holding = True
        return True

    def _go_on(self, page: PageBody) -> None:
        """Pass on what may go out now."""
        try:
            data = page.take()
        except BadGzip:
            self._break_off()
            return
        if page.changed is None:
            return
        if not page.changed:
            self._pass_as_it_came(data)
            return
        last = self._done and not page.waiting
        message, holding, self._holding = self.message, self._holding, False
        if message is not None and holding:
            if last:
                super().answered(message, self._written, data)
                return
            self._send_head(message, self._written, _grown(self._came, page))
        if data:
            super().body(data)
        if last:
            super().ended(b"")
        elif page.waiting:
            self._take_turn()

    def _pass_as_it_came(self, body: bytes) -> None:
        message = self.message
        self._page, self._holding = None, False
        if message is None:
            return
        if self._done:
            super().answered(message, self._came, body)
        else:
            super().began(message, self._came)
            if body:
                super().body(body)

    def _take_turn(self) -> None:
        """Go on with the next slice after whatever else is to be done."""
        if self._turn is None:
            self._transport_call("pause_reading")
            self._turn = asyncio.get_running_loop().call_soon(self._my_turn)

    def _my_turn(self) -> None:
        self._turn = None
        page = self._page
        if page is None or self.cancelled or self._paused:
            return
        well = False
        try:
            self._await_progress()
            self._go_on(page)
            if not page.waiting and not self._paused:
                self._transport_call("resume_reading")
            well = True
        finally:
            if not well:
                self._break_off()  # Nobody waits for what will not come.

    def _break_off(self) -> None:
        """What comes cannot be read any more, and part of it has gone out."""
        self._stop()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self.client.cut()

    def _stop(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None


def _grown(came: ResponseFields, page: PageBody) -> int | None:
    """Return how long the changed body will be; None if nobody knows yet."""
    length, more = came.content_length, page.grows_by
    return None if length is None or more is None else length + more
