"""Goes through the audit log and its seals again, and names the first thing that is not as it was.

The signature of the newest seal covers all before it by their hashes, so it alone is checked, and
where it is not good, every one from the first on. Of a seal, all entries between the one before it
and its last are hashed again; if the root is another, its index says which entry it is.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256

from sidecar.core.audit_seal import NO_ENTRY, Breach, Finding, Verified
from sidecar.core.merkle import root_of
from sidecar.store.audit_compare import Part, first_difference
from sidecar.store.audit_feed import Feed
from sidecar.store.audit_key import PublicKey
from sidecar.store.audit_leaves import Raw, leaves_of, read_raw
from sidecar.store.audit_seals import GENESIS, SealLog, SealUnreadable, StoredSeal, starts_of
from sidecar.store.database import Database
from sidecar.store.seal_note import SealNote

_PIECE = 2000
_LEAST_PIECE = 50
_TELL_EVERY = 5000

Told = Callable[[int], None]
"""Hears how many entries have been verified."""


def _nobody(_: int) -> None:
    """Nobody watches."""


class Verifier:
    """key: whose seals they have to be. note: the newest seal that is remembered elsewhere; None if
    there is none. at_least: a seal that must be there, such as a metric had it."""

    def __init__(
        self,
        database: Database,
        key: PublicKey,
        note: SealNote | None = None,
        at_least: int = 0,
        told: Told = _nobody,
    ) -> None:
        self._database = database
        self._partitions = database.keys.partitions
        self._seals = SealLog(database)
        self._key = key
        self._note = note
        self._at_least = max(at_least, note.number if note else 0)
        self._told = told
        self._entries = 0
        self._count = 0
        self._first: StoredSeal | None = None
        self._newest: StoredSeal | None = None

    async def verify(self, since: datetime | None = None) -> Verified:
        """Return what was found. since: leave out the seals before. Raises StoreUnavailable."""
        try:
            finding = await self._walk(since)
        except SealUnreadable as unreadable:
            finding = Finding(Breach.SEAL_CHANGED, unreadable.number)
        newest, first = self._newest, self._first
        return Verified(
            seals=self._count,
            entries=self._entries,
            first=first.seal.number if first else 0,
            last=newest.seal.number if newest else 0,
            sealed_at=newest.seal.sealed_at if newest else None,
            unsealed=await self._unsealed(),
            finding=finding,
        )

    async def _walk(self, since: datetime | None) -> Finding | None:
        self._newest = newest = await self._seals.newest()
        if newest is None:
            return Finding(Breach.SEALS_CUT_OFF, 1) if self._at_least else None
        first = await self._first_seal(newest, since)
        if isinstance(first, Finding):
            return first
        self._first = first
        is_genuine = self._key.is_good(newest.text, newest.signature)
        if since is None and (finding := await self._before(first)):
            return finding
        async with self._feeds(first) as feeds:
            front = set() if since else set(range(self._partitions))
            finding = await self._go(first, newest, feeds, front, is_genuine)
        if finding is None and newest.seal.number < self._at_least:
            finding = Finding(Breach.SEALS_CUT_OFF, newest.seal.number + 1)
        return finding

    async def _go(
        self,
        first: StoredSeal,
        newest: StoredSeal,
        feeds: list[Feed],
        front: set[int],
        is_genuine: bool,
    ) -> Finding | None:
        """front: the partitions of which nothing is kept before the first seal."""
        before: StoredSeal | None = None
        async for stored in self._seals.since(first.seal.number):
            number = stored.seal.number
            if number > newest.seal.number:
                break  # sealed since we began
            if finding := self._chained(before, stored, is_genuine):
                return finding
            if finding := await self._covered(stored, feeds, front):
                return finding
            front -= {span.partition for span in stored.seal.spans}
            self._count += 1
            before = stored
        if before is None or before.seal.number < newest.seal.number:
            missing = before.seal.number + 1 if before else first.seal.number
            return Finding(Breach.SEAL_MISSING, missing)
        return None

    def _chained(
        self, before: StoredSeal | None, stored: StoredSeal, is_genuine: bool
    ) -> Finding | None:
        """Say whether the seal follows the one before, is signed, and is the one remembered."""
        seal = stored.seal
        number, note = seal.number, self._note
        if before is not None and number != before.seal.number + 1:
            return Finding(Breach.SEAL_MISSING, before.seal.number + 1)
        if not is_genuine and not self._key.is_good(stored.text, stored.signature):
            return Finding(self._breach_of(stored), number)
        previous = before.hash if before else GENESIS if number == 1 else seal.previous
        if seal.previous != previous:
            if before and not self._key.is_good(before.text, before.signature):
                return Finding(self._breach_of(before), before.seal.number)
            return Finding(self._breach_of(stored), number)
        if note is not None and number == note.number and stored.hash != note.hash:
            return Finding(Breach.SEAL_REPLACED, number)
        if sha256(stored.index).digest() != seal.index_hash:
            return Finding(Breach.SEAL_CHANGED, number)
        return None

    def _breach_of(self, stored: StoredSeal) -> Breach:
        if self._key.is_good(stored.text, stored.signature):
            return Breach.SEAL_REPLACED
        other = stored.seal.key_id != self._key.key_id
        return Breach.SEAL_FORGED if other else Breach.SEAL_CHANGED

    async def _covered(
        self, stored: StoredSeal, feeds: list[Feed], front: set[int]
    ) -> Finding | None:
        """Hash the seal's entries again; say which is the first that is not as it was."""
        seal, taken, leaves = stored.seal, dict[int, Raw](), list[bytes]()
        is_right = True
        for span in seal.spans:
            raw = taken[span.partition] = await feeds[span.partition].take(span.count)
            is_right = is_right and _is_span(raw, span.first, span.last)
            leaves += leaves_of(span.partition, raw)
        if is_right and root_of(leaves) == seal.root:
            before = self._entries // _TELL_EVERY
            self._entries += len(leaves)
            if self._entries // _TELL_EVERY > before:
                self._told(self._entries)
            return None
        if not self._key.is_good(stored.text, stored.signature):
            return Finding(self._breach_of(stored), seal.number)
        parts = {}
        for span in seal.spans:
            feed = feeds[span.partition]
            feed.give_back(len(taken[span.partition].ids))
            raw = await feed.take_to(span.last)
            parts[span.partition] = Part(raw, span.partition in front, await feed.goes_on())
        return first_difference(stored, parts)

    async def _first_seal(self, newest: StoredSeal, since: datetime | None) -> StoredSeal | Finding:
        """Return the seal to begin with: one that says where the streams begin."""
        oldest = await self._seals.oldest()
        kept = newest.seal.kept
        if oldest is None or oldest.seal.number > kept:
            return Finding(Breach.SEAL_MISSING, kept)
        low = kept
        if since is not None:
            low = await self._number_at(kept, newest.seal.number, since)
        found = await self._seals.get(low)
        if found is not None and not found.seal.has_starts and found.seal.base >= kept:
            low = found.seal.base
            found = await self._seals.get(low)
        return found if found is not None else Finding(Breach.SEAL_MISSING, low)

    async def _number_at(self, low: int, high: int, since: datetime) -> int:
        """Return the number of the last seal that was made before an instant, by halves."""
        while low < high:
            middle = (low + high + 1) // 2
            stored = await self._seals.get(middle)
            if stored is None or stored.seal.sealed_at >= since:
                high = middle - 1
            else:
                low = middle
        return low

    async def _before(self, first: StoredSeal) -> Finding | None:
        """Say whether there is something before the beginning of what is kept.

        While seals before it are still there, what is over is being dropped, and may be.
        """
        oldest = await self._seals.oldest()
        if oldest is None or oldest.seal.number < first.seal.number:
            return None
        for part, start in enumerate(starts_of(first.seal, self._partitions)):
            raw = await read_raw(self._database, part, "0-0", 1, last=start)
            if raw.ids:
                own_id = raw.ids[0].decode("ascii")
                return Finding(Breach.INSERTED, first.seal.number, f"{own_id}-{part:02d}")
        return None

    async def _unsealed(self) -> int:
        """Count the entries that no seal covers by now."""
        try:
            newest = await self._seals.newest()
            standing = await self._seals.standing(newest) if newest else None
        except SealUnreadable:
            return 0
        count = 0
        for part in range(self._partitions):
            position = standing.positions[part] if standing else NO_ENTRY
            raw = await read_raw(self._database, part, position, _PIECE)
            while raw.ids:
                count += len(raw.ids)
                position = raw.ids[-1].decode("ascii")
                raw = await read_raw(self._database, part, position, _PIECE)
        return count

    @asynccontextmanager
    async def _feeds(self, first: StoredSeal) -> AsyncIterator[list[Feed]]:
        piece = max(_PIECE // self._partitions, _LEAST_PIECE)
        starts = starts_of(first.seal, self._partitions)
        feeds = [Feed(self._database, part, at, piece) for part, at in enumerate(starts)]
        try:
            yield feeds
        finally:
            for feed in feeds:
                await feed.close()


def _is_span(raw: Raw, first: str, last: str) -> bool:
    return (
        bool(raw.ids)
        and raw.ids[0] == first.encode("ascii")
        and raw.ids[-1] == last.encode("ascii")
    )
