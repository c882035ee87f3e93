"""Signals: another system of the organisation says that somebody's sessions have to end.

Nobody is signed in for it. What counts is that the message is signed by a source of the settings,
that it is of now, and that it comes once. A message that is signed with a shared secret is one of
Standard Webhooks, read with the same words as ours are written (`webhooks.py`); a signed token is
read in `login/signal_tokens.py`.
Source: Standard Webhooks specification 1.0, sections on signatures and replay.
"""

import dataclasses
import hmac
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal, Protocol

from msgspec import UNSET, Meta, UnsetType, field

from sidecar.core.audit import Actor
from sidecar.core.given import END, ID_PATTERN, Given
from sidecar.core.shapes import Number, Shape
from sidecar.core.token import HANDLE_PATTERN
from sidecar.core.webhooks import signature

LARGEST = 16 * 1024
OLDEST = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)
"""How far the clocks may differ where the source's is ahead."""
REMEMBERED = timedelta(hours=24)
"""How long a message is known to have come: longer than any is good for."""
LEAST_SECRET = 24
"""Bytes, as Standard Webhooks asks for."""
_MOST_SIGNATURES = 16
_ID = re.compile(r"[!-\-/-~]{1,255}")
"""Without a dot: dots stand between the parts that are signed."""
_SECONDS = re.compile(r"[0-9]{1,11}")

Act = Literal["user", "session"]
Subject = Literal["userId", "username", "email", "sessionId"]
FIELDS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class Doubt(StrEnum):
    """Why a message is none; the value is the code of the answer."""

    NOT_GENUINE = "signal_not_genuine"
    UNTIMELY = "signal_untimely"


@dataclass(frozen=True, slots=True)
class Signal:
    """A genuine message of now. message_id: the source's name for it. body: JSON."""

    message_id: str
    body: bytes


class SignalSource(Protocol):
    """One source of the settings. may: what it may end. media_type: of what it sends."""

    @property
    def name(self) -> str: ...
    @property
    def may(self) -> frozenset[Act]: ...
    @property
    def media_type(self) -> str: ...
    def read(self, head: Mapping[str, str], body: bytes, now: datetime) -> Signal | Doubt:
        """Return the message, if it is one. head: the fields of `FIELDS` that came once."""
        ...


class SignalBody(Given, frozen=True):
    """Whose sessions have to end: one of the four, and why. `email`: of everybody who has it."""

    user_id: Annotated[str, Meta(pattern=ID_PATTERN)] | UnsetType = UNSET
    username: Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType = UNSET
    email: Annotated[str, Meta(min_length=3, max_length=320)] | UnsetType = UNSET
    handle: Annotated[str, Meta(pattern=HANDLE_PATTERN)] | UnsetType = field(
        default=UNSET, name="sessionId"
    )
    reason: Annotated[str, Meta(max_length=500, pattern=rf"^[^\x00-\x1f\x7f]*{END}")] = ""


class SignalAnswer(Shape, frozen=True):
    """revoked: how many sessions ended. repeated: the message had come before, and does nothing."""

    revoked: Number
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What a genuine message asks for. once: what stands for the message, of whatever source."""

    subject: Subject
    value: str
    note: str
    once: str

    @property
    def act(self) -> Act:
        return "session" if self.subject == "sessionId" else "user"


class SignalBook(Protocol):
    """Carries orders out. Raises StoreUnavailable when the store is silent."""

    async def end(self, order: Order, actor: Actor) -> int | None:
        """End the sessions, and remember the message, in one step; return how many ended.

        None: it had come before, so that nothing is done.
        """
        ...


def order_of(source: str, message_id: str, body: SignalBody) -> Order | None:
    """Return what is asked for; None if not exactly one member says whom it is about."""
    given: dict[Subject, str | UnsetType] = {
        "userId": body.user_id,
        "username": body.username,
        "email": body.email,
        "sessionId": body.handle,
    }
    named = [(name, value) for name, value in given.items() if isinstance(value, str)]
    if len(named) != 1:
        return None
    once = sha256(f"{len(source)}:{source}\n{message_id}".encode()).hexdigest()[:32]
    (name, value) = named[0]
    return Order(name, value, body.reason, once)


def is_timely(at: datetime, now: datetime) -> bool:
    return now - OLDEST <= at <= now + AHEAD


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """A source that signs with a secret that both know; two while one replaces the other."""

    name: str
    secrets: Sequence[bytes] = dataclasses.field(repr=False)
    may: frozenset[Act] = frozenset({"user", "session"})
    media_type: str = "application/json"

    def read(self, head: Mapping[str, str], body: bytes, now: datetime) -> Signal | Doubt:
        """Look at the signature first: who has not signed learns nothing else."""
        message_id, seconds, signed = (head.get(name, "") for name in FIELDS)
        if not _ID.fullmatch(message_id) or not _SECONDS.fullmatch(seconds):
            return Doubt.NOT_GENUINE
        expected = signature(message_id, int(seconds), body, self.secrets).encode().split(b" ")
        given = signed.encode(errors="replace").split(b" ")[:_MOST_SIGNATURES]
        matches = [hmac.compare_digest(one, other) for one in expected for other in given]
        if not any(matches) or str(int(seconds)) != seconds:
            return Doubt.NOT_GENUINE
        if not is_timely(datetime.fromtimestamp(int(seconds), UTC), now):
            return Doubt.UNTIMELY
        return Signal(message_id, body)


def read_secrets(text: str) -> tuple[bytes, ...]:
    """Return the secrets of a file, one or two, a line each: `whsec_` and Base64, or any text.

    Raises ValueError that says what is wrong and repeats nothing of it.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= 2:
        raise ValueError("must hold one secret, or two, each on a line of its own")
    return tuple(map(_secret, lines))


def _secret(line: str) -> bytes:
    secret = line.encode()
    if line.startswith("whsec_"):
        try:
            secret = b64decode(line.removeprefix("whsec_"), validate=True)
        except ValueError:
            raise ValueError("must hold Base64 after whsec_") from None
    if len(secret) < LEAST_SECRET:
        raise ValueError(f"must hold a secret of at least {LEAST_SECRET} bytes")
    return secret
