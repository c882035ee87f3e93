"""One partition's entries in order, read ahead in big pieces while others are being hashed."""

import asyncio

from sidecar.store.audit_leaves import Raw, numbers_of, read_raw
from sidecar.store.database import Database


class Feed:
    """Gives entries behind a position, the oldest first. Every method raises StoreUnavailable."""

    def __init__(self, database: Database, partition: int, after: str, piece: int) -> None:
        """piece: how many are read at once."""
        self._database = database
        self._partition = partition
        self._after = after
        self._piece = piece
        self._ids: list[bytes] = []
        self._bodies: list[bytes | None] = []
        self._at = 0
        self._reading: asyncio.Task[Raw] | None = None

    async def take(self, count: int) -> Raw:
        """Return the next entries: fewer only if there are no more."""
        while len(self._ids) - self._at < count and await self._read_on():
            pass
        begin, self._at = self._at, min(self._at + count, len(self._ids))
        return Raw(self._ids[begin : self._at], self._bodies[begin : self._at])

    def give_back(self, count: int) -> None:
        """Let so many of the entries that were taken last be taken again."""
        self._at -= count

    async def take_to(self, last: str) -> Raw:
        """Return the next entries up to an id, itself included."""
        end_at = numbers_of(last)
        while not self._ids or numbers_of(self._ids[-1]) <= end_at:
            if not await self._read_on():
                break
        begin = self._at
        while self._at < len(self._ids) and numbers_of(self._ids[self._at]) <= end_at:
            self._at += 1
        return Raw(self._ids[begin : self._at], self._bodies[begin : self._at])

    async def goes_on(self) -> bool:
        """Say whether there is a further entry."""
        return self._at < len(self._ids) or await self._read_on()

    async def close(self) -> None:
        task, self._reading = self._reading, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _read_on(self) -> bool:
        reading = self._reading or self._begin()
        raw = await reading
        self._reading = None
        if not raw.ids:
            return False
        del self._ids[: self._at], self._bodies[: self._at]
        self._at = 0
        self._ids += raw.ids
        self._bodies += raw.bodies
        self._after = raw.ids[-1].decode("ascii")
        if len(raw.ids) == self._piece:
            self._reading = self._begin()
        return True

    def _begin(self) -> "asyncio.Task[Raw]":
        read = read_raw(self._database, self._partition, self._after, self._piece)
        return asyncio.create_task(read)
