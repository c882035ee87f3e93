"""How far each sink of the audit log is: one position for each partition, and who feeds it.

The audit stream itself is what is waiting for a sink that is down. Implements the port `SinkPlace`.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from sidecar.store.database import Database
from sidecar.store.lease import Lease
from sidecar.store.streams import Streams

HELD_FOR = timedelta(seconds=10)


class StoredPlace:
    """sink: as it is written in the settings."""

    def __init__(self, database: Database, sink: str, held_for: timedelta = HELD_FOR) -> None:
        keys = database.keys
        name = sha256(sink.encode()).hexdigest()[:16]
        parts = range(keys.partitions)
        self._database = database
        self._lease = Lease(database, f"sink:{name}", held_for)
        self._keys = [keys.sink(part, name) for part in parts]
        self._streams = Streams(database, [keys.audit(part) for part in parts])

    async def hold(self) -> bool:
        return await self._lease.hold()

    async def give_back(self) -> None:
        await self._lease.give_back()

    async def positions(self) -> list[str]:
        """Return where to go on; a new sink gets the whole log. A store that lost what it had may
        be behind: then from where it is."""
        found = await asyncio.gather(*(self._database.command("GET", key) for key in self._keys))
        positions = [raw.decode("ascii") if raw else "0-0" for raw in found]
        await self._streams.rewind(positions)
        return positions

    async def note(self, positions: Sequence[str]) -> None:
        pairs = zip(self._keys, positions, strict=True)
        await asyncio.gather(*(self._database.command("SET", key, at) for key, at in pairs))
