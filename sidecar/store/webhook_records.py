"""What is kept of endpoints and of deliveries, as bytes and back.

An endpoint is one JSON object; its secrets are sealed, each for that endpoint alone, the newest
first. A delivery is a JSON array, for there may be a thousand of them.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from sidecar.core.webhooks import (
    OVERLAP,
    Answer,
    Cause,
    Claim,
    Delivery,
    DeliveryState,
    Endpoint,
    Recipient,
)
from sidecar.store.codec import from_ms, span_ms, to_ms
from sidecar.store.seal import seal, unseal


class _Stored(Struct, frozen=True):
    """types: joined by commas. Instants in epoch milliseconds; until: 0 while it is in use."""

    url: str
    types: str
    description: str
    created: int
    since: int
    secrets: list[tuple[str, int]]
    cause: str = ""


class _Logged(Struct, frozen=True, array_like=True):
    type: str
    user_id: str
    username: str
    state: str
    attempts: int
    at: int
    next_at: int
    status: int
    error: str
    took: int


_read_endpoint = msgspec.json.Decoder(_Stored).decode
_read_delivery = msgspec.json.Decoder(_Logged).decode


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """since: from when on it gets events. secrets: sealed; until: when they stop to be valid."""

    id: str
    url: str
    types: frozenset[str]
    description: str
    created_at: datetime
    since: datetime
    secrets: tuple[tuple[bytes, datetime | None], ...]
    cause: Cause | None = None

    def encode(self) -> str:
        stored = _Stored(
            url=self.url,
            types=",".join(sorted(self.types)),
            description=self.description,
            created=to_ms(self.created_at),
            since=to_ms(self.since),
            secrets=[
                (b64encode(sealed).decode(), to_ms(until) if until else 0)
                for sealed, until in self.secrets
            ],
            cause=self.cause.value if self.cause else "",
        )
        return msgspec.json.encode(stored).decode()

    @classmethod
    def decode(cls, endpoint_id: str, raw: bytes) -> "EndpointRecord":
        stored = _read_endpoint(raw)
        return cls(
            id=endpoint_id,
            url=stored.url,
            types=frozenset(filter(None, stored.types.split(","))),
            description=stored.description,
            created_at=from_ms(stored.created),
            since=from_ms(stored.since),
            secrets=tuple(
                (b64decode(sealed), from_ms(until) if until else None)
                for sealed, until in stored.secrets
            ),
            cause=Cause(stored.cause) if stored.cause else None,
        )

    def with_secret(self, key: bytes, secret: bytes, now: datetime) -> "EndpointRecord":
        """Return it with a new secret. The one before stays valid for a while, no other does."""
        new = (seal(key, _purpose(self.id), secret), None)
        old = tuple((sealed, now + OVERLAP) for sealed, _ in self.secrets[:1])
        return replace(self, secrets=(new, *old))

    def recipient(self, key: bytes) -> Recipient:
        """Return it with its secrets. Raises SealBroken."""
        secrets = ((unseal(key, _purpose(self.id), one), until) for one, until in self.secrets)
        return Recipient(self.id, self.url, self.types, self.since, tuple(secrets))

    def endpoint(self, health: dict[bytes, bytes], waiting: int, now: datetime) -> Endpoint:
        """Return it as admins see it. health: as the script keeps it."""
        until = next((until for _, until in self.secrets if until and now < until), None)
        since, at = health.get(b"since"), health.get(b"at")
        return Endpoint(
            id=self.id,
            url=self.url,
            types=self.types,
            description=self.description,
            created_at=self.created_at,
            cause=self.cause,
            previous_until=until,
            failing_since=from_ms(int(since)) if since else None,
            failures=int(health.get(b"failures", 0)),
            delivered_at=from_ms(int(at)) if at else None,
            waiting=waiting,
        )


def write_delivery(claim: Claim, answer: Answer, now: datetime, next_at: datetime | None) -> bytes:
    """Return what is kept of an attempt."""
    event = claim.event
    state = DeliveryState.RETRYING if next_at else DeliveryState.FAILED
    return msgspec.json.encode(
        _Logged(
            type=event.action if event else "",
            user_id=(event.user_id or "") if event else "",
            username=event.username if event else "",
            state=DeliveryState.DELIVERED if answer.is_taken else state,
            attempts=claim.attempt,
            at=to_ms(now),
            next_at=to_ms(next_at) if next_at else 0,
            status=answer.status or 0,
            error=answer.error,
            took=span_ms(answer.took),
        )
    )


def read_delivery(delivery_id: str, raw: bytes) -> Delivery:
    logged = _read_delivery(raw)
    return Delivery(
        id=delivery_id,
        type=logged.type,
        user_id=logged.user_id,
        username=logged.username,
        state=DeliveryState(logged.state),
        attempts=logged.attempts,
        at=from_ms(logged.at),
        next_at=from_ms(logged.next_at) if logged.next_at else None,
        status=logged.status or None,
        error=logged.error,
        took=timedelta(milliseconds=logged.took),
    )


def _purpose(endpoint_id: str) -> str:
    return f"webhook:{endpoint_id}"
