"""Live sign-out: when a session ends, by whomever and on whichever replica, what hangs on it ends.

    event ──▶ one pass over the connections ──▶ cut, and whoever watches is told
      └─────▶ a moment later the same again: a verdict that was read before the end may be
              delivered after the event, and its request begins where the pass has been
    once a second ──▶ what has ended without an event (`live_check.py`) ──▶ cut

Events are read from the last seen one on, so that none is missed while the store is away.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence, Sized
from contextlib import suppress
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from sidecar.core.event_log import Event, EventFeed
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, SessionReads, Sessions, StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.front.cutting import cut
from sidecar.front.live_check import LiveCheck
from sidecar.front.live_count import count
from sidecar.front.live_register import LiveRegister, Told, Watch, handle_of
from sidecar.observe.metrics import Metrics
from sidecar.store.background import end

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd
    from sidecar.front.server import Server
    from sidecar.front.walk import Walk

log = logging.getLogger(__name__)

_TICK = 1.0
_PACE = 0.01
_GATHER = 0.1
_MARGIN = 0.1
_RETRY = 0.2
_AT_ONCE = 100


class LiveCut:
    """Cuts the connections of one worker. Implements the port `LiveWatch`.

    deadline: of the store; no verdict is delivered that was read longer ago.
    """

    def __init__(
        self,
        *,
        feed: EventFeed,
        reads: SessionReads,
        sessions: Sessions,
        clock: Clock,
        policy: Callable[[], Policy],
        metrics: Metrics,
        deadline: timedelta,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._metrics = metrics
        self._lateness = deadline.total_seconds() + _MARGIN
        self._register = LiveRegister()
        self._check = LiveCheck(self._register, reads, sessions, clock, policy)
        self._walk: Walk | None = None
        self._guests: Sized = ()
        self._look_now = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathering: dict[Handle, Ended] | None = None
        self._stopped = False

    def watch(self, handle: Handle, told: Told) -> Callable[[], None]:
        """Call `told` once when that session ends. Returns how to stop."""
        watch = Watch(handle, told)
        self._register.add(watch)
        self._look_now.set()  # It may have ended before anybody watched.
        return lambda: self._register.remove(watch)

    def cover(self, server: "Server") -> None:
        """Watch over the server's connections, too, as long as this runs."""
        self._register.connections = server.connections
        self._guests = server.guests
        self._walk = server.walk

    def start(self) -> None:
        """Hear of the end of sessions from now on."""
        self._run(self._follow())
        self._run(self._look_each_second())

    async def stop(self) -> None:
        """Cut nothing more."""
        self._stopped = True
        for task in list(self._tasks):
            await end(task)
        self._register.connections = self._guests = ()
        self._count()

    def _run(self, endless: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(endless)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self) -> None:
        positions: list[str] | None = None
        whole = False
        while not self._stopped:
            try:
                if positions is None:
                    positions = await self._feed.positions()
                elif not whole:
                    await self._feed.rewind(positions)
                if not whole:
                    whole = True
                    self._doubt()
                events = await self._feed.upcoming(positions)
            except StoreUnavailable:
                whole = False
                await asyncio.sleep(_RETRY)
                continue
            except Exception:
                log.exception("events_unreadable")
                whole = False
                await asyncio.sleep(_TICK)
                continue
            if events:
                await self._happened(events)
                await asyncio.sleep(_PACE)  # What happens meanwhile shares one pass.

    async def _look_each_second(self) -> None:
        while not self._stopped:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._look_now.wait()
            self._look_now.clear()
            try:
                await self._end(await self._check.ended())
            except Exception:
                log.exception("live_check_failed")
            self._count()
            await asyncio.sleep(_GATHER)

    def _count(self) -> None:
        gauge = self._metrics.live_connections
        found = count(self._register.connections, len(self._guests), perf_counter())
        for kind, number in found.items():
            gauge.set(number, kind)

    def _doubt(self) -> None:
        """Something may have happened that we were not told."""
        self._check.doubt = True
        self._look_now.set()

    async def _happened(self, events: Sequence[Event]) -> None:
        ended = {
            event.handle: event.reason
            for event in events
            if event.handle is not None and event.reason is not None
        }
        if not ended:
            return
        if self._gathering is None:
            self._gathering = {}
            self._run(self._once_more(self._gathering))
        self._gathering |= ended
        cut_off = await self._end(ended)
        now = self._clock.now()
        for event in events:
            if event.handle in cut_off:
                seconds = (now - event.at).total_seconds()
                self._metrics.revocation_seconds.observe(max(seconds, 0.0))

    async def _once_more(self, ended: Mapping[Handle, Ended]) -> None:
        await asyncio.sleep(_GATHER)
        self._gathering = None
        await asyncio.sleep(self._lateness)
        await self._end(ended, late=True)

    async def _end(self, ended: Mapping[Handle, Ended], *, late: bool = False) -> set[Handle]:
        """Cut and tell; return the sessions of which there was something."""
        cut_off: set[Handle] = set()
        if not ended:
            return cut_off
        told = 0
        for handle, reason in ended.items():
            heard = self._register.tell(handle, reason)
            if heard:
                cut_off.add(handle)
            told += heard
            if told >= _AT_ONCE:
                told = 0
                await asyncio.sleep(0)
        for number, (conn, handle) in enumerate(self._register.connections_of(ended), start=1):
            if handle_of(conn) == handle and self._cut(conn, ended[handle], late=late):
                cut_off.add(handle)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        if cut_off:
            log.info("live_connections_cut", extra={"sessions": len(cut_off)})
        return cut_off

    def _cut(self, conn: "ClientEnd", reason: Ended, *, late: bool) -> bool:
        walk = self._walk
        try:
            return walk is not None and cut(conn, walk, reason, late=late)
        except Exception:
            # A mistake of ours must not let it, or those behind it, go on.
            log.exception("cut_failed", extra={"request_id": conn.request_id})
            conn.cut()
            return True
