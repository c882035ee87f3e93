"""From a request's head to what the rest of the way needs to know of it.

A client that keeps its connection repeats its fields, so a connection remembers the last head
that it read, together with what follows from it alone: faults, the client's address and the
block of fields for the upstream. Nothing that depends on the store or the policy is remembered.
"""

from dataclasses import dataclass

from aiohttp.http_parser import RawRequestMessage

from sidecar.core.client_ip import TrustedNets, client_address, peer_address
from sidecar.core.cookies import LONGEST_TOKEN, CookieFacts, CookieTable
from sidecar.core.document_request import is_document, may_be_document
from sidecar.core.field_names import IDENTITY_NAMES
from sidecar.core.framing import framing_fault
from sidecar.core.headers import RawHeaders, RequestHead, forwardable
from sidecar.core.host import host_name
from sidecar.core.refusals import Refusal
from sidecar.core.token import BEARER, Credential, read_token
from sidecar.core.trace_context import Trace, may_pass, read_trace

_OURS = BEARER.encode("ascii")
_MAX_FIELDS = 128
_NO_COOKIE = CookieFacts(None, False, None)


@dataclass(slots=True)
class Head:
    """What one set of header fields means.

    block: for the upstream, without framing and identity. framing: the fields that frame the
    body, or that ask for the upgrade. browser: a page may answer. document: what answers will be
    the whole page of a tab. bearer: it has a bearer token of ours. trace: the one that the client
    names, if it does.
    """

    request: RequestHead
    method: str
    method_bytes: bytes
    version: object
    host: str
    client_ip: str
    trusted: bool
    block: bytes
    framing: bytes
    websocket: bool
    chunked: bool
    browser: bool
    document: bool
    bearer: bool
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What is the same for all requests. upstream_host: sent instead of the client's, if set.
    own_spans: the upstream is told of a span of ours, not of the client's."""

    trusted: TrustedNets
    public_scheme: str
    upstream_host: bytes | None = None
    own_spans: bool = False


