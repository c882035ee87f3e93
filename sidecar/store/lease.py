"""A job that one replica at a time does: whoever holds the lease, for as long as it is renewed."""

import secrets
from datetime import timedelta

from sidecar.store import scripts
from sidecar.store.codec import span_ms
from sidecar.store.database import Database


class Lease:
    """Lapses by itself when its holder dies."""

    def __init__(self, database: Database, job: str, span: timedelta) -> None:
        self._database = database
        self._key = database.keys.lease(job)
        self._span = str(span_ms(span))
        self._holder = secrets.token_hex(8)

    async def hold(self) -> bool:
        """Take or renew the lease; say whether it is ours."""
        if await self._database.run_on(scripts.RELEASE, [self._key], self._holder, self._span):
            return True
        command = self._database.command
        return bool(await command("SET", self._key, self._holder, "NX", "PX", self._span))

    async def give_back(self) -> None:
        await self._database.run_on(scripts.RELEASE, [self._key], self._holder, "0")
