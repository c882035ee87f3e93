"""How the store is, asked from the store itself. Implements the port `StoreHealth`."""

import asyncio
import time
from datetime import timedelta
from typing import Any, Literal

from sidecar.core.ports import StoreUnavailable
from sidecar.core.store_state import StoreState
from sidecar.store.database import Database

Facts = dict[Any, Any]
"""Of INFO by word, of CONFIG by bytes, as redis-py reads them."""

_MODES: dict[Any, Literal["single", "cluster"]] = {"standalone": "single", "cluster": "cluster"}


class Health:
    """sentinel: the store was found by asking sentinels, which the store itself does not know."""

    def __init__(self, database: Database, *, sentinel: bool = False) -> None:
        self._database = database
        self._sentinel = sentinel

    async def state(self) -> StoreState:
        begun = time.perf_counter()
        try:
            await self._database.time()
        except StoreUnavailable:
            return StoreState(up=False)
        latency = timedelta(seconds=time.perf_counter() - begun)
        server, memory, persistence = await asyncio.gather(
            *(self._ask("INFO", section) for section in ("server", "memory", "persistence"))
        )
        used = memory.get("used_memory")
        return StoreState(
            up=True,
            latency=latency,
            version=str(server.get("redis_version", "")),
            used_memory=used if isinstance(used, int) else None,
            mode="sentinel" if self._sentinel else _MODES.get(server.get("redis_mode"), ""),
            persistent=await self._persistent(persistence),
        )

    async def _persistent(self, persistence: Facts) -> bool | None:
        """Say whether Redis writes a journal or snapshots; None if it does not say."""
        if persistence.get("aof_enabled") == 1:
            return True
        config = await self._ask("CONFIG", "GET", "save")
        return bool(config[b"save"]) if b"save" in config else None

    async def _ask(self, *words: str) -> Facts:
        """Return what one node says; nothing where the account may not ask for it."""
        try:
            answer = await self._database.command(*words)
        except StoreUnavailable:
            return {}
        if not isinstance(answer, dict):
            return {}
        # On a cluster the answer may be by node: one of them speaks for all.
        one = next(iter(answer.values()), None)
        return one if isinstance(one, dict) else answer
