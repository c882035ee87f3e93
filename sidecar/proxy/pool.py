"""Keep-alive connections to the upstream: lent, taken back, evicted; how many, and how long idle.

A request that finds none idle waits for one: new connections are opened up to the limit, and the
first that becomes free, new or returned, serves the request that has waited longest.
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sidecar.proxy.client_side import Failure
from sidecar.proxy.connection import UpstreamConnection
from sidecar.proxy.exchange import Exchange

log = logging.getLogger(__name__)

_TICK = 0.25


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the application listens, and how patient we are. Spans in seconds.

    path: a Unix socket, then host and port are unused. tls: None for plain http.
    max_waiting: requests that may wait for a connection before 503 is answered.
    """

    host: str = "127.0.0.1"
    port: int = 80
    path: str | None = None
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    connect_timeout: float = 5.0
    response_timeout: float = 60.0
    idle_timeout: float = 75.0
    stream_idle_timeout: float = 3600.0
    max_connections: int = 512
    max_waiting: int = 4096


class Pool:
    """The connections of one worker to the upstream."""

    def __init__(self, upstream: Upstream, on_own_cookies: Callable[[int], None]) -> None:
        """on_own_cookies: hears how often an answer tried to set or clear a cookie of ours."""
        self.upstream = upstream
        self.on_own_cookies = on_own_cookies
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time
        self._idle: list[UpstreamConnection] = []
        self._busy: set[UpstreamConnection] = set()
        self._waiting: deque[Exchange] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._ticker = self._loop.call_later(_TICK, self._tick)
        self._closed = False

    def __repr__(self) -> str:
        return (
            f"<Pool idle={len(self._idle)} busy={len(self._busy)} "
            f"connecting={len(self._connecting)} waiting={len(self._waiting)}>"
        )

    @property
    def busy(self) -> Collection[UpstreamConnection]:
        """Those that are lent out now."""
        return self._busy

    def serve(self, exchange: Exchange, *, fresh: bool = False) -> None:
        """Give `exchange` a connection now or as soon as there is one.

        fresh: not a pooled one, because a pooled one has just turned out dead.
        """
        idle = self._idle
        while idle and not fresh:
            connection = idle.pop()
            if connection.usable():
                self._busy.add(connection)
                exchange.connected(connection)
                return
        if len(self._waiting) >= self.upstream.max_waiting:
            self._waiting = deque(one for one in self._waiting if not one.cancelled)
            if len(self._waiting) >= self.upstream.max_waiting:
                exchange.failed(Failure.EXHAUSTED)
                return
        exchange.deadline = self._loop.time() + self.upstream.connect_timeout
        if fresh:
            self._waiting.appendleft(exchange)
        else:
            self._waiting.append(exchange)
        self._open_for_waiting()

    def give_back(self, connection: UpstreamConnection) -> None:
        """Take back a connection whose exchange is complete and whose stream is clean."""
        if self._closed:
            self._busy.discard(connection)
            connection.close()
            return
        while self._waiting:
            exchange = self._waiting.popleft()
            if not exchange.cancelled:
                exchange.connected(connection)
                return
        self._busy.discard(connection)
        connection.reused = True
        connection.idle_since = self._loop.time()
        self._idle.append(connection)

    def forget(self, connection: UpstreamConnection) -> None:
        """The connection is gone or no longer ours (a tunnel took it)."""
        self._busy.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._open_for_waiting()

    def close(self) -> None:
        """Close what is idle, and what is busy as soon as it is given back."""
        self._closed = True
        self._ticker.cancel()
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        for task in self._connecting:
            task.cancel()
        waiting, self._waiting = self._waiting, deque()
        for exchange in waiting:
            if not exchange.cancelled:
                exchange.failed(Failure.UNREACHABLE)

    def _open_for_waiting(self) -> None:
        if self._closed or not self._waiting:
            return
        room = self.upstream.max_connections - len(self._busy) - len(self._idle)
        wanted = min(len(self._waiting), room) - len(self._connecting)
        for _ in range(wanted):
            self._connecting.add(self._loop.create_task(self._connect()))

    async def _connect(self) -> None:
        upstream = self.upstream
        connection: UpstreamConnection | None = None
        failure = Failure.UNREACHABLE
        try:
            async with asyncio.timeout(upstream.connect_timeout):
                connection = await self._dial()
        except TimeoutError:
            failure = Failure.CONNECT_TIMEOUT
        except Exception as error:
            log.warning("upstream_unreachable", extra={"error": type(error).__name__})
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._connecting.discard(task)
        if connection is not None and connection.usable():
            self._busy.add(connection)
            self.give_back(connection)
        else:
            self._refuse_one(failure)
            self._open_for_waiting()

    async def _dial(self) -> UpstreamConnection:
        upstream = self.upstream

        def protocol() -> UpstreamConnection:
            return UpstreamConnection(self)

        if upstream.path is not None:
            _, connection = await self._loop.create_unix_connection(
                protocol, upstream.path, ssl=upstream.tls, server_hostname=upstream.server_name
            )
        else:
            _, connection = await self._loop.create_connection(
                protocol,
                upstream.host,
                upstream.port,
                ssl=upstream.tls,
                server_hostname=upstream.server_name if upstream.tls else None,
            )
        return connection

    def _refuse_one(self, failure: Failure) -> None:
        while self._waiting:
            exchange = self._waiting.popleft()
            if not exchange.cancelled:
                exchange.failed(failure)
                return

    def _tick(self) -> None:
        """Look at every clock at once: cheaper than one timer per request."""
        now = self._loop.time()
        self._ticker = self._loop.call_later(_TICK, self._tick)
        for connection in list(self._busy):
            exchange = connection.exchange
            if exchange is not None and now >= exchange.deadline:
                exchange.timed_out()
        while self._waiting and (self._waiting[0].cancelled or now >= self._waiting[0].deadline):
            exchange = self._waiting.popleft()
            if not exchange.cancelled:
                exchange.failed(Failure.CONNECT_TIMEOUT)
        oldest = now - self.upstream.idle_timeout
        stale = [connection for connection in self._idle if connection.idle_since < oldest]
        for connection in stale:
            self._idle.remove(connection)
            connection.close()