class Reader:
    """Reads heads for one worker."""

    def __init__(self, rules: ReadingRules, cookies: CookieTable) -> None:
        self._rules = rules
        self._cookies = cookies

    def read(self, message: RawRequestMessage, peer: str | None, *, tls: bool) -> Head | Refusal:
        """Return what the head says, or why it is refused."""
        if len(message.raw_headers) > _MAX_FIELDS:
            return Refusal.FIELDS_TOO_LARGE
        request = forwardable(message.raw_headers, IDENTITY_NAMES)
        if isinstance(request, Refusal):
            return request
        version = message.version
        fault = framing_fault(message.method, (version.major, version.minor), request)
        if fault is not None:
            return fault
        trusted = peer_address(peer) in self._rules.trusted
        authorization = request.authorization
        bearer = authorization is not None and _bearer_of_ours(authorization) is not None
        facts = self.cookie(request)
        if bearer and (facts.credential is not None or facts.forged):
            return Refusal.TWO_CREDENTIALS
        client_ip = client_address(peer, request.forwarded_for, self._rules.trusted)
        chunked = request.transfer_encoding is not None
        # A handshake has no body; with one it is answered like any other request.
        websocket = request.websocket and not chunked and not request.content_length
        browser = _is_navigation(message.method, request)
        parent = request.traceparent
        trace = None if parent is None else read_trace(parent)
        return Head(
            request=request,
            method=message.method,
            method_bytes=message.method.encode("ascii"),
            version=version,
            host=request.host_name or "",
            client_ip=client_ip,
            trusted=trusted,
            block=self._block(
                request, facts, client_ip, trace, trusted=trusted, tls=tls, bearer=bearer
            ),
            framing=_framing(request, websocket=websocket),
            websocket=websocket,
            chunked=chunked,
            browser=browser,
            document=may_be_document(message.method, request, navigation=browser)
            and is_document(message.method, request),
            bearer=bearer,
            trace=trace,
        )

    def bearer(self, request: RequestHead) -> Credential | None:
        """Return what a bearer token of ours says, under the keys that are accepted now."""
        token = _bearer_of_ours(request.authorization or b"")
        if token is None or len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        return read_token(token.decode("ascii"), self._cookies.keys, BEARER)

    def cookie(self, request: RequestHead) -> CookieFacts:
        """Return what the cookie says under the keys that are accepted now."""
        return _NO_COOKIE if request.cookie is None else self._cookies.read(request.cookie)

    def block_of(self, raw: RawHeaders, head: Head, *, tls: bool) -> bytes | None:
        """Return the block for the upstream of other fields than came; None if they are wrong."""
        request = forwardable(raw, IDENTITY_NAMES)
        if isinstance(request, Refusal):
            return None
        facts = self.cookie(request)
        trusted, bearer = head.trusted, head.bearer
        return self._block(
            request, facts, head.client_ip, head.trace, trusted=trusted, tls=tls, bearer=bearer
        )

    def origin(self, head: Head, *, tls: bool) -> str:
        """Return the origin at which the browser has what answers this, as far as is known."""
        scheme, host = self._shown(head.request, trusted=head.trusted, tls=tls)
        return f"{scheme.decode('ascii')}://{host.decode('ascii').lower()}"

    def _block(
        self,
        request: RequestHead,
        facts: CookieFacts,
        client_ip: str,
        trace: Trace | None,
        *,
        trusted: bool,
        tls: bool,
        bearer: bool,
    ) -> bytes:
        rules = self._rules
        host = request.host or b""
        parts = [b"Host: ", rules.upstream_host or host, b"\r\n", request.block]
        if facts.rest:
            parts += (b"Cookie: ", facts.rest, b"\r\n")
        if request.authorization is not None and not bearer:
            parts += (b"Authorization: ", request.authorization, b"\r\n")
        if trace is not None:
            if request.traceparent is not None and not rules.own_spans:
                parts += (b"traceparent: ", request.traceparent, b"\r\n")
            if request.tracestate is not None and may_pass(request.tracestate):
                parts += (b"tracestate: ", request.tracestate, b"\r\n")
        scheme, shown_host = self._shown(request, trusted=trusted, tls=tls)
        parts += (b"X-Forwarded-For: ", client_ip.encode(), b"\r\nX-Forwarded-Proto: ", scheme)
        if shown_host:
            parts += (b"\r\nX-Forwarded-Host: ", shown_host)
        parts.append(b"\r\n")
        return b"".join(parts)

    def _shown(self, request: RequestHead, *, trusted: bool, tls: bool) -> tuple[bytes, bytes]:
        """Return scheme and host as the client has them."""
        scheme = b"https" if tls else self._rules.public_scheme.encode()
        host = request.host or b""
        if trusted:
            forwarded_host, forwarded_proto = request.forwarded_host, request.forwarded_proto
            if forwarded_host and host_name(forwarded_host) is not None:
                host = forwarded_host
            if forwarded_proto in (b"http", b"https"):
                scheme = forwarded_proto
        return scheme, host


def _bearer_of_ours(authorization: bytes) -> bytes | None:
    """Return the bearer token if it is one of ours, or looks like one in whatever case: then nobody
    else is to see it."""
    parts = authorization.split(None, 1)
    if len(parts) != 2 or parts[0].lower() != b"bearer":
        return None
    token = parts[1].strip()
    return token if token[: len(_OURS)].lower() == _OURS else None


def _framing(request: RequestHead, *, websocket: bool) -> bytes:
    if websocket:
        return b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    if request.content_length is not None:
        return b"Content-Length: %d\r\n" % request.content_length
    return b"" if request.transfer_encoding is None else b"Transfer-Encoding: chunked\r\n"


def _is_navigation(method: str, request: RequestHead) -> bool:
    """Say whether a person's browser is going to a page, so that a page may answer it.

    Sec-Fetch-Mode is what browsers say themselves; older ones are known by what they accept.
    """
    if method not in ("GET", "HEAD", "POST"):
        return False
    mode = request.sec_fetch_mode
    if mode is not None:
        return mode == b"navigate"
    return method == "GET" and b"text/html" in (request.accept or b"")
