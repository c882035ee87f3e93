"""What there is to send, shared by all workers of all replicas. Implements the port `WebhookQueue`.

Each partition of the event stream has its own line for each endpoint, in the same slot: events are
put in line, given out and crossed off by scripts (lua/webhook_queue.lua), so that a worker that
dies loses nothing. What it had claimed lapses, and goes to whoever asks next.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sidecar.core.audit import SYSTEM
from sidecar.core.event_log import Event
from sidecar.core.event_types import WEBHOOK_TEST
from sidecar.core.ports import Clock
from sidecar.core.reasons import Ended
from sidecar.core.webhook_book import Claimed, NoSuchEndpoint
from sidecar.core.webhooks import RETRY_FOR, Answer, Cause, Claim, Recipient
from sidecar.store import scripts
from sidecar.store.codec import from_ms, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.events import event_of
from sidecar.store.seal import SealBroken
from sidecar.store.streams import StreamId
from sidecar.store.webhook_records import EndpointRecord, write_delivery
from sidecar.store.webhooks import Webhooks

log = logging.getLogger(__name__)

LAPSE = timedelta(seconds=15)
"""A worker that has not come back by then is taken for dead: longer than any attempt may take."""

MOST_WAITING = 10_000
"""Of one endpoint, in one partition: the rest waits in the event stream."""

MOST_LOGGED = 1000
LOG_KEPT = timedelta(days=30)
_READ = 200
_HURRIED = 1000
_ACTIONS = {reason.value: reason.audit_action for reason in Ended}


class StoredQueue:
    """lapse: as LAPSE. patience: how long after an event its delivery is tried."""

    def __init__(
        self,
        database: Database,
        book: Webhooks,
        clock: Clock,
        *,
        lapse: timedelta = LAPSE,
        patience: timedelta = RETRY_FOR,
    ) -> None:
        self._database = database
        self._keys = database.keys
        self._book = book
        self._clock = clock
        self._lapse = lapse
        self._patience = patience
        self._unreadable: set[str] = set()

    @property
    def partitions(self) -> int:
        return self._keys.partitions

    async def recipients(self) -> Sequence[Recipient]:
        """Return the endpoints that are enabled, but those whose secrets cannot be read."""
        records = await self._book.records()
        found = (self._recipient(record) for record in records if record.cause is None)
        return [recipient for recipient in found if recipient is not None]

    async def claim(self, recipient: Recipient, partition: int, most: int) -> Claimed:
        given = {
            "endpoint": recipient.id,
            "since": to_ms(recipient.since),
            "types": dict.fromkeys(recipient.types, True) or None,
            "actions": _ACTIONS,
            "patience": span_ms(self._patience),
            "cap": MOST_WAITING,
            "read": _READ,
            "most": most,
            "lapse": span_ms(self._lapse),
        }
        more, wait, *flat = await self._database.run(scripts.WEBHOOK_CLAIM, partition, given)
        parts = zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)
        claims = [self._claim(recipient.id, partition, *part) for part in parts]
        if more or len(claims) == most:
            return Claimed(claims, timedelta())
        return Claimed(claims, timedelta(milliseconds=wait) if wait >= 0 else None)

    async def done(
        self, recipient: Recipient, claim: Claim, answer: Answer, next_at: datetime | None
    ) -> None:
        now = self._clock.now()
        given = {
            "endpoint": recipient.id,
            "lane": claim.lane,
            "id": _own_id(claim),
            "attempt": claim.attempt,
            "taken": answer.is_taken,
            "due": to_ms(next_at) if next_at else None,
            "logged": claim.id,
            "most": max(MOST_LOGGED // self.partitions, 50),
            "kept": span_ms(LOG_KEPT),
        }
        kept = write_delivery(claim, answer, now, next_at)
        await self._database.run(scripts.WEBHOOK_DONE, claim.partition, given, kept)

    async def healthy(self, endpoint_id: str) -> bool:
        return bool(await self._health(endpoint_id, "1"))

    async def failed(self, endpoint_id: str) -> timedelta:
        return timedelta(milliseconds=int(await self._health(endpoint_id, "0")))

    async def disable(self, endpoint_id: str, cause: Cause) -> None:
        try:
            await self._book.disable(endpoint_id, cause, SYSTEM)
        except NoSuchEndpoint:
            log.debug("webhook_gone_meanwhile")

    async def hurry(self, endpoint_id: str) -> None:
        given = {"endpoint": endpoint_id, "most": _HURRIED}
        await asyncio.gather(
            *(
                self._database.run(scripts.WEBHOOK_HURRY, partition, given)
                for partition in range(self.partitions)
            )
        )

    async def _health(self, endpoint_id: str, arrived: str) -> Any:
        keys = [self._keys.webhook_health(endpoint_id)]
        return await self._database.run_on(scripts.WEBHOOK_HEALTH, keys, arrived)

    def _recipient(self, record: EndpointRecord) -> Recipient | None:
        try:
            return self._book.recipient(record)
        except SealBroken:
            if record.id not in self._unreadable:
                self._unreadable.add(record.id)
                log.error("webhook_secret_sealed_with_another_secret", extra={"webhook": record.id})
            return None

    def _claim(
        self, endpoint_id: str, partition: int, lane: bytes, own: bytes, attempt: int, raw: bytes
    ) -> Claim:
        name, text = lane.decode(), own.decode("ascii")
        if name.startswith("t"):
            at = from_ms(int(text.split("-")[1]))
            test = Event(text, at, WEBHOOK_TEST)
            return Claim(endpoint_id, partition, name, text, attempt, at, test)
        milliseconds, _, sequence = text.partition("-")
        event_id = StreamId(int(milliseconds), int(sequence), partition)
        # One that is sent once more has in its lane when that was asked for.
        begun = int(name[1:].partition(".")[0]) if name.startswith("r") else event_id.milliseconds
        event = _event(event_id, raw)
        return Claim(
            endpoint_id=endpoint_id,
            partition=partition,
            lane=name,
            id=str(event_id),
            attempt=attempt,
            until=from_ms(begun) + self._patience,
            event=event,
            is_lost=event is None,
        )


def _event(event_id: StreamId, raw: bytes) -> Event | None:
    """Return the event, or None for one that is not kept any more, or that a newer version wrote
    and this one cannot read."""
    try:
        return event_of(event_id, json.loads(raw)) if raw else None
    except (ValueError, KeyError):
        return None


def _own_id(claim: Claim) -> str:
    """Return the id as it stands in the lane: within its stream."""
    return claim.id if claim.lane.startswith("t") else claim.id.rpartition("-")[0]
