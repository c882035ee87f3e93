"""What a worker notices that no script writes down: taken at once, written soon, many together.

A token that is replayed a thousand times a second is one line of the store each second. While the
store is silent the notes wait, up to a bound; an outage is told when it is over.
"""

import asyncio
from datetime import datetime
from typing import Any

from sidecar.core.instants import write_instant
from sidecar.core.ports import Clock, StoreUnavailable, Tombstone
from sidecar.core.session import Handle
from sidecar.store.background import end
from sidecar.store.codec import dump, to_ms
from sidecar.store.database import Database

_GATHER = 0.5
_MOST_TOKENS = 1000
_MOST_OUTAGES = 20
_KEPT = 10_000
"""Facts in the stream, about: a day of them, or as many as are read in a minute."""


class FactNotes:
    """One for each process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._tokens: dict[tuple[Handle, str], dict[str, Any]] = {}
        self._outages: list[dict[str, Any]] = []
        self._down_since: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Write what waits, as far as the store lets. Does not raise."""
        await end(self._task)
        try:
            await self.flush()
        except StoreUnavailable:
            return

    def dead_token(self, tombstone: Tombstone, handle: Handle, client_ip: str) -> None:
        """The token of a revoked session was used. Never waits."""
        key = (handle, client_ip)
        if key not in self._tokens and len(self._tokens) >= _MOST_TOKENS:
            return
        fact = self._tokens.setdefault(
            key,
            {
                "t": "dead_token",
                "u": tombstone.user_id,
                "h": handle,
                "p": client_ip,
                "c": 0,
                "d": {"reason": tombstone.reason.value},
            },
        )
        fact["c"] += 1

    def store_state(self, up: bool) -> None:
        """The store answers, or does not. Never waits."""
        now = self._clock.now()
        if not up:
            self._down_since = self._down_since or now
        elif self._down_since is not None:
            begin, self._down_since = self._down_since, None
            if len(self._outages) < _MOST_OUTAGES:
                details = {"begin": write_instant(begin)}
                self._outages.append({"t": "store_degraded", "e": to_ms(now), "d": details})

    async def flush(self) -> None:
        """Write what waits. Raises StoreUnavailable: then it waits on."""
        key = self._database.keys.facts
        for handle, fact in list(self._tokens.items()):
            await self._write(key, fact)
            del self._tokens[handle]
        while self._outages:
            await self._write(key, self._outages[0])
            del self._outages[0]

    async def _write(self, key: str, fact: dict[str, Any]) -> None:
        told = {name: value for name, value in fact.items() if value}
        await self._database.command("XADD", key, "MAXLEN", "~", _KEPT, "*", "e", dump(told))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_GATHER)
            try:
                await self.flush()
            except StoreUnavailable:
                continue
