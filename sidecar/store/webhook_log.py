"""What became of the deliveries of an endpoint, and what somebody asks to be sent there."""

import asyncio

from sidecar.core.audit import AuditEntry
from sidecar.core.webhooks import Delivery
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.database import Database
from sidecar.store.webhook_records import read_delivery


class WebhookLog:
    """One log for each partition; a page is a merge. Every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def page(self, endpoint_id: str, offset: int, limit: int) -> tuple[list[Delivery], int]:
        """Return deliveries, that with the newest attempt first, and how many are kept."""
        most = offset + limit
        found = await asyncio.gather(
            *(self._newest(endpoint_id, part, most) for part in range(self._keys.partitions))
        )
        deliveries = [delivery for part, _ in found for delivery in part]
        deliveries.sort(key=lambda delivery: (delivery.at, delivery.id), reverse=True)
        return deliveries[offset:most], sum(count for _, count in found)

    async def waiting(self, endpoint_id: str) -> int:
        """Return how many deliveries are in line. What is not put in line yet does not count."""
        counts = await self._database.read_all(
            ("GET", self._keys.webhook(partition, endpoint_id, "waiting"))
            for partition in range(self._keys.partitions)
        )
        return sum(int(count or 0) for count in counts)

    async def send(
        self,
        endpoint_id: str,
        partition: int,
        lane: str,
        own_id: str,
        entry: AuditEntry,
        *,
        again: str = "",
    ) -> bool:
        """Put something in line for itself. again: the id of a delivery that there must be."""
        given = {
            "endpoint": endpoint_id,
            "lane": lane,
            "id": own_id,
            "again": bool(again) or None,
            "logged": again,
            "entry": entry_fields(entry),
        }
        return bool(await self._database.run(scripts.WEBHOOK_SEND, partition, given))

    async def forget(self, endpoint_id: str) -> None:
        given = {"endpoint": endpoint_id}
        await asyncio.gather(
            *(
                self._database.run(scripts.WEBHOOK_FORGET, partition, given)
                for partition in range(self._keys.partitions)
            )
        )

    async def _newest(
        self, endpoint_id: str, partition: int, most: int
    ) -> tuple[list[Delivery], int]:
        logged = self._keys.webhook(partition, endpoint_id, "logged")
        log = self._keys.webhook(partition, endpoint_id, "log")
        ids, count = await self._database.read_all(
            (("ZREVRANGE", logged, 0, most - 1), ("ZCARD", logged))
        )
        if not ids:
            return [], count
        raws = await self._database.command("HMGET", log, *ids)
        pairs = zip(ids, raws, strict=True)
        return [read_delivery(name.decode(), raw) for name, raw in pairs if raw], count
