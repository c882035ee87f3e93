"""Our own answers to requests that go no further: refusals, and the reply to forward auth.

A browser that was going to a page gets a page; everybody else gets problem JSON (RFC 9457) with a
stable `code`. None of them repeats anything of the request but its canonical path.
"""

import json
from typing import TYPE_CHECKING, Protocol

from sidecar.core.reasons import Ended
from sidecar.core.refusals import Refusal
from sidecar.core.verdict import Missing
from sidecar.proxy.client_side import Failure
from sidecar.proxy.response import status_line

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    405: "Method Not Allowed",
    414: "URI Too Long",
    417: "Expectation Failed",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}
_COMMON = (
    b"Cache-Control: no-store\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"Referrer-Policy: same-origin\r\n"
    b"Cross-Origin-Resource-Policy: same-origin\r\n"
)
_PROBLEM = (
    b"Content-Type: application/problem+json\r\n"
    b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n"
)
_CHALLENGE = b"WWW-Authenticate: Session\r\n"
_RETRY = b"Retry-After: 1\r\n"
_ENDED_DETAIL = {
    "session_missing": "Sign in to use this application.",
    "session_invalid": "The session is not valid. Sign in again.",
    "session_revoked": "The session was ended. Sign in again.",
    "session_signed_out": "You signed out. Sign in again.",
    "session_idle": "The session ended because it was not used. Sign in again.",
    "session_expired": "The session reached its longest duration. Sign in again.",
}


class ErrorPages(Protocol):
    """Makes the pages. Each returns the header fields that the page needs, and its HTML."""

    def sign_in(self, code: str, return_to: str, language: str) -> tuple[bytes, bytes]:
        """The page of a 401: it goes to the sign-in page at once."""
        ...

    def error(
        self, status: int, code: str, detail: str, request_id: str, language: str
    ) -> tuple[bytes, bytes]: ...


class Answers:
    """Writes the answers of one worker. clear_cookie: the value that removes our cookie."""

    def __init__(self, pages: ErrorPages, clear_cookie: str, mount: str) -> None:
        self._pages = pages
        self._clear = f"Set-Cookie: {clear_cookie}\r\n".encode("ascii")
        self._mount = mount

    def sign_in(self, conn: "ClientEnd", because: Ended | Missing, *, page: bool = True) -> None:
        """401: no live session. A cookie that is of no use any more is removed with it."""
        code = because.code
        fields = _CHALLENGE
        if because is not Missing.SESSION_MISSING:
            fields += self._clear
        if page and _wants_page(conn):
            message = conn.message
            target = message.path if message is not None and message.method == "GET" else "/"
            extra, body = self._pages.sign_in(code, target, _language(conn))
            self._send(conn, 401, fields + extra, body)
        else:
            self._problem(conn, 401, code, _ENDED_DETAIL[code], fields)

    def deny(self, conn: "ClientEnd", *, page: bool = True) -> None:
        """403: signed in, but the route is not for this person."""
        self._say(conn, 403, "forbidden", "You may not use this page.", page=page)

    def foreign_origin(self, conn: "ClientEnd") -> None:
        """403: a page of another site tried to open a WebSocket with this person's cookie."""
        conn.keep_alive = False
        self._say(conn, 403, "foreign_origin", "This origin may not connect.", page=False)

    def unavailable(self, conn: "ClientEnd", *, page: bool = True) -> None:
        """503: the store is silent. The cookie is left alone: nobody is signed out by this."""
        self._say(
            conn, 503, "store_unavailable", "Sessions cannot be checked now.", _RETRY, page=page
        )

    def refuse(self, conn: "ClientEnd", refusal: Refusal) -> None:
        """The request itself is at fault."""
        self._problem(conn, refusal.status, refusal.value, "The request cannot be accepted.")

    def upstream_failed(self, conn: "ClientEnd", failure: Failure) -> None:
        """502, 503 or 504: the application gave no answer."""
        fields = _RETRY if failure.status == 503 else b""
        self._say(conn, failure.status, failure.code, failure.detail, fields, page=True)

    def identity(self, conn: "ClientEnd", block: bytes) -> None:
        """200 for forward auth, with who it is as response fields."""
        self._send(conn, 200, block, b"")

    def _say(
        self,
        conn: "ClientEnd",
        status: int,
        code: str,
        detail: str,
        fields: bytes = b"",
        *,
        page: bool,
    ) -> None:
        if page and _wants_page(conn):
            extra, body = self._pages.error(status, code, detail, conn.request_id, _language(conn))
            self._send(conn, status, fields + extra, body)
        else:
            self._problem(conn, status, code, detail, fields)

    def _problem(
        self,
        conn: "ClientEnd",
        status: int,
        code: str,
        detail: str,
        fields: bytes = b"",
    ) -> None:
        problem = {
            "type": "about:blank",
            "title": _REASONS[status],
            "status": status,
            "detail": detail,
            "code": code,
            "instance": conn.path,
            "requestId": conn.request_id,
        }
        self._send(conn, status, fields + _PROBLEM, json.dumps(problem).encode("ascii"))

    def _send(self, conn: "ClientEnd", status: int, fields: bytes, body: bytes) -> None:
        if conn.body_open:
            conn.keep_alive = False  # What is left of the body will not be read.
        head = b"%b%b%bContent-Length: %d\r\n%b\r\n" % (
            status_line(status, _REASONS[status]),
            _COMMON,
            fields,
            len(body),
            b"" if conn.keep_alive else b"Connection: close\r\n",
        )
        message = conn.message
        bodiless = message is not None and message.method == "HEAD"
        conn.reply(status, head, b"" if bodiless else body)


def _wants_page(conn: "ClientEnd") -> bool:
    return conn.head is not None and conn.head.browser


def _language(conn: "ClientEnd") -> str:
    """Return the Accept-Language field, or nothing."""
    head = conn.head
    value = head.request.get(b"accept-language") if head is not None else None
    return value.decode("latin-1") if value is not None else ""
