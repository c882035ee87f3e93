"""The strict check's look at a Redis Cluster: one command per turn and partition.

The keys of a partition share a slot, so requests of one turn that are about sessions of one
partition share one MGET; redis-py sends it to the node that has the slot now, and follows MOVED.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from sidecar.core.ports import StoreUnavailable
from sidecar.core.session import Handle
from sidecar.store.database import Database
from sidecar.store.reads import Decoder, Reply


class ClusterReads:
    """Implements the port `SessionReads` on a cluster."""

    def __init__(
        self,
        database: Database,
        on_state: Callable[[bool], None],
        on_seconds: Callable[[float], None],
    ) -> None:
        self._database = database
        self._on_state = on_state
        self._on_seconds = on_seconds
        self._loop = asyncio.get_running_loop()
        self._decoder = Decoder()
        self._batch: dict[Handle, list[Reply]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, handle: Handle, reply: Reply) -> None:
        if not self._batch:
            self._loop.call_soon(self._flush)
        self._batch.setdefault(handle, []).append(reply)

    def _flush(self) -> None:
        batch, self._batch = self._batch, {}
        partitions: dict[int, dict[Handle, list[Reply]]] = defaultdict(dict)
        for handle, replies in batch.items():
            partitions[self._database.keys.partition_of(handle)][handle] = replies
        for part in partitions.values():
            task = self._loop.create_task(self._read(part))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _read(self, part: dict[Handle, list[Reply]]) -> None:
        keys: list[bytes] = []
        for handle in part:
            keys += self._database.keys.record_and_last_active(handle)
        started = self._loop.time()
        try:
            answer = await self._database.command("MGET", *keys)
        except StoreUnavailable as failure:
            self._on_state(False)
            for replies in part.values():
                for reply in replies:
                    reply(failure)
            return
        self._on_state(True)
        self._on_seconds(self._loop.time() - started)
        for position, (handle, replies) in enumerate(part.items()):
            look = self._decoder.look(handle, answer[2 * position], answer[2 * position + 1])
            for reply in replies:
                reply(look)
