"""Follows the seals of the audit log, and has the state folder remember how far it went.

What it remembers is compared with what is there: a log that ends before the newest seal that was
seen, or goes on otherwise, was cut off or replaced. That is logged once, and the note stays as it
is, as evidence.
"""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

from sidecar.core.audit_seal import NO_ENTRY
from sidecar.store.audit_key import AuditKeys, PublicKey
from sidecar.store.audit_seals import SealLog, Standing, StoredSeal, move_on
from sidecar.store.database import Database
from sidecar.store.seal_note import SealNote, SealNoteUnreadable, read_note, write_note

log = logging.getLogger(__name__)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class SealWatch:
    """newest: the newest seal, as of the last look. standing: up to where all is sealed."""

    def __init__(
        self, database: Database, seals: SealLog, keys: AuditKeys, state_dir: Path
    ) -> None:
        self._database = database
        self._seals = seals
        self._keys = keys
        self._state_dir = state_dir
        self._note: SealNote | None = None
        self._noted = False
        self._said = ""
        self.newest: StoredSeal | None = None
        self.standing = self._nothing()

    async def look(self) -> None:
        """Take over the seals that are new. Raises StoreUnavailable, SealUnreadable and
        KeyRingSealed."""
        if self.newest is None or not await self._follow():
            self.newest = await self._seals.newest()
            self.standing = (
                await self._seals.standing(self.newest) if self.newest else self._nothing()
            )
        await self._remember()

    def take(self, added: StoredSeal) -> None:
        """Go on from a seal that was added by this process."""
        self._move_to(added)

    async def _follow(self) -> bool:
        """Read on from the newest seal that is known; say whether it still is there."""
        known = self.newest
        while known is not None:
            found = await self._seals.after(known.seal.number - 1)
            if not found or found[0].hash != known.hash:
                return False
            for stored in found[1:]:
                self._move_to(stored)
            if len(found) == 1 or self.newest is known:
                return True
            known = self.newest
        return False

    def _move_to(self, stored: StoredSeal) -> None:
        positions = list(self.standing.positions)
        move_on(positions, stored.seal)
        base_at = stored.seal.sealed_at if stored.seal.has_starts else self.standing.base_at
        self.newest, self.standing = stored, Standing(positions, base_at)

    async def _remember(self) -> None:
        if not self._noted:
            try:
                self._note = await asyncio.to_thread(read_note, self._state_dir)
            except SealNoteUnreadable as problem:
                self._complain("audit_seal_note_unreadable", problem=str(problem))
                return
            self._noted = True
        newest, note = self.newest, self._note
        number = newest.seal.number if newest else 0
        if note is not None and (number < note.number or not await self._is_after(note)):
            self._complain("audit_seals_cut_off", newest=number, seen=note.number)
            return
        if newest is None or (note is not None and number == note.number):
            return
        key = note.key if note is not None else (await self._keys.current()).public
        if not key.is_good(newest.text, newest.signature):
            self._complain("audit_seal_forged", newest=number)
            return
        await self._write(newest, key)

    async def _is_after(self, note: SealNote) -> bool:
        """Say whether the seal that was the newest still is part of the log, if it is kept."""
        newest = self.newest
        if newest is None or note.number < newest.seal.kept:
            return True
        noted = newest if newest.seal.number == note.number else await self._seals.get(note.number)
        return noted is not None and noted.hash == note.hash

    async def _write(self, newest: StoredSeal, key: PublicKey) -> None:
        note = SealNote(newest.seal.number, newest.seal.sealed_at, newest.hash, key)
        try:
            await asyncio.to_thread(write_note, self._state_dir, note)
        except OSError as error:
            self._complain("audit_seal_not_noted", problem=(error.strerror or "").lower())
            return
        self._note, self._said = note, ""

    def _complain(self, word: str, **about: object) -> None:
        """Log it once, until something else is the matter or it is right again."""
        if self._said != word:
            self._said = word
            log.error(word, extra=about)

    def _nothing(self) -> Standing:
        return Standing([NO_ENTRY] * self._database.keys.partitions, _NEVER)
