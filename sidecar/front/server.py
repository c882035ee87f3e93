"""All client connections of one worker: opened, watched over, drained.

One ticker looks at every connection's deadline once a second, which is cheaper than a timer for
each, and precise enough for patience that is measured in seconds.
"""

import asyncio
import logging
import math
import ssl
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from socket import socket

from sidecar.front.client_end import ClientEnd
from sidecar.front.connection import FrontConnection
from sidecar.front.crowd import Crowd
from sidecar.front.guest import Guest
from sidecar.front.walk import Walk
from sidecar.proxy.frames import GOING_AWAY
from sidecar.proxy.tunnel import Tunnel

log = logging.getLogger(__name__)

_TICK = 1.0
_BACKLOG = 1024
_FAREWELLS = 20
_BREATH = 0.1


@dataclass(frozen=True, slots=True)
class FrontLimits:
    """What a client may take. Sizes in bytes, spans in seconds.

    header_size: of one field; line_size: of the request line; headers: how many fields and
    trailers the parser keeps. A request with fewer may still have too many: `reading.py` counts.
    body_timeout: the longest pause in a body; body_rate: the fewest bytes a second of it, on
    average, once it has taken body_grace; 0 for any.
    """

    header_size: int = 32_768
    line_size: int = 8_190
    headers: int = 256
    header_timeout: float = 10.0
    idle_timeout: float = 75.0
    body_timeout: float = 30.0
    body_rate: int = 240
    body_grace: float = 20.0
    write_timeout: float = 30.0
    max_connections: int = 10_000

    @property
    def head_size(self) -> int:
        """Of all that may come, bit by bit, before a head is complete."""
        return 2 * self.header_size + self.line_size


class Server:
    """The connections of one worker."""

    def __init__(
        self,
        limits: FrontLimits,
        on_tunnels: Callable[[int], None],
        on_refused: Callable[[], None],
    ) -> None:
        """on_tunnels: hears 1 for each tunnel that opens, -1 for each that is closed. on_refused:
        hears of each connection that there was no room for."""
        self.loop = asyncio.get_running_loop()
        self.limits = limits
        self.walk: Walk
        self._connections: set[ClientEnd] = set()
        self._tunnels: set[Tunnel] = set()
        self._guests: set[Guest] = set()
        self._on_tunnels = on_tunnels
        self._servers: list[asyncio.Server] = []
        self._ticker = self.loop.call_later(_TICK, self._tick)
        self._empty = asyncio.Event()
        self._crowd = Crowd(self.loop, on_refused)

    @property
    def connections(self) -> Collection[ClientEnd]:
        """Those that are open now, tunnels among them."""
        return self._connections

    @property
    def guests(self) -> Collection[Guest]:
        """Connections that a page has handed over for good."""
        return self._guests

    async def listen(self, sockets: Sequence[socket], tls: ssl.SSLContext | None) -> None:
        """Accept connections on bound sockets."""
        for sock in sockets:
            self._servers.append(
                await self.loop.create_server(
                    lambda: FrontConnection(self), sock=sock, ssl=tls, backlog=_BACKLOG
                )
            )

    def opened(self, connection: ClientEnd, transport: asyncio.Transport) -> None:
        if len(self._connections) + len(self._guests) < self.limits.max_connections:
            self._connections.add(connection)
        else:
            self._crowd.refuse(transport)

    def closed(self, connection: ClientEnd) -> None:
        self._connections.discard(connection)
        self._check_empty()

    def join(
        self,
        connection: ClientEnd,
        client: asyncio.Transport,
        upstream: asyncio.Transport,
        early_upstream: bytes,
        early_client: bytes,
    ) -> Tunnel:
        """Make a tunnel of the two transports; the connection lives on as its record."""

        def closed(tunnel: Tunnel) -> None:
            self._tunnels.discard(tunnel)
            self._on_tunnels(-1)
            connection.tunnel_closed(tunnel.upstream_bytes)
            self._connections.discard(connection)
            self._check_empty()

        tunnel = Tunnel(client, upstream, closed, connection.tunnel_activity)
        self._tunnels.add(tunnel)
        self._on_tunnels(1)
        tunnel.join(early_upstream, early_client)
        if self.walk.draining:
            tunnel.close(GOING_AWAY)
        return tunnel

    def adopt(
        self,
        connection: ClientEnd,
        guest: Guest,
        begin: Callable[[Callable[[], None]], None],
    ) -> None:
        """Count `guest` in the place of the connection, until it says that it is gone.

        The request is over with that, and nothing of it is kept: a guest may stay for days.
        """

        def gone() -> None:
            self._guests.discard(guest)
            self._check_empty()

        self.walk.finished(connection)
        connection.transport = connection.message = connection.page = None
        self._connections.discard(connection)
        self._guests.add(guest)
        begin(gone)
        if self.walk.draining:
            guest.close(GOING_AWAY)

    async def drain(self, patience: float) -> None:
        """Stop accepting, let what is under way finish, cut what is left after `patience`.

        Tunnels are told first: whoever holds one can go to another instance at once, and nothing
        that is worth waiting for ends by itself in a tunnel.
        """
        self.walk.draining = True
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.close_when_idle()
        self._check_empty()
        try:
            async with asyncio.timeout(patience):
                await self._close_tunnels(patience / 2)
                await self._empty.wait()
        except TimeoutError:
            log.warning("drain_timeout", extra={"open": len(self._connections)})
            for far in [*self._tunnels, *self._guests]:
                far.cut()
            for connection in list(self._connections):
                connection.abort()
        self._crowd.close()
        self._ticker.cancel()

    async def _close_tunnels(self, span: float) -> None:
        """Tell them one after the other, within `span`: all who are told come back, and thousands
        who come back at once would take the next instance down, too."""
        tunnels: list[Tunnel | Guest] = [*self._tunnels, *self._guests]
        each = max(_FAREWELLS, math.ceil(len(tunnels) * _BREATH / span)) if span else len(tunnels)
        for start in range(0, len(tunnels), each or 1):
            if start:
                await asyncio.sleep(_BREATH)
            for tunnel in tunnels[start : start + each]:
                tunnel.close(GOING_AWAY)

    def _check_empty(self) -> None:
        if self.walk.draining and not (self._connections or self._tunnels or self._guests):
            self._empty.set()

    def _tick(self) -> None:
        self._ticker = self.loop.call_later(_TICK, self._tick)
        now = self.loop.time()
        overdue = [one for one in self._connections if 0.0 < one.deadline <= now]
        for connection in overdue:
            connection.overdue()
        self._crowd.look(now)
