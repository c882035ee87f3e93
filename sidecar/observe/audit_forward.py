"""Feeds one sink of the audit log, one replica at a time, each entry at least once.

An entry counts as taken when the sink has it for good; only then the store is told. Whoever goes on
after a crash begins there, so that an entry may come twice, with the same id, and none is left out.
While a sink is down nothing is read: what waits for it is the audit log itself.
"""

import asyncio
import logging
import time
from collections import deque

from sidecar.core.audit_sinks import AuditFeed, Sink, SinkDown, SinkPlace
from sidecar.core.ports import StoreUnavailable

log = logging.getLogger(__name__)

_PAUSE = 0.25
_KEEP = 2.0
_WAIT_FOR_TURN = 2.0
_FIRST_REST, _LONGEST_REST = 1.0, 30.0
_AFTER_FAULT = 5.0
_ASK_AGAIN = 0.2


class Forwarder:
    """name: of the sink, for the log. rest: seconds until a sink that is down is tried again; they
    double up to half a minute."""

    def __init__(
        self,
        name: str,
        sink: Sink,
        place: SinkPlace,
        feed: AuditFeed,
        *,
        rest: float = _FIRST_REST,
        turn: float = _WAIT_FOR_TURN,
    ) -> None:
        self._name = name
        self._sink = sink
        self._place = place
        self._feed = feed
        self._first_rest = rest
        self._turn = turn
        self._is_down = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End; another replica may go on at once."""
        task = self._task
        while task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=_ASK_AGAIN)
        await self._sink.close()
        try:
            await self._place.give_back()
        except StoreUnavailable:
            log.debug("sink_not_given_back")

    async def _keep(self) -> None:
        rest = self._first_rest
        while True:
            try:
                if await self._place.hold():
                    await self._feed_it()
                await asyncio.sleep(self._turn)
            except StoreUnavailable:
                await asyncio.sleep(_PAUSE)
            except SinkDown as down:
                self._say_down(str(down))
                await self._give_back()
                await asyncio.sleep(rest)
                rest = min(rest * 2, _LONGEST_REST)
            except Exception:
                log.exception("audit_not_forwarded", extra={"sink": self._name})
                await asyncio.sleep(_AFTER_FAULT)
            if not self._is_down:
                rest = self._first_rest

    async def _feed_it(self) -> None:
        """Feed the sink for as long as it is ours. Raises SinkDown."""
        positions = await self._place.positions()
        held = time.monotonic()
        settling: deque[tuple[float, list[str]]] = deque()
        while True:
            entries = await self._feed.after(positions)
            if entries:
                await self._sink.write(entries)
                settling.append((time.monotonic() + self._sink.settles_after, list(positions)))
                self._say_up()
            settled = None
            while settling and settling[0][0] <= time.monotonic():
                settled = settling.popleft()[1]
            if settled is not None:
                if not self._sink.stands():
                    raise SinkDown("the connection was closed")
                await self._place.note(settled)
            if time.monotonic() - held > _KEEP:
                if not await self._place.hold():
                    return
                held = time.monotonic()
            if not entries:
                await asyncio.sleep(_PAUSE)

    async def _give_back(self) -> None:
        """Perhaps it is only out of reach from here."""
        try:
            await self._place.give_back()
        except StoreUnavailable:
            log.debug("sink_not_given_back")

    def _say_down(self, why: str) -> None:
        if not self._is_down:
            self._is_down = True
            log.error("audit_sink_down", extra={"sink": self._name, "why": why})

    def _say_up(self) -> None:
        if self._is_down:
            self._is_down = False
            log.info("audit_sink_up", extra={"sink": self._name})
