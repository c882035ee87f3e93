"""A request's way: head → target → gate → upstream, or a page of ours, or a refusal.

Callbacks of one worker, no task per request. The order is the security argument: the request is
refused for what it is before anybody looks at who sent it; the gate decides on the one canonical
path that is also forwarded; nothing goes to the upstream before the gate has said Allow.
"""

import logging
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from aiohttp.http import HttpVersion10
from aiohttp.http_exceptions import LineTooLong
from aiohttp.http_parser import RawRequestMessage

from sidecar.core.origin import same_origin
from sidecar.core.paths import Target, canonical_target
from sidecar.core.policy import Route
from sidecar.core.reasons import Ended
from sidecar.core.refusals import Refusal
from sidecar.core.trace_context import Trace, onward_field
from sidecar.core.verdict import Allow, Deny, RequestFacts, SignIn, Verdict
from sidecar.front.answers import Answers
from sidecar.front.context import RequestContext
from sidecar.front.forward_auth import ForwardAuth
from sidecar.front.identity import Identity
from sidecar.front.injection import Injection
from sidecar.front.people_only import PeopleOnly
from sidecar.front.reading import Head, Reader
from sidecar.front.record import Record
from sidecar.gate import Gate
from sidecar.proxy.client_side import Failure
from sidecar.proxy.exchange import Exchange
from sidecar.proxy.inject import PageExchange
from sidecar.proxy.pool import Pool

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

