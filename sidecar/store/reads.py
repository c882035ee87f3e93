"""The strict check's look at the store: one command per turn of the event loop.

Each request asks after it arrived; those that are in flight together share one MGET, and those
about the same session share one entry in it. What is remembered is only how bytes decode, never
what they mean: the bytes themselves are read from Redis for every request.
"""

import asyncio
import logging
from collections.abc import Callable

from sidecar.core.ports import Look, StoreUnavailable
from sidecar.core.session import Handle
from sidecar.store.codec import decode
from sidecar.store.keys import Keys
from sidecar.store.wire import Wire

log = logging.getLogger(__name__)

Reply = Callable[[Look], None]

_MAX_DECODED = 4096


class BatchedReads:
    """Implements the port `SessionReads` on a single Redis or behind Sentinel."""

    def __init__(self, wire: Wire, keys: Keys) -> None:
        self._wire = wire
        self._keys = keys
        self._loop = asyncio.get_running_loop()
        self._batch: dict[Handle, list[Reply]] = {}
        self._look = Decoder().look
        self._names: dict[Handle, tuple[bytes, bytes]] = {}

    def ask(self, handle: Handle, reply: Reply) -> None:
        batch = self._batch
        if not batch:
            self._loop.call_soon(self._flush)
        asking = batch.get(handle)
        if asking is None:
            batch[handle] = [reply]
        else:
            asking.append(reply)

    def _flush(self) -> None:
        batch, self._batch = self._batch, {}
        command: list[bytes] = [b"MGET"]
        names = self._names
        for handle in batch:
            pair = names.get(handle)
            if pair is None:
                if len(names) >= _MAX_DECODED:
                    names.clear()
                pair = names[handle] = self._keys.record_and_last_active(handle)
            command += pair
        self._wire.send(tuple(command), _Answer(batch, self._look))


class Decoder:
    """Turns what Redis holds into a session, a tombstone or nothing; remembers equal bytes."""

    def __init__(self) -> None:
        self._decoded: dict[tuple[bytes, bytes | None], Look] = {}

    def look(self, handle: Handle, record: bytes | None, last_active: bytes | None) -> Look:
        """Say what the two values mean. Never raises."""
        if record is None:
            return None
        key = (record, last_active)
        look = self._decoded.get(key)
        # Two sessions never have the same record (each has its own secret hash), but the handle
        # is not part of it; checking it costs nothing and rests on nothing.
        if look is None or getattr(look, "handle", handle) != handle:
            if len(self._decoded) >= _MAX_DECODED:
                self._decoded.clear()
            try:
                look = decode(handle, record, last_active)
            except Exception:
                # Whatever is wrong with one record, nobody passes by it, and the others of the
                # same command get their answers.
                log.exception("record_unreadable", extra={"handle": handle})
                return StoreUnavailable("unreadable record")
            self._decoded[key] = look
        return look


class _Answer:
    """Gives each request of one batch its part of the reply."""

    __slots__ = ("_batch", "_look")

    def __init__(
        self,
        batch: dict[Handle, list[Reply]],
        look: Callable[[Handle, bytes | None, bytes | None], Look],
    ) -> None:
        self._batch = batch
        self._look = look

    def __call__(self, answer: object) -> None:
        if not isinstance(answer, list):
            failure = answer if isinstance(answer, StoreUnavailable) else StoreUnavailable("reply")
            for replies in self._batch.values():
                _tell(replies, failure)
            return
        position = 0
        for handle, replies in self._batch.items():
            look = self._look(handle, answer[position], answer[position + 1])
            position += 2
            _tell(replies, look)


def _tell(replies: list[Reply], look: Look) -> None:
    for reply in replies:
        try:
            reply(look)
        except Exception:
            # One that fails must not keep the others of the batch waiting.
            log.exception("reply_failed")
