"""One connection to Redis for the strict check: commands in, replies by callback, in order.

redis-py costs a task switch and several futures per command. The check needs one command per
turn of the event loop and nothing of a client's comfort, so this speaks to the socket itself;
packing and parsing are hiredis', as everywhere.

Silence is an answer too: a command that waits longer than the deadline fails, with all that wait
behind it, and the connection is dropped, because its replies could no longer be told apart.
While there is no connection every command fails at once; a probe tries again several times a
second, so that service returns within a second of Redis.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from secrets import randbelow
from typing import Protocol, cast

import hiredis

from sidecar.core.ports import StoreUnavailable

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


class Wire(asyncio.Protocol):
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
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader()
        self._waiting: deque[tuple[float, Reply]] = deque()
        self._watchdog: asyncio.TimerHandle | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self.up = False

    async def start(self) -> None:
        """Connect, and stay connected until `close`. Returns when first connected or refused."""
        await self._try_to_connect()
        self._keeper = self._loop.create_task(self._keep())

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._transport is not None:
            self._transport.abort()
        self._fail_all("closed")

    def send(self, command: Command, reply: Reply) -> None:
        """Send a command. `reply` is called once, later than this call returns."""
        transport = self._transport
        if not self.up or transport is None or len(self._waiting) >= _MAX_WAITING:
            self._loop.call_soon(reply, StoreUnavailable("not connected"))
            return
        now = self._loop.time()
        self._waiting.append((now, reply))
        transport.write(_pack(command))
        if self._watchdog is None:
            self._watchdog = self._loop.call_at(now + self._deadline, self._watch)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._reader = hiredis.Reader()

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        try:
            reader.feed(data)
            answer = reader.gets()
            while answer is not False:
                if not self._waiting:
                    self._drop("unexpected reply")
                    return
                sent, reply = self._waiting.popleft()
                self._on_seconds(self._loop.time() - sent)
                if isinstance(answer, hiredis.ReplyError):
                    # LOADING, NOAUTH, READONLY, BUSY …: it speaks, but does not serve.
                    self._set_up(False)
                    reply(StoreUnavailable(str(answer).split(" ", 1)[0]))
                else:
                    reply(answer)
                answer = reader.gets()
        except hiredis.ProtocolError:
            self._drop("protocol error")

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport = None
        self._fail_all("connection lost")
        self._lost.set()

    # Keeping it up.

    async def _keep(self) -> None:
        while True:
            if self._transport is None:
                await self._try_to_connect()
                if self._transport is None:
                    await asyncio.sleep(_RETRY * (0.75 + randbelow(50) / 100))
                continue
            self._lost.clear()
            try:
                async with asyncio.timeout(_HEARTBEAT if self.up else _RETRY):
                    await self._lost.wait()
            except TimeoutError:
                await self._ping()

    async def _try_to_connect(self) -> None:
        try:
            async with asyncio.timeout(max(self._deadline, _RETRY)):
                first = await self._dial(self)
        except (OSError, TimeoutError, StoreUnavailable) as error:
            self._set_up(False)
            log.debug("store_unreachable", extra={"error": type(error).__name__})
            return
        transport = self._transport
        if transport is None:
            return
        answers: list[asyncio.Future[object]] = []
        for command in (*first, (b"PING",)):
            answers.append(self._expect())
            transport.write(_pack(command))
        try:
            for answer in await asyncio.gather(*answers):
                if isinstance(answer, StoreUnavailable):
                    self._set_up(False)
                    return
        finally:
            for future in answers:
                future.cancel()
        self._set_up(True)

    async def _ping(self) -> None:
        transport = self._transport
        if transport is None:
            return
        future = self._expect()
        transport.write(_pack((b"PING",)))
        answer = await future
        self._set_up(not isinstance(answer, StoreUnavailable) and self._transport is not None)

    def _expect(self) -> asyncio.Future[object]:
        future: asyncio.Future[object] = self._loop.create_future()

        def settle(answer: object) -> None:
            if not future.done():
                future.set_result(answer)

        now = self._loop.time()
        self._waiting.append((now, settle))
        if self._watchdog is None:
            self._watchdog = self._loop.call_at(now + self._deadline, self._watch)
        return future

    def _watch(self) -> None:
        """One timer for all: if the oldest command is over the deadline, the store is silent."""
        self._watchdog = None
        if not self._waiting:
            return
        oldest = self._waiting[0][0]
        if self._loop.time() >= oldest + self._deadline - 0.001:
            self._drop("deadline")
        else:
            self._watchdog = self._loop.call_at(oldest + self._deadline, self._watch)

    def _drop(self, why: str) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        self._fail_all(why)
        self._lost.set()

    def _fail_all(self, why: str) -> None:
        self._set_up(False)
        waiting, self._waiting = self._waiting, deque()
        for _, reply in waiting:
            reply(StoreUnavailable(why))

    def _set_up(self, up: bool) -> None:
        if up is not self.up:
            self.up = up
            log.warning("store_up" if up else "store_down")
        self._on_state(up)
