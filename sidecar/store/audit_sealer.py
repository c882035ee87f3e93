"""Seals the audit log every few seconds: one replica at a time, the others watch.

Whoever holds the lease seals what is new and drops what is over. Every process, also one that only
watches, says how far the log is sealed (`state`) and has the state folder remember the newest seal.
Two that seal at once, because a lease lapsed, cannot both: the script takes one seal after each.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from sidecar.core.audit_seal import NO_ENTRY, AuditSeal, SealState
from sidecar.core.policy import Policy
from sidecar.core.ports import StoreUnavailable
from sidecar.store.audit_collect import MOST, Collected, collect
from sidecar.store.audit_key import AuditKeys
from sidecar.store.audit_seals import GENESIS, SealLog, SealUnreadable, StoredSeal, write_seal
from sidecar.store.audit_trim import STARTS_EVERY, AuditTrim
from sidecar.store.audit_watch import SealWatch
from sidecar.store.background import end
from sidecar.store.codec import from_ms
from sidecar.store.database import Database
from sidecar.store.keyring import KeyRingSealed
from sidecar.store.lease import Lease

log = logging.getLogger(__name__)

HEARTBEAT = timedelta(minutes=10)
"""So often there is a seal at least, also over nothing: it says that nothing was added."""
_STARTS_AFTER = timedelta(hours=1)
_LEASE = timedelta(seconds=15)
_LOOK_FOR_OLD = timedelta(minutes=1)
_LEAST_PAUSE = 0.1
_MOST_SEALS = 20
"""In one turn: what is still open then is for the next one."""


def _nobody(_: SealState) -> None:
    """Nobody wants to know."""


class Sealer:
    """`turn` once, or `start` to take a turn every `seal_interval` of the policy."""

    def __init__(
        self,
        database: Database,
        secret: bytes,
        policy: Callable[[], Policy],
        state_dir: Path,
        told: Callable[[SealState], None] = _nobody,
        *,
        look_for_old: timedelta = _LOOK_FOR_OLD,
        most: int = MOST,
    ) -> None:
        """told: hears after each turn how far the log is sealed. most: entries in one seal."""
        self._database = database
        self._policy = policy
        self._told = told
        self._seals = SealLog(database)
        self._keys = AuditKeys(database, secret)
        self._watch = SealWatch(database, self._seals, self._keys, state_dir)
        self._trim = AuditTrim(database, self._seals)
        self._lease = Lease(database, "sealer", _LEASE)
        self._look_for_old = look_for_old
        self._most = most
        self._looked: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self.state = SealState(0, None)

    @property
    def sealed(self) -> Sequence[str]:
        """Up to where each partition is sealed, as of the last turn."""
        return self._watch.standing.positions

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Seal what is there, if that is this process' job, and leave it to another."""
        await end(self._task)
        if self._task is None:
            return
        try:
            if await self._lease.hold():
                await self.turn()
                await self._lease.give_back()
        except (StoreUnavailable, SealUnreadable, KeyRingSealed):
            log.info("audit_sealer_gave_up")

    async def turn(self) -> None:
        """Look, seal what is new if that is ours to do, and say how far the log is sealed.

        Raises StoreUnavailable, SealUnreadable and KeyRingSealed.
        """
        await self._watch.look()
        if await self._lease.hold():
            await self._seal_all()
            newest = self._watch.newest
            if newest is not None:
                await self._trim.drop(newest.seal.kept)
            await self._watch.look()
        newest = self._watch.newest
        self.state = SealState(
            newest.seal.number if newest else 0,
            newest.seal.sealed_at if newest else None,
        )

    async def _seal_all(self) -> None:
        for _ in range(_MOST_SEALS):
            collected = await collect(self._database, self._watch.standing.positions, self._most)
            now = from_ms(round(await self._database.time() * 1000))
            kept = await self._kept(now)
            if not collected.count and kept is None and not self._is_quiet(now):
                return
            added = await self._made(collected, now, kept)
            if not await self._seals.add(self._watch.newest, added):
                await self._watch.look()  # another replica was first
                return
            self._watch.take(added)
            if collected.is_all:
                return

    async def _made(self, collected: Collected, now: datetime, kept: int | None) -> StoredSeal:
        key = await self._keys.current()
        before, standing = self._watch.newest, self._watch.standing
        number = before.seal.number + 1 if before else 1
        base = before.seal.base if before else 0
        starts = {}
        if not base or number - base >= STARTS_EVERY or now - standing.base_at >= _STARTS_AFTER:
            base = number
            starts = {part: at for part, at in enumerate(standing.positions) if at != NO_ENTRY}
        seal = AuditSeal(
            number=number,
            sealed_at=now,
            previous=before.hash if before else GENESIS,
            root=collected.root,
            index_hash=sha256(collected.index).digest(),
            spans=collected.spans,
            base=base,
            kept=kept or (before.seal.kept if before else 1),
            key_id=key.public.key_id,
            starts=MappingProxyType(starts),
        )
        text = write_seal(seal)
        return StoredSeal(seal, text, key.sign(text), collected.index)

    async def _kept(self, now: datetime) -> int | None:
        """Return from which seal on entries are kept from now on; None: as before."""
        newest = self._watch.newest
        if newest is None or (self._looked and now - self._looked < self._look_for_old):
            return None
        self._looked = now
        kept = await self._trim.kept_from(newest.seal, now - self._policy().audit_retention)
        return kept if kept != newest.seal.kept else None

    def _is_quiet(self, now: datetime) -> bool:
        newest = self._watch.newest
        return newest is not None and now - newest.seal.sealed_at >= HEARTBEAT

    async def _keep(self) -> None:
        said = ""
        while True:
            problem = ""
            try:
                await self.turn()
            except StoreUnavailable:
                pass  # said by who asks it for each request
            except (SealUnreadable, KeyRingSealed) as found:
                problem = str(found)
            if problem and problem != said:
                log.error("audit_not_sealed", extra={"problem": problem})
            said = problem
            self._told(self.state)
            await asyncio.sleep(max(self._policy().seal_interval.total_seconds(), _LEAST_PAUSE))
