"""Our own pages and API are for people: whatever software may ask for, it is not this.

So a bearer token of ours never gets as far as a route of ours: none lists or ends sessions, makes
another agent or sets a password. It is answered 403, or 401 if it is of no use any more.
"""

from functools import partial
from typing import TYPE_CHECKING

from sidecar.core.paths import Target
from sidecar.core.verdict import Allow, Deny, RequestFacts, SignIn, Verdict
from sidecar.front.answers import Answers
from sidecar.front.reading import Head, Reader
from sidecar.gate import Gate

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd


class PeopleOnly:
    """Answers what comes to our own pages with a bearer token of ours."""

    def __init__(self, reader: Reader, gate: Gate, answers: Answers) -> None:
        self._reader = reader
        self._gate = gate
        self._answers = answers

    def keep_out(self, conn: "ClientEnd", head: Head, target: Target) -> None:
        facts = RequestFacts(
            head.method,
            head.host,
            target.path,
            self._reader.bearer(head.request),
            True,
            head.client_ip,
            head.request,
        )
        self._gate.ask(facts, partial(self._decided, conn, conn.request_number))

    def _decided(self, conn: "ClientEnd", number: int, verdict: Verdict) -> None:
        if conn.transport is None or conn.request_number != number or conn.message is None:
            return  # The client did not wait.
        if isinstance(verdict, Allow | Deny):
            conn.verdict = "deny"
            self._answers.deny(conn, page=False)
        elif isinstance(verdict, SignIn):
            conn.verdict = "sign_in"
            self._answers.sign_in(conn, verdict.because, page=False)
        else:
            conn.verdict = "unavailable"
            self._answers.unavailable(conn, page=False)
