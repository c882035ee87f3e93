"""One connection to Redis for the strict check: commands in, replies by callback, in order.

redis-py costs a task switch and several futures per command. The check needs one command per
turn of the event loop and nothing of a client's comfort, so this speaks to the socket itself;
packing and parsing are hiredis', as everywhere.

Silence is an answer too: a command that waits longer than the deadline fails, with all that wait
behind it, and the connection is dropped, because its replies could no longer be told apart. Each
connection has its own queue of those who wait, so that a reply can only answer a command that
was sent on the same connection. While there is none every command fails at once; a probe tries
again several times a second, so that service returns within a second of Redis.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from secrets import randbelow
from typing import Protocol, cast

import hiredis

from sidecar.core.ports import StoreUnavailable
from sidecar.store.background import end

log = logging.getLogger(__name__)

Reply = Callable[[object], None]
"""Gets what Redis answered (bytes, int, list or None), or StoreUnavailable."""

Command = tuple[bytes, ...]

_pack = cast(Callable[[Command], bytes], hiredis.pack_command)
_HEARTBEAT = 1.0
_RETRY = 0.2
_MAX_WAITING = 100_000


class Dial(Protocol):
    """Opens a transport to the Redis that is the master now. Raises OSError, TimeoutError or
    StoreUnavailable. Returns the commands to send before all others (AUTH, SELECT)."""

    async def __call__(self, protocol: asyncio.Protocol) -> Sequence[Command]: ...


class Wire:
    """The connection, kept up. on_state hears whether the store is up, on_seconds what each
    reply took."""

    def __init__(
        self,
        dial: Dial,
        deadline: float,
        on_state: Callable[[bool], None],
        on_seconds: Callable[[float], None],
    ) -> None:
        self._dial = dial
        self._deadline = deadline
        self._on_state = on_state
        self._on_seconds = on_seconds
        self._loop = asyncio.get_running_loop()
        self._link: _Link | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._told = True  # that it is there when we start is no change
        self._closed = False
        self.up = False

    async def start(self) -> None:
        """Connect, and stay connected until `close`. Returns when first connected or refused."""
        await self._try_to_connect()
        self._keeper = self._loop.create_task(self._keep())

    async def close(self) -> None:
        """Disconnect. That is no outage: nobody is told that the store is down."""
        self._closed = True
        await end(self._keeper)
        if self._link is not None:
            self._link.drop("closed")

    def send(self, command: Command, reply: Reply) -> None:
        """Send a command. `reply` is called once, later than this call returns."""
        link = self._link
        if not self.up or link is None or len(link.waiting) >= _MAX_WAITING:
            self._loop.call_soon(reply, StoreUnavailable("not connected"))
        else:
            link.send(command, reply)

    def refused(self) -> None:
        """LOADING, NOAUTH, READONLY, BUSY …: it speaks, but does not serve."""
        self._set_up(False)
        self._changed.set()  # The keeper looks more often from now on.

    def lost(self, link: "_Link") -> None:
        """That connection is of no more use."""
        if link is self._link:
            self._link = None
            self._set_up(False)
            self._changed.set()

    async def _keep(self) -> None:
        # A dial may swallow that it was cancelled; the flag ends the task all the same.
        while not self._closed:
            if self._link is None:
                await self._try_to_connect()
                if self._link is None:
                    await asyncio.sleep(_RETRY * (0.75 + randbelow(50) / 100))
                continue
            self._changed.clear()
            try:
                async with asyncio.timeout(_HEARTBEAT if self.up else _RETRY):
                    await self._changed.wait()
            except TimeoutError:
                await self._ping()

    async def _try_to_connect(self) -> None:
        link = _Link(self, self._deadline, self._on_seconds)
        try:
            async with asyncio.timeout(max(self._deadline, _RETRY)):
                first = await self._dial(link)
        except Exception as error:
            # Whatever kept it from connecting, it is tried again; and its text may name secrets.
            self._set_up(False)
            log.debug("store_unreachable", extra={"error": type(error).__name__})
            link.drop("not connected")
            return
        self._link = link
        answers = [link.ask(command) for command in (*first, (b"PING",))]
        for answer in await asyncio.gather(*answers):
            if isinstance(answer, StoreUnavailable):
                # Without its AUTH or SELECT the connection may serve, but as somebody else or
                # from another database: it must not be used at all.
                link.drop("refused")
                return
        self._set_up(self._link is link)

    async def _ping(self) -> None:
        link = self._link
        if link is not None:
            answer = await link.ask((b"PING",))
            self._set_up(not isinstance(answer, StoreUnavailable) and self._link is link)

    def _set_up(self, up: bool) -> None:
        self.up = up
        if self._closed:
            return
        if up is not self._told:
            log.warning("store_up" if up else "store_down")
        self._told = up
        self._on_state(up)


class _Link(asyncio.Protocol):
    """One connection, and who waits for its replies, oldest first."""

    def __init__(self, wire: Wire, deadline: float, on_seconds: Callable[[float], None]) -> None:
        self._wire = wire
        self._deadline = deadline
        self._on_seconds = on_seconds
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader()
        self._watchdog: asyncio.TimerHandle | None = None
        self._dropped = False
        self.waiting: deque[tuple[float, Reply]] = deque()

    def send(self, command: Command, reply: Reply) -> None:
        """Send a command; `reply` is called once, later."""
        transport = self._transport
        if transport is None:
            self._loop.call_soon(reply, StoreUnavailable("not connected"))
            return
        now = self._loop.time()
        self.waiting.append((now, reply))
        transport.write(_pack(command))
        if self._watchdog is None:
            self._watchdog = self._loop.call_at(now + self._deadline, self._watch)

    async def ask(self, command: Command) -> object:
        """Return the reply, or StoreUnavailable."""
        future: asyncio.Future[object] = self._loop.create_future()

        def settle(answer: object) -> None:
            if not future.done():
                future.set_result(answer)

        self.send(command, settle)
        return await future

    def drop(self, why: str) -> None:
        """End the connection; everybody who waits hears that the store is not available."""
        self._dropped = True
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        self._wire.lost(self)
        waiting, self.waiting = self.waiting, deque()
        for _, reply in waiting:
            reply(StoreUnavailable(why))

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._dropped:
            self.drop("not connected")

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        try:
            reader.feed(data)
            answer = reader.gets()
            while answer is not False:
                if not self.waiting:
                    self.drop("unexpected reply")
                    return
                sent, reply = self.waiting.popleft()
                self._on_seconds(self._loop.time() - sent)
                if isinstance(answer, hiredis.ReplyError):
                    self._wire.refused()
                    reply(StoreUnavailable(str(answer).split(" ", 1)[0]))
                else:
                    reply(answer)
                answer = reader.gets()
        except hiredis.ProtocolError:
            self.drop("protocol error")

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport = None
        self.drop("connection lost")

    def _watch(self) -> None:
        """One timer for all: if the oldest command is over the deadline, the store is silent."""
        self._watchdog = None
        if not self.waiting:
            return
        oldest = self.waiting[0][0]
        if self._loop.time() >= oldest + self._deadline - 0.001:
            self.drop("deadline")
        else:
            self._watchdog = self._loop.call_at(oldest + self._deadline, self._watch)
