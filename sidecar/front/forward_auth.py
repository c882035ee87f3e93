"""Forward auth: another proxy asks about each request; the same gate answers.

Three dialects name the request that it is about: nginx (`X-Original-URI`, `X-Original-Method`),
Traefik and Caddy (`X-Forwarded-Uri`, `-Method`, `-Host`), and Envoy, which appends the path to
ours and keeps the method. Only a trusted proxy may ask: anyone else could name a public path and
be told that it is allowed; what they say is ignored, and the
answer is 401 (case S-06). The answer is never a redirect, because nginx takes
anything but 2xx, 401 and 403 for an error.
"""

import logging
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from sidecar.core.cookies import CookieFacts
from sidecar.core.host import host_name
from sidecar.core.paths import Target, canonical_target
from sidecar.core.refusals import Refusal
from sidecar.core.verdict import Allow, Deny, Missing, RequestFacts, SignIn, Verdict
from sidecar.front.answers import Answers
from sidecar.front.identity import Identity
from sidecar.front.reading import Head, Reader
from sidecar.gate import Gate

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

_Described = tuple[bytes, bytes | None, bytes | None]

log = logging.getLogger(__name__)


class ForwardAuth:
    """Answers `{mount}/auth`. enabled: trusted proxies are configured."""

    def __init__(
        self,
        *,
        mount: str,
        enabled: bool,
        reader: Reader,
        gate: Gate,
        identity: Identity,
        answers: Answers,
    ) -> None:
        self._path = mount + "/auth"
        self._suffixed = self._path + "/"
        self._enabled = enabled
        self._reader = reader
        self._gate = gate
        self._identity = identity
        self._answers = answers

    def serves(self, path: str) -> bool:
        return self._enabled and (path == self._path or path.startswith(self._suffixed))

    def ask(self, conn: "ClientEnd", head: Head, target: Target) -> None:
        """Answer about the request that the proxy's fields describe."""
        if not head.trusted:
            conn.verdict = "sign_in"
            self._answers.sign_in(conn, Missing.SESSION_MISSING, page=False)
            return
        cookie = self._reader.cookie(head.request)
        facts = self._facts(head, target, cookie)
        if isinstance(facts, Refusal):
            conn.verdict = "bad_request"
            self._answers.refuse(conn, facts)
            return
        self._gate.ask(facts, partial(self._decided, conn, conn.request_number, cookie.rest))

    def _facts(self, head: Head, target: Target, cookie: CookieFacts) -> RequestFacts | Refusal:
        described = self._described(head, target)
        if isinstance(described, Refusal):
            return described
        uri, method, host_field = described
        about = canonical_target(uri)
        if isinstance(about, Refusal):
            return about
        host = head.host if host_field is None else host_name(host_field)
        if host is None:
            return Refusal.HOST_INVALID
        name = head.method if method is None else method.decode("latin-1").upper()
        credential = cookie.credential
        if credential is None and head.bearer:
            credential = self._reader.bearer(head.request)
        forged = cookie.forged or head.bearer
        whence = (head.client_ip, head.request)
        return RequestFacts(name, host, about.path, credential, forged, *whence)

    def _described(self, head: Head, target: Target) -> _Described | Refusal:
        """Return URI, method and Host field of the request that it is about.

        Each proxy sets the fields of its own dialect and passes those of the others on as the
        client sent them. So a dialect is read whole or not at all, and two that disagree are
        refused: one of them is the client's.
        """
        if target.path.startswith(self._suffixed):
            return target.forward[len(self._path) :], None, None
        request = head.request
        original, forwarded = request.get(b"x-original-uri"), request.get(b"x-forwarded-uri")
        if original is not None and forwarded is not None and original != forwarded:
            return Refusal.FORWARDED_URI_CONTRADICTORY
        if original is not None:
            return original, request.get(b"x-original-method") or b"GET", None
        if forwarded is not None:
            method = request.get(b"x-forwarded-method") or b"GET"
            return forwarded, method, request.forwarded_host
        return Refusal.FORWARDED_URI_MISSING

    def _decided(
        self, conn: "ClientEnd", number: int, rest: bytes | None, verdict: Verdict
    ) -> None:
        if conn.transport is None or conn.request_number != number or conn.message is None:
            return
        conn.decided = perf_counter()
        try:
            self._answer(conn, rest, verdict)
        except Exception:
            log.exception("request_failed", extra={"request_id": conn.request_id})
            if conn.status:
                conn.abort()
            else:
                self._answers.broken(conn)

    def _answer(self, conn: "ClientEnd", rest: bytes | None, verdict: Verdict) -> None:
        if isinstance(verdict, Allow):
            session = verdict.session
            conn.verdict = "public" if session is None else "allow"
            conn.session = session
            block = b"" if session is None else self._identity.block(session)
            self._answers.identity(conn, block, rest)
        elif isinstance(verdict, SignIn):
            conn.verdict = "sign_in"
            self._answers.sign_in(conn, verdict.because, page=False)
        elif isinstance(verdict, Deny):
            conn.verdict = "deny"
            self._answers.deny(conn, page=False)
        else:
            conn.verdict = "unavailable"
            self._answers.unavailable(conn, page=False)
