"""The book of endpoints: who gets webhooks. Implements the port `WebhookBook`.

All of it is one hash in the first partition. A change replaces what the caller saw, with its audit
entry and its event in the same step; if somebody else was first, it is made again on what is there
now. A secret leaves here once, when it is made.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from sidecar.core.audit import Action, Actor, AuditEntry
from sidecar.core.ports import Clock, StoreUnavailable
from sidecar.core.webhook_book import (
    EndpointChange,
    EndpointDisabled,
    NoSuchEndpoint,
    TooManyEndpoints,
)
from sidecar.core.webhooks import (
    MOST_ENDPOINTS,
    RETRY_FOR,
    SECRET_BYTES,
    Cause,
    Delivery,
    Endpoint,
    Recipient,
)
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import from_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.streams import StreamId
from sidecar.store.webhook_log import WebhookLog
from sidecar.store.webhook_records import EndpointRecord

_TRIES = 5
Make = Callable[[EndpointRecord], EndpointRecord | None]


class Webhooks:
    """key: what the secrets are sealed under. Every method raises StoreUnavailable."""

    def __init__(self, database: Database, key: bytes, clock: Clock) -> None:
        self._database = database
        self._keys = database.keys
        self._key = key
        self._clock = clock
        self._log = WebhookLog(database)
        self._margin = timedelta(seconds=1 if self._keys.partitions > 1 else 0)
        """The clocks of a cluster's nodes differ: rather an event of before than none of now."""

    async def records(self) -> list[EndpointRecord]:
        """Return all endpoints as they are stored, the oldest first."""
        found = await self._database.command("HGETALL", self._keys.webhooks)
        records = [EndpointRecord.decode(name.decode(), raw) for name, raw in found.items()]
        return sorted(records, key=lambda record: (record.created_at, record.id))

    def recipient(self, record: EndpointRecord) -> Recipient:
        """Return it with its secrets. Raises SealBroken."""
        return record.recipient(self._key)

    async def list(self) -> Sequence[Endpoint]:
        return await asyncio.gather(*map(self._shown, await self.records()))

    async def get(self, endpoint_id: str) -> Endpoint:
        record, _ = await self._there(endpoint_id)
        return await self._shown(record)

    async def add(
        self, url: str, types: frozenset[str], description: str, actor: Actor
    ) -> tuple[Endpoint, bytes]:
        now, secret = self._clock.now(), secrets.token_bytes(SECRET_BYTES)
        since = from_ms(await self._database.time() * 1000) - self._margin
        bare = EndpointRecord(secrets.token_urlsafe(12), url, types, description, now, since, ())
        record = bare.with_secret(self._key, secret, now)
        entry = _entry(Action.WEBHOOK_CREATED, record, actor)
        if await self._write(None, record, entry) == "full":
            raise TooManyEndpoints
        return await self._shown(record), secret

    async def change(self, endpoint_id: str, change: EndpointChange, actor: Actor) -> Endpoint:
        def changed(record: EndpointRecord) -> EndpointRecord:
            return replace(
                record,
                url=record.url if change.url is None else change.url,
                types=record.types if change.types is None else change.types,
                description=record.description
                if change.description is None
                else change.description,
            )

        record = await self._replace(endpoint_id, Action.WEBHOOK_UPDATED, changed, actor)
        if change.enabled is True:
            record = await self._replace(endpoint_id, Action.WEBHOOK_ENABLED, self._enabled, actor)
        elif change.enabled is False:
            record = await self.disable(endpoint_id, Cause.ADMIN, actor)
        return await self._shown(record)

    async def rotate(self, endpoint_id: str, actor: Actor) -> tuple[Endpoint, bytes]:
        secret = secrets.token_bytes(SECRET_BYTES)

        def rotated(record: EndpointRecord) -> EndpointRecord:
            return record.with_secret(self._key, secret, self._clock.now())

        record = await self._replace(endpoint_id, Action.WEBHOOK_SECRET_ROTATED, rotated, actor)
        return await self._shown(record), secret

    async def disable(self, endpoint_id: str, cause: Cause, actor: Actor) -> EndpointRecord:
        """Let an endpoint get nothing any more. One that gets nothing stays as it is."""

        def disabled(record: EndpointRecord) -> EndpointRecord:
            return record if record.cause else replace(record, cause=cause)

        return await self._replace(
            endpoint_id, Action.WEBHOOK_DISABLED, disabled, actor, cause=cause.value
        )

    async def delete(self, endpoint_id: str, actor: Actor) -> Endpoint:
        record, _ = await self._there(endpoint_id)
        endpoint = await self._shown(record)
        await self._replace(endpoint_id, Action.WEBHOOK_DELETED, lambda _: None, actor)
        await self._log.forget(endpoint_id)
        return endpoint

    async def test(self, endpoint_id: str, actor: Actor) -> str:
        record = await self._enabled_one(endpoint_id)
        now = to_ms(self._clock.now())
        delivery_id = f"test-{now}-{secrets.token_hex(4)}"
        entry = _entry(Action.WEBHOOK_TEST_SENT, record, actor)
        await self._log.send(endpoint_id, 0, f"t{delivery_id}", delivery_id, entry)
        return delivery_id

    async def deliveries(
        self, endpoint_id: str, offset: int, limit: int
    ) -> tuple[Sequence[Delivery], int]:
        await self._there(endpoint_id)
        return await self._log.page(endpoint_id, offset, limit)

    async def redeliver(self, endpoint_id: str, delivery_id: str, actor: Actor) -> None:
        record = await self._enabled_one(endpoint_id)
        try:
            event = StreamId.parse(delivery_id)
        except ValueError:
            raise NoSuchEndpoint from None
        if event.partition >= self._keys.partitions:
            raise NoSuchEndpoint
        entry = _entry(Action.WEBHOOK_REDELIVERED, record, actor, delivery=delivery_id)
        lane = f"r{to_ms(self._clock.now())}.{delivery_id}"
        if not await self._log.send(
            endpoint_id, event.partition, lane, event.own, entry, again=delivery_id
        ):
            raise NoSuchEndpoint

    def _enabled(self, record: EndpointRecord) -> EndpointRecord:
        """It gets what happened meanwhile, as far as that would have been tried until now."""
        since = max(record.since, self._clock.now() - RETRY_FOR)
        return replace(record, cause=None, since=since) if record.cause else record

    async def _enabled_one(self, endpoint_id: str) -> EndpointRecord:
        record, _ = await self._there(endpoint_id)
        if record.cause is not None:
            raise EndpointDisabled
        return record

    async def _there(self, endpoint_id: str) -> tuple[EndpointRecord, bytes]:
        raw = await self._database.command("HGET", self._keys.webhooks, endpoint_id)
        if raw is None:
            raise NoSuchEndpoint
        return EndpointRecord.decode(endpoint_id, raw), raw

    async def _replace(
        self, endpoint_id: str, action: Action, make: Make, actor: Actor, **details: str
    ) -> EndpointRecord:
        """Make another record of what is there. One that is the same changes nothing, and no entry
        says that it did."""
        for _ in range(_TRIES):
            record, raw = await self._there(endpoint_id)
            after = make(record)
            if after == record:
                return record
            fields = _differing(record, after) if action is Action.WEBHOOK_UPDATED else ""
            said = details | ({"fields": fields} if fields else {})
            entry = _entry(action, after or record, actor, **said)
            if await self._write(raw, after, entry, endpoint_id) == "done":
                return after or record
        raise StoreUnavailable("an endpoint that changes all the time")

    async def _write(
        self,
        before: bytes | None,
        after: EndpointRecord | None,
        entry: AuditEntry,
        endpoint_id: str = "",
    ) -> str:
        given = {
            "id": after.id if after else endpoint_id,
            "before": before.decode() if before else None,
            "after": after.encode() if after else None,
            "most": MOST_ENDPOINTS,
            "entry": entry_fields(entry),
        }
        answer = await self._database.run(scripts.WEBHOOK_CHANGE, 0, given)
        return str(answer.decode())

    async def _shown(self, record: EndpointRecord) -> Endpoint:
        health, waiting = await asyncio.gather(
            self._database.command("HGETALL", self._keys.webhook_health(record.id)),
            self._log.waiting(record.id),
        )
        return record.endpoint(health, waiting, self._clock.now())


def _entry(action: Action, record: EndpointRecord, actor: Actor, **details: str) -> AuditEntry:
    """Its URL may hold what only the receiver is to know: only where it leads is written down."""
    host = record.url.partition("://")[2].partition("/")[0].partition("?")[0]
    named = {"webhook": record.id, "host": host, **details}
    return AuditEntry(action, actor, details=MappingProxyType(named))


def _differing(before: EndpointRecord, after: EndpointRecord | None) -> str:
    names = ("url", "types", "description")
    return ",".join(name for name in names if getattr(before, name) != getattr(after, name, None))
