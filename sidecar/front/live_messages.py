"""What is said on the live channel: JSON texts, told apart by `type`.

server   hello · limits · unavailable (the store is silent: ask later) · events (for who follows)
         ended, then Close 1008 with the same code
client   limits (asks for them) · stay (somebody is there) · follow (viewers and above)
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from sidecar.core.event_shapes import EventShape
from sidecar.core.policy import Policy
from sidecar.core.reasons import Ended
from sidecar.core.session import Session, expires_at, idle_expires_at
from sidecar.core.shapes import Instant, instant
from sidecar.core.users import UserId
from sidecar.front.live_frames import TEXT, write_frame


class AskLimits(Struct, frozen=True, tag="limits", forbid_unknown_fields=True):
    """When does this session end? Asking is no activity."""


class Stay(Struct, frozen=True, tag="stay", forbid_unknown_fields=True):
    """Somebody is there: activity. Answered with the limits."""


class Follow(Struct, frozen=True, tag="follow", forbid_unknown_fields=True):
    """Tell me what happens behind this id; `latest`: from now on."""

    after: str


Message = AskLimits | Stay | Follow


class _LiveUser(Struct, frozen=True):
    id: UserId
    username: str


class _Limits(Struct, frozen=True, tag="limits", rename="camel"):
    """idle_timeout: in seconds."""

    now: Instant
    expires_at: Instant
    idle_expires_at: Instant
    idle_timeout: int


class _Hello(_Limits, frozen=True, tag="hello", rename="camel"):
    user: _LiveUser


class _Ended(Struct, frozen=True, tag="ended"):
    code: str


class _Unavailable(Struct, frozen=True, tag="unavailable"):
    pass


class _Events(Struct, frozen=True, tag="events"):
    items: Sequence[EventShape]
    cursor: str


_READER: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_WRITER = msgspec.json.Encoder()


def read_message(payload: bytes) -> Message | None:
    """Return what a page said, or None if that is nothing of the above."""
    try:
        return _READER.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def hello(session: Session, now: datetime, policy: Policy) -> bytes:
    """The first message: whose session this is, and how long it lasts."""
    user = _LiveUser(session.user_id, session.username)
    return _text(_Hello(*_facts(session, now, policy), user))


def limits(session: Session, now: datetime, policy: Policy) -> bytes:
    """How long the session lasts, as it is known now."""
    return _text(_Limits(*_facts(session, now, policy)))


def ended(reason: Ended) -> bytes:
    """The session is over."""
    return _text(_Ended(reason.code))


def unavailable() -> bytes:
    """It cannot be said now how long the session lasts; it goes on until somebody says."""
    return _text(_Unavailable())


def events(items: Sequence[EventShape], cursor: str) -> bytes:
    """What happened, oldest first; cursor: of the last of them."""
    return _text(_Events(items, cursor))


def _facts(
    session: Session, now: datetime, policy: Policy
) -> tuple[Instant, Instant, Instant, int]:
    limits = policy.limits_for(session.role)
    return (
        instant(now),
        instant(expires_at(session, limits)),
        instant(idle_expires_at(session, limits)),
        int(limits.idle_timeout.total_seconds()),
    )


def _text(message: Struct) -> bytes:
    return write_frame(TEXT, _WRITER.encode(message))
