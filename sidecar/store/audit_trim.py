"""Drops audit entries that are older than the policy keeps, along whole seals.

Only what is sealed goes, and only up to a seal that says where each stream begins from there on
(`starts`). First a new seal says `kept`: the number of that seal. Then the entries before it go,
and when they are gone the seals before it. So the log says itself from where it is kept, signed,
and what somebody takes away by hand at its front is missed.
"""

from datetime import datetime

from sidecar.core.audit_seal import AuditSeal
from sidecar.store.audit_leaves import numbers_of
from sidecar.store.audit_seals import SealLog, SealUnreadable, StoredSeal
from sidecar.store.codec import from_ms
from sidecar.store.database import Database

STARTS_EVERY = 100
"""At least one in so many seals has `starts`."""
_AT_ONCE = 1000
"""Entries of one stream: less than a millisecond of Redis."""
_MOST_ROUNDS = 20
_MOST_HOPS = 10


class AuditTrim:
    """For whoever seals: one replica at a time. Every method raises StoreUnavailable."""

    def __init__(self, database: Database, log: SealLog) -> None:
        self._database = database
        self._log = log

    async def kept_from(self, newest: AuditSeal, before: datetime) -> int:
        """Return the number of the seal from which on entries are to be kept, of those from before
        that instant. What is not over never goes; what is over may stay a while."""
        kept = newest.kept
        for _ in range(_MOST_HOPS):
            following = await self._next_start(kept)
            if following is None or not _is_over(following.seal, before):
                break
            kept = following.seal.number
        return kept

    async def drop(self, kept: int) -> bool:
        """Drop a bounded part of what lies before that seal; say whether nothing is left there."""
        oldest = await self._log.oldest()
        if oldest is None or oldest.seal.number >= kept:
            return True
        first = await self._log.get(kept)
        if first is None:
            raise SealUnreadable(kept)
        for partition, position in first.seal.starts.items():
            key = self._database.keys.audit(partition)
            if not await self._drop(key, _behind(position)):
                return False
        return await self._drop(self._database.keys.audit_seals, f"{kept}-0")

    async def _next_start(self, number: int) -> StoredSeal | None:
        for stored in await self._log.after(number, 2 * STARTS_EVERY):
            if stored.seal.has_starts:
                return stored
        return None

    async def _drop(self, key: str, first: str) -> bool:
        """Drop what is before an id: whole blocks first, which is cheap, then the rest of one."""
        for _ in range(_MOST_ROUNDS):
            words = ("XTRIM", key, "MINID", "~", first, "LIMIT", _AT_ONCE)
            if not await self._database.command(*words):
                await self._database.command("XTRIM", key, "MINID", "=", first)
                return True
        return False


def _is_over(seal: AuditSeal, before: datetime) -> bool:
    """Say whether all entries before the seal are older."""
    newest = max((numbers_of(position)[0] for position in seal.starts.values()), default=0)
    return seal.sealed_at < before and from_ms(newest) < before


def _behind(position: str) -> str:
    milliseconds, sequence = numbers_of(position)
    return f"{milliseconds}-{sequence + 1}"
