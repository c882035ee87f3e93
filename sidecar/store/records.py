"""Sessions' records, read by the thousand for the few facts that filters and counts ask for."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from sidecar.core.listing import SessionFilter, is_within
from sidecar.store.codec import label_of
from sidecar.store.database import Database

_AT_ONCE = 500
_read = msgspec.json.Decoder(list[Any]).decode


class Facts(NamedTuple):
    """canonical: the name as it is in order by."""

    canonical: str
    ip_address: str
    label: str

    def match(self, wanted: SessionFilter) -> bool:
        """Say whether name and address are what is asked for."""
        return self.canonical.startswith(wanted.canonical_prefix) and (
            wanted.network is None or is_within(self.ip_address, wanted.network)
        )


class Records:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def facts(self, handles: Iterable[bytes]) -> Mapping[bytes, Facts]:
        """Return what is known of those that are there and have not ended."""
        parts: dict[int, list[bytes]] = {}
        for handle in handles:
            parts.setdefault(self._keys.partition_of_bytes(handle), []).append(handle)
        asks = [
            self._facts(partition, part[start : start + _AT_ONCE])
            for partition, part in parts.items()
            for start in range(0, len(part), _AT_ONCE)
        ]
        found: dict[bytes, Facts] = {}
        for answer in await asyncio.gather(*asks):
            found.update(answer)
        return found

    async def _facts(self, partition: int, handles: Sequence[bytes]) -> dict[bytes, Facts]:
        prefix = self._keys.sessions(partition)
        records = await self._database.command("MGET", *[prefix + handle for handle in handles])
        pairs = zip(handles, records, strict=True)
        return {
            handle: _facts_of(items)
            for handle, items in ((handle, _read(raw)) for handle, raw in pairs if raw)
            if items[0] > 0
        }


def _facts_of(items: list[Any]) -> Facts:
    canonical = items[20] if len(items) > 20 else items[5]
    return Facts(canonical, items[11], items[13] or label_of(items[14], items[15]))
