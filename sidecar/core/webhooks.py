"""Webhooks: who gets which events, when one is sent again, and how it is signed.

By the convention of Standard Webhooks: the header `webhook-signature` has, for each secret that is
valid, `v1,` and the HMAC-SHA256 of `id.timestamp.body` in Base64; a secret is `whsec_` and its
bytes in Base64.
Source: Standard Webhooks specification 1.0.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sidecar.core.event_log import Event

RETRY_FOR = timedelta(days=3)
"""How long after an event its delivery is still tried; and how long an endpoint may fail."""

OVERLAP = timedelta(hours=24)
"""For so long a secret that was replaced signs too."""

MOST_ENDPOINTS = 50
SECRET_BYTES = 32
GONE = 410

_DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600)
)
_JITTER = 0.2


class Cause(StrEnum):
    """Why an endpoint gets nothing."""

    ADMIN = "admin"
    FAILING = "failing"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """types: of events, as words; empty for all. cause: None while it is enabled. previous_until:
    how long the secret before this one signs too. failing_since: since the first delivery that
    failed with none that arrived after it. waiting: how many deliveries are still to be made."""

    id: str
    url: str
    types: frozenset[str]
    description: str
    created_at: datetime
    cause: Cause | None = None
    previous_until: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    delivered_at: datetime | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """An enabled endpoint as the worker knows it. since: from when on it gets events. secrets: the
    newest first; until: when each stops to be valid."""

    id: str
    url: str
    types: frozenset[str]
    since: datetime
    secrets: tuple[tuple[bytes, datetime | None], ...]

    def __repr__(self) -> str:
        return f"Recipient({self.id!r})"

    def valid_secrets(self, now: datetime) -> list[bytes]:
        return [secret for secret, until in self.secrets if until is None or now < until]


class Answer(NamedTuple):
    """What came of one attempt. status: of the answer, if there was one; error: a word, if not, or
    if nothing was sent. retry_after: what the answer asked for."""

    status: int | None
    error: str
    took: timedelta
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that is this worker's to attempt, for a while. lane: what it is in order with.
    attempt: from 1. until: when there is no further attempt. event: None for a test, or one that is
    not kept any more (is_lost)."""

    endpoint_id: str
    partition: int
    lane: str
    id: str
    attempt: int
    until: datetime
    event: Event | None
    is_lost: bool = False


class DeliveryState(StrEnum):
    DELIVERED = "delivered"
    RETRYING = "retrying"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is kept of one message to one endpoint: its newest attempt."""

    id: str
    type: str
    user_id: str
    username: str
    state: DeliveryState
    attempts: int
    at: datetime
    next_at: datetime | None
    status: int | None
    error: str
    took: timedelta


def next_attempt(claim: Claim, answer: Answer, now: datetime, chance: float) -> datetime | None:
    """Return when a delivery that failed is tried again, or None if it is not.

    chance: from 0 to 1, so that those that failed together do not come back together.
    """
    delay = _DELAYS[min(claim.attempt, len(_DELAYS)) - 1]
    delay *= 1 - _JITTER + 2 * _JITTER * chance
    if answer.retry_after is not None:
        delay = max(delay, min(answer.retry_after, _DELAYS[5]))
    due = now + delay
    return due if due < claim.until and not claim.is_lost else None


def write_secret(secret: bytes) -> str:
    return f"whsec_{b64encode(secret).decode()}"


def signature(message_id: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> str:
    """Return the header `webhook-signature`. timestamp: epoch seconds."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(secret, signed, "sha256") for secret in secrets)
    return " ".join(f"v1,{b64encode(digest).decode()}" for digest in digests)
