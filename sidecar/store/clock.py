"""The store's clock in this process: one clock for all replicas, whatever their own ones say.

What is measured is the distance of Redis' TIME from the local monotonic clock, which never
jumps. While Redis is silent the last measurement goes on holding: clocks drift by milliseconds
an hour, not by minutes.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

from sidecar.core.ports import StoreUnavailable
from sidecar.store.background import end
from sidecar.store.database import Database

_INTERVAL = 1.0


class StoreClock:
    """Implements the port `Clock`. Until it was measured once, it shows the machine's own time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._offset = time.time() - time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.monotonic() + self._offset, UTC)

    async def start(self) -> None:
        """Measure now, if Redis answers, and each second from now on."""
        with suppress(StoreUnavailable):
            await self.measure()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await end(self._task)

    async def measure(self) -> None:
        """Take the store's time as that of the middle of the way there and back."""
        before = time.monotonic()
        instant = await self._database.time()
        self._offset = instant - (before + time.monotonic()) / 2

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            with suppress(StoreUnavailable):
                await self.measure()
