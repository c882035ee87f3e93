"""Since when audit entries wait for a seal, as the streams say. Implements the port `SealWatch`.

It does not ask whoever seals: one that does not get on any more may not know it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sidecar.store.audit_seals import SealLog, SealUnreadable
from sidecar.store.codec import from_ms, to_ms
from sidecar.store.database import Database

_APART = timedelta(seconds=5)
"""The clocks of a cluster's nodes may be: an entry may have an instant behind that of its seal."""


class AuditWaiting:
    """sealed_at: returns the instant of the newest seal that is known; None: of none, as whoever
    seals has just begun. Then it is the newest one that there is."""

    def __init__(self, database: Database, sealed_at: Callable[[], datetime | None]) -> None:
        self._database = database
        self._seals = SealLog(database)
        self._sealed_at = sealed_at

    async def unsealed_since(self) -> datetime | None:
        """Return the instant of the oldest entry behind the newest seal; None if there is none.
        Raises StoreUnavailable."""
        sealed_at, keys = self._sealed_at() or await self._newest(), self._database.keys
        first = f"{to_ms(sealed_at + _APART)}-0" if sealed_at else "-"
        found = await self._database.read_all(
            ("XRANGE", keys.audit(part), first, "+", "COUNT", 1) for part in range(keys.partitions)
        )
        instants = [int(part[0][0].partition(b"-")[0]) for part in found if part]
        return from_ms(min(instants)) if instants else None

    async def _newest(self) -> datetime | None:
        try:
            newest = await self._seals.newest()
        except SealUnreadable:
            return None
        return newest.seal.sealed_at if newest else None