log = logging.getLogger(__name__)

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Walk:
    """The way of every request of one worker."""

    def __init__(
        self,
        *,
        reader: Reader,
        gate: Gate,
        pool: Pool,
        identity: Identity,
        answers: Answers,
        record: Record,
        forward_auth: ForwardAuth,
        mount: str,
        account_path: str | None = None,
        public_origin: str,
        request_ids: Callable[[], str],
        to_page: Callable[["ClientEnd", RequestContext], None],
        injection: Injection | None = None,
        new_spans: Callable[[Trace | None], Trace] | None = None,
    ) -> None:
        """injection: what puts a script into pages; None leaves them alone. new_spans: gives a
        request its spans, in the client's trace if it names one; None takes no part in traces."""
        self._reader = reader
        self._gate = gate
        self._pool = pool
        self._identity = identity
        self._answers = answers
        self._record = record
        self._forward_auth = forward_auth
        self._people_only = PeopleOnly(reader, gate, answers)
        self._own_paths = frozenset({mount, account_path})
        self._mount_slash = mount + "/"
        self._public_origin = public_origin
        self._request_ids = request_ids
        self._to_page = to_page
        self._injection = injection
        self._new_spans = new_spans
        self._timeout = pool.upstream.response_timeout
        self.draining = False

    def begin(self, conn: "ClientEnd", message: RawRequestMessage) -> None:
        """Take a request whose head has been read."""
        conn.request_id = self._request_ids()
        conn.http10 = message.version is HttpVersion10
        # After a request to upgrade, the parser may have skipped what followed it.
        conn.keep_alive = not (message.should_close or message.upgrade or self.draining)
        head = conn.head
        if (
            head is None
            or message.raw_headers != conn.head_of
            or message.method != head.method
            or message.version is not head.version
        ):
            read = self._reader.read(message, conn.peer, tls=conn.tls)
            if isinstance(read, Refusal):
                conn.head = None
                self.refuse(conn, read)
                return
            head = conn.head = read
            conn.head_of = message.raw_headers
        conn.trace = head.trace if self._new_spans is None else self._new_spans(head.trace)
        target = canonical_target(message.path)
        if isinstance(target, Refusal):
            self.refuse(conn, target)
            return
        path = conn.path = target.path
        if conn.body_open:
            conn.pause_body()  # Nobody takes it yet.
        if path.startswith(self._mount_slash) or path in self._own_paths:
            self._to_own(conn, head, target)
            return
        cookie = self._reader.cookie(head.request)
        credential = cookie.credential
        if credential is None and head.bearer:
            credential = self._reader.bearer(head.request)
        self._gate.ask(
            RequestFacts(
                message.method,
                head.host,
                path,
                credential,
                cookie.forged or head.bearer,
                head.client_ip,
                head.request,
            ),
            partial(self._decided, conn, conn.request_number, head, target),
        )

    def refuse(self, conn: "ClientEnd", refusal: Refusal) -> None:
        """Answer that the request itself is at fault, and read no further."""
        conn.keep_alive = False
        conn.verdict = "bad_request"
        self._answers.refuse(conn, refusal)

    def bad_input(self, conn: "ClientEnd", error: Exception) -> None:
        """The bytes were not HTTP, or more of it than we take."""
        conn.request_id = conn.request_id or self._request_ids()
        conn.head = None
        large = isinstance(error, LineTooLong)
        self.refuse(conn, Refusal.FIELDS_TOO_LARGE if large else Refusal.MALFORMED)

    def body_too_slow(self, conn: "ClientEnd") -> None:
        """The client did not send the body of its request in time."""
        conn.keep_alive = False
        conn.verdict = "bad_request"
        self._answers.body_too_slow(conn)

    def upstream_failed(self, conn: "ClientEnd", failure: Failure) -> None:
        """The upstream gave no answer, and nothing was sent for it."""
        conn.verdict = "upstream_error"
        try:
            self._answers.upstream_failed(conn, failure)
        except Exception as error:
            self._broke(conn, error)

    def session_ended(self, conn: "ClientEnd", reason: Ended) -> None:
        """The session ended before its request was answered."""
        conn.keep_alive = False
        conn.verdict = "sign_in"
        self._answers.sign_in(conn, reason)

    def tunnel_activity(self, conn: "ClientEnd") -> None:
        """The client sent something through a tunnel."""
        if conn.session is not None:
            self._gate.tunnel_used(conn.session, conn.route)

    def finished(self, conn: "ClientEnd") -> None:
        """The response has been handed to the transport, or never will be."""
        self._record.finished(conn)

    def _to_own(self, conn: "ClientEnd", head: Head, target: Target) -> None:
        conn.verdict = "public"
        if self._forward_auth.serves(target.path):
            self._forward_auth.ask(conn, head, target)
            return
        if head.bearer:
            self._people_only.keep_out(conn, head, target)
            return
        cookie = self._reader.cookie(head.request)
        self._to_page(
            conn,
            RequestContext(
                head.client_ip, conn.request_id, cookie.credential, cookie.forged, head.request
            ),
        )

    def _decided(
        self,
        conn: "ClientEnd",
        number: int,
        head: Head,
        target: Target,
        verdict: Verdict,
    ) -> None:
        if conn.transport is None or conn.request_number != number or conn.message is None:
            return  # The client did not wait.
        conn.decided = perf_counter()
        try:
            self._go_on(conn, head, target, verdict)
        except Exception as error:
            self._broke(conn, error)

    def _broke(self, conn: "ClientEnd", error: Exception) -> None:
        """The last resort: a mistake of ours must never leave a request hanging, take others of the
        same turn with it, or let one pass (ASVS 16.5.3, 16.5.4)."""
        log.error("request_failed", extra={"request_id": conn.request_id}, exc_info=error)
        conn.verdict = "unavailable"
        if conn.status or conn.exchange is not None:
            conn.abort()
        else:
            self._answers.broken(conn)

    def _go_on(self, conn: "ClientEnd", head: Head, target: Target, verdict: Verdict) -> None:
        if type(verdict) is Allow:
            conn.session = verdict.session
            conn.verdict = "public" if verdict.session is None else "allow"
            self._forward(conn, head, target, verdict)
        elif isinstance(verdict, SignIn):
            conn.verdict = "sign_in"
            self._answers.sign_in(conn, verdict.because)
        elif isinstance(verdict, Deny):
            conn.verdict = "deny"
            conn.session = verdict.session
            self._answers.deny(conn)
        else:
            conn.verdict = "unavailable"
            self._answers.unavailable(conn)

    def _forward(self, conn: "ClientEnd", head: Head, target: Target, verdict: Allow) -> None:
        route, session = verdict
        conn.route = route
        websocket = head.websocket and conn.switching
        if websocket and not self._may_connect(head, route):
            conn.verdict = "deny"
            self._answers.foreign_origin(conn)
            return
        block, script = head.block, None
        if head.document and session is not None and self._injection is not None:
            block, script = self._injection.into(conn, head, route) or (block, None)
        if self._new_spans is not None and conn.trace is not None:
            block += onward_field(conn.trace)
        first = b"%b %b HTTP/1.1\r\n%b%b%b\r\n" % (
            head.method_bytes,
            target.forward,
            block,
            b"" if session is None else self._identity.block(session),
            head.framing,
        )
        conn.forwarded = True
        timeout = self._timeout if route.timeout is None else route.timeout.total_seconds()
        if script is None:
            exchange = Exchange(self._pool, conn, head.method, timeout, websocket, head.chunked)
        else:
            exchange = PageExchange(self._pool, conn, head.method, timeout, script, head.chunked)
        conn.exchange = exchange
        if not head.framing or websocket:
            exchange.start(first, body_complete=True)
        elif not conn.body_open:
            exchange.start(first + _whole_body(conn, chunked=head.chunked), body_complete=True)
        else:
            if head.request.expect is not None and not conn.http10 and conn.transport is not None:
                conn.transport.write(_CONTINUE)
            exchange.start(first, body_complete=False)

    def _may_connect(self, head: Head, route: Route) -> bool:
        """A page of another site must not open a WebSocket with this person's cookie."""
        origin = head.request.origin
        if origin is None:
            return True
        text = origin.decode("latin-1")
        site = head.request.sec_fetch_site
        return text in route.websocket_origins or same_origin(
            text,
            None if site is None else site.decode("latin-1"),
            self._public_origin,
            has_cookie=True,
            has_bearer=False,
        )


def _whole_body(conn: "ClientEnd", *, chunked: bool) -> bytes:
    """Return the request body that came with the head, framed as the head says."""
    body = conn.payload.read_nowait() if conn.payload is not None else b""
    if not chunked:
        return body
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
