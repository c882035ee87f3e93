"""A sealed audit log on a real Redis, and hands that change it as nobody may."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sidecar.core.audit import SYSTEM, Action, AuditEntry, Target
from sidecar.core.audit_seal import Verified
from sidecar.core.users import UserId
from sidecar.store.audit_key import AuditKeys, PublicKey
from sidecar.store.audit_sealer import Sealer
from sidecar.store.audit_seals import SealLog
from sidecar.store.audit_verify import Verifier
from sidecar.store.seal_note import read_note
from tests.store.rig import Rig

SECRET = b"s" * 32
ENTRY = AuditEntry(Action.USER_BANNED, SYSTEM, Target(UserId("alice")), reason="spam")


class Log:
    """The sealed log of one installation."""

    def __init__(self, rig: Rig, state_dir: Path, **options: Any) -> None:
        self.rig = rig
        self.state_dir = state_dir
        self.seals = SealLog(rig.database)
        self.sealer = self.a_sealer(**options)

    def a_sealer(self, **options: Any) -> Sealer:
        """Return another one, as another replica with the same state folder would have it."""
        rig = self.rig
        return Sealer(rig.database, SECRET, lambda: rig.policy, self.state_dir, **options)

    async def key(self) -> PublicKey:
        return (await AuditKeys(self.rig.database, SECRET).current()).public

    async def write(self, count: int, people: int = 1) -> list[str]:
        """Add entries about so many people; return their ids."""
        return [
            await self.rig.audit.write(
                replace(ENTRY, target=Target(UserId(f"alice{number % people}")))
            )
            for number in range(count)
        ]

    async def seal(self, *counts: int, people: int = 1) -> list[str]:
        """Add entries and seal them, once for each count; return all ids."""
        ids = []
        for count in counts:
            ids += await self.write(count, people)
            await self.sealer.turn()
        return ids

    async def verify(self, since: datetime | None = None, *, noted: bool = True) -> Verified:
        note = read_note(self.state_dir) if noted else None
        return await Verifier(self.rig.database, await self.key(), note).verify(since)

    async def found(self, **how: Any) -> tuple[str, str] | None:
        """Verify; return what was done, and the entry or the number of the seal."""
        finding = (await self.verify(**how)).finding
        return finding and (finding.breach.value, finding.entry_id or str(finding.seal))

    async def delete(self, entry_id: str) -> None:
        own, _, part = entry_id.rpartition("-")
        await self.rig.database.command("XDEL", self.rig.keys.audit(int(part)), own)

    async def change(self, entry_id: str, **fields: str) -> None:
        """Change fields of an entry in its place."""

        def changed(body: bytes) -> bytes:
            return json.dumps({**json.loads(body), **fields}).encode()

        own, _, part = entry_id.rpartition("-")
        stream = await self.stream(int(part))
        await self.rewrite(
            int(part),
            [(at, changed(body) if at == own else body) for at, body in stream],
        )

    async def stream(self, partition: int = 0) -> list[tuple[str, bytes]]:
        words = ("XRANGE", self.rig.keys.audit(partition), "-", "+")
        found = await self.rig.database.command(*words)
        return [(own.decode(), fields[b"e"]) for own, fields in found]

    async def rewrite(self, partition: int, entries: Sequence[tuple[str, bytes]]) -> None:
        """Make this the whole stream, as somebody would who may do everything in Redis."""
        key, command = self.rig.keys.audit(partition), self.rig.database.command
        await command("DEL", key)
        for own, body in entries:
            await command("XADD", key, own, "e", body)
