"""Since when audit entries wait for a seal, as the streams say. Implements the port `SealWatch`.

It does not ask whoever seals: one that does not get on any more may not know it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sidecar.core.audit_seal import NO_ENTRY
from sidecar.store.audit_seals import SealLog, SealUnreadable
from sidecar.store.codec import from_ms
from sidecar.store.database import Database


class AuditWaiting:
    """sealed: returns up to where each partition is known to be sealed; more of it may be."""

    def __init__(self, database: Database, sealed: Callable[[], Sequence[str]]) -> None:
        self._database = database
        self._seals = SealLog(database)
        self._sealed = sealed

    async def unsealed_since(self) -> datetime | None:
        """Return the instant of the oldest entry behind the newest seal; None if there is none.
        Raises StoreUnavailable."""
        if await self._behind(self._sealed()) is None:
            return None
        return await self._behind(await self._standing())

    async def _behind(self, positions: Sequence[str]) -> datetime | None:
        keys = self._database.keys
        found = await self._database.read_all(
            ("XRANGE", keys.audit(part), f"({position}", "+", "COUNT", 1)
            for part, position in enumerate(positions)
        )
        instants = [int(part[0][0].partition(b"-")[0]) for part in found if part]
        return from_ms(min(instants)) if instants else None

    async def _standing(self) -> Sequence[str]:
        """Return up to where all is sealed by what lies there."""
        try:
            newest = await self._seals.newest()
            if newest is not None:
                return (await self._seals.standing(newest)).positions
        except SealUnreadable:
            pass
        return [NO_ENTRY] * self._database.keys.partitions
