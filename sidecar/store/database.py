"""One way to Redis for all of the store: a deadline on every look, failures as StoreUnavailable."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from redis.exceptions import NoScriptError

from sidecar.store.codec import dump
from sidecar.store.connect import MAX_CONNECTIONS, Client, redis_failures
from sidecar.store.keys import Keys
from sidecar.store.scripts import Script


class Database:
    """Commands and scripts on the keys of one prefix.

    Sentinel and Cluster pools raise at once when all connections are busy; the limit here makes
    callers wait in line instead, never longer than the deadline.
    """

    def __init__(
        self,
        client: Client,
        keys: Keys,
        deadline: timedelta,
        *,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self.keys = keys
        self._client = client
        self._deadline = deadline.total_seconds()
        self._limit = asyncio.Semaphore(max_connections)

    @property
    def deadline(self) -> float:
        """How long a command may take, in seconds."""
        return self._deadline

    async def command(self, *words: str | bytes | int | float) -> Any:
        """Send one command. Raises StoreUnavailable when Redis did not do it in time."""
        with redis_failures():
            async with asyncio.timeout(self._deadline), self._limit:
                return await self._client.execute_command(*words)

    async def read_all(self, commands: Iterable[Sequence[str | int]]) -> list[Any]:
        """Send commands that only read, together: those for one node in one go. Raises
        StoreUnavailable when one of them was not answered in time."""
        with redis_failures():
            async with asyncio.timeout(self._deadline), self._limit:
                pipeline = self._client.pipeline(transaction=False)
                for words in commands:
                    pipeline.execute_command(*words)
                return list(await pipeline.execute())

    async def run(
        self,
        script: Script,
        partition: int,
        given: Mapping[str, object],
        *more: str | bytes,
        keys: Sequence[str] = (),
    ) -> Any:
        """Run a script on one partition. given: its named parameters; None means absent, because
        Lua would take JSON's null for true."""
        streams = (self.keys.audit(partition), self.keys.events(partition))
        present = {name: value for name, value in given.items() if value is not None}
        words = (self.keys.base(partition), dump(present), *more)
        return await self.run_on(script, (*streams, *keys), *words)

    async def run_on(
        self, script: Script, keys: Sequence[str | bytes], *words: str | bytes | int
    ) -> Any:
        """Run a script on these keys, all of one slot.

        Redis forgets scripts when it restarts or fails over: then the source is sent, once.
        """
        rest = (len(keys), *keys, *words)
        with redis_failures():
            async with asyncio.timeout(self._deadline), self._limit:
                try:
                    return await self._client.execute_command("EVALSHA", script.sha, *rest)
                except NoScriptError:
                    return await self._client.execute_command("EVAL", script.source, *rest)

    async def time(self) -> float:
        """Return the store's clock, epoch seconds."""
        seconds, microseconds = await self.command("TIME")
        return float(seconds) + float(microseconds) / 1e6

    async def close(self) -> None:
        """Close the connections. Does not raise."""
        with redis_failures():
            await self._client.aclose()
