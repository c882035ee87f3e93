"""What the upstream is told of the person: fields, and a signed assertion it can check.

Both follow from the session's record alone and are kept per session; the assertion lives for a
minute and is signed anew a while before that is over, so that signing costs once per session and
not once per request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from sidecar.core.identity import ASSERTION_LIFETIME, assertion_claims, identity_block
from sidecar.core.session import Handle, Session
from sidecar.store.signing import SigningKey

_RENEW = ASSERTION_LIFETIME.total_seconds() - 20.0
_MAX_ENTRIES = 8192


@dataclass(slots=True)
class _Entry:
    session: Session
    block: bytes
    renew_at: float


class Identity:
    """The identity block of each session that was used lately.

    signing_key: the current key; asked at each signing, since it rotates.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        signing_key: Callable[[], SigningKey],
        now: Callable[[], datetime],
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._signing_key = signing_key
        self._now = now
        self._entries: dict[Handle, _Entry] = {}

    def block(self, session: Session) -> bytes:
        """Return the fields, each with its CRLF."""
        entry = self._entries.get(session.handle)
        if entry is not None and monotonic() < entry.renew_at:
            if entry.session is session:
                return entry.block
            if _same_person(entry.session, session):
                entry.session = session
                return entry.block
        return self._make(session)

    def assertion(self, session: Session, now: datetime) -> str:
        """Return a new signed assertion, a compact JWT."""
        claims = assertion_claims(session, self._issuer, self._audience, now)
        return self._signing_key().sign(claims)

    def _make(self, session: Session) -> bytes:
        if len(self._entries) >= _MAX_ENTRIES:
            self._entries.clear()
        token = self.assertion(session, self._now()).encode("ascii")
        block = identity_block(session) + b"X-Sidecar-Assertion: " + token + b"\r\n"
        self._entries[session.handle] = _Entry(session, block, monotonic() + _RENEW)
        return block


def _same_person(one: Session, other: Session) -> bool:
    """Say whether both records give the same fields; only the time of the last use may differ."""
    return (
        one.secret_hash == other.secret_hash
        and one.user_id == other.user_id
        and one.username == other.username
        and one.role is other.role
        and one.email == other.email
        and one.groups == other.groups
    )
