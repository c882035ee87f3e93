"""Our own answers to requests that go no further: refusals, and the reply to forward auth.

A browser that was going to a page gets a page; everybody else gets problem JSON (RFC 9457) with a
stable `code`. None of them repeats anything of the request but its canonical path.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from sidecar.core.reasons import Ended
from sidecar.core.refusals import Refusal
from sidecar.core.return_to import HOME
from sidecar.core.verdict import Missing
from sidecar.front.own_headers import OwnHeaders
from sidecar.front.problem import MEDIA_TYPE, Problem, problem, problem_body
from sidecar.login.pages import Pages
from sidecar.login.texts import FALLBACK
from sidecar.proxy.client_side import Failure
from sidecar.proxy.response import status_line

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

_CHALLENGE = b"WWW-Authenticate: Session\r\n"
_ALLOW = b"Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
"""With every 405 (RFC 9110 15.5.6); what each address takes is the application's to say."""

_RETRY = b"Retry-After: 1\r\n"
_CLOSE = b"Connection: close\r\n"
_KEEP = b"Connection: keep-alive\r\n"


class Answers:
    """Writes the answers of one worker. clear_cookie: the Set-Cookie value that removes ours."""

    def __init__(self, pages: Pages, headers: OwnHeaders, clear_cookie: str) -> None:
        self._pages = pages
        self._clear = _lines({"Set-Cookie": clear_cookie})
        self._page = _lines(headers.page) + _lines({"Content-Type": "text/html; charset=utf-8"})
        self._data = _lines(headers.data)
        self._problem = self._data + _lines({"Content-Type": MEDIA_TYPE})

    def sign_in(self, conn: "ClientEnd", because: Ended | Missing, *, page: bool = True) -> None:
        """401: no live session. A cookie that is of no use any more is removed with it."""
        code = because.code
        fields = _CHALLENGE
        if because is not Missing.SESSION_MISSING:
            fields += self._clear
        if page and _wants_page(conn):
            html = self._pages.needed(code, _way_back(conn), self._language(conn))
            self._send(conn, 401, fields + self._page, html.encode())
        else:
            self._say(conn, problem(code), fields, page=False)

    def deny(self, conn: "ClientEnd", *, page: bool = True) -> None:
        """403: signed in, but the route is not for this person."""
        self._say(conn, Problem("forbidden", 403, "You may not use this page."), page=page)

    def foreign_origin(self, conn: "ClientEnd") -> None:
        """403: a page of another site tried to open a WebSocket with this person's cookie."""
        conn.keep_alive = False
        what = Problem("foreign_origin", 403, "This origin may not connect.")
        self._say(conn, what, page=False)

    def unavailable(self, conn: "ClientEnd", *, page: bool = True) -> None:
        """503: the store is silent. The cookie is left alone: nobody is signed out by this."""
        self._say(conn, problem("store_unavailable"), _RETRY, page=page)

    def refuse(self, conn: "ClientEnd", refusal: Refusal) -> None:
        """The request itself is at fault."""
        what = Problem(refusal.value, refusal.status, "The request cannot be accepted.")
        self._say(conn, what, _ALLOW if refusal is Refusal.METHOD else b"", page=False)

    def body_too_slow(self, conn: "ClientEnd") -> None:
        """408: the body did not come in time."""
        self._say(conn, problem("request_timeout"), page=False)

    def broken(self, conn: "ClientEnd") -> None:
        """500: a mistake of ours. Whatever it was, the request goes no further."""
        conn.keep_alive = False
        self._say(conn, problem("internal_error"), page=False)

    def upstream_failed(self, conn: "ClientEnd", failure: Failure) -> None:
        """502, 503 or 504: the application gave no answer."""
        fields = _RETRY if failure.status == 503 else b""
        self._say(conn, Problem(failure.code, failure.status, failure.detail), fields, page=True)

    def identity(self, conn: "ClientEnd", block: bytes, cookies: bytes | None) -> None:
        """200 for forward auth: as response fields who it is, and the cookies without ours, so that
        the proxy can keep our cookie from the application as we would."""
        rest = b"" if cookies is None else b"Cookie: %b\r\n" % cookies
        self._send(conn, 200, self._data + block + rest, b"")

    def _say(self, conn: "ClientEnd", what: Problem, fields: bytes = b"", *, page: bool) -> None:
        if page and _wants_page(conn):
            message = conn.message
            safe = message is not None and message.method == "GET"
            html = self._pages.error(
                what.status,
                what.code,
                conn.request_id,
                self._language(conn),
                back=_way_back(conn),
                sent=not safe,
            )
            self._send(conn, what.status, fields + self._page, html.encode())
        else:
            body = problem_body(what, conn.path, conn.request_id)
            self._send(conn, what.status, fields + self._problem, body)

    def _send(self, conn: "ClientEnd", status: int, fields: bytes, body: bytes) -> None:
        if conn.body_open:
            conn.keep_alive = False  # What is left of the body will not be read.
        head = b"%b%bContent-Length: %d\r\n%b\r\n" % (
            status_line(status, HTTPStatus(status).phrase),
            fields,
            len(body),
            _CLOSE if not conn.keep_alive else _KEEP if conn.http10 else b"",
        )
        message = conn.message
        bodiless = message is not None and message.method == "HEAD"
        conn.reply(status, head, b"" if bodiless else body)

    def _language(self, conn: "ClientEnd") -> str:
        head = conn.head
        if head is None:
            return FALLBACK
        asked = head.request.get(b"accept-language") or b""
        return self._pages.languages.of(head.request.cookie, asked.decode("latin-1"))


def _lines(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("ascii")


def _wants_page(conn: "ClientEnd") -> bool:
    return conn.head is not None and conn.head.browser


def _way_back(conn: "ClientEnd") -> str:
    """Return where the person was going, or the home path when a link does not lead there."""
    message = conn.message
    return message.path if message is not None and message.method == "GET" else HOME
