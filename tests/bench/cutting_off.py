"""5,000 idle WebSockets through one worker, and one call that signs out everybody who holds them.

What counts is the instant at which the last of them has been told, as the clients see it: from
before the call is sent. They share a core with the application and Redis, which pay for it, too.
"""

import asyncio
import base64
import os
import resource
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from tests.bench.machine import MB, CannotMeasure, Memory, memory_of
from tests.bench.sidecar_subject import MOUNT, Sidecar, running_sidecar
from tests.bench.subjects import Stage

SOCKETS = 5000
MOST_MS = 1000
SESSIONS = 9
"""As many as one person may have, but for the one that acts."""

_AT_ONCE = 50
_SETTLE = 3.0
_PATIENCE = 60.0
_FILES_BESIDE = 500
_CLOSE = 0x88
_GOOD_BYE = b"\x88\x82\x00\x00\x00\x00\x03\xe8"


@dataclass(frozen=True, slots=True)
class CutOff:
    """answered_ms, first_ms, last_ms: after the call was begun. told: by a Close frame, not cut."""

    sockets: int
    told: int
    answered_ms: float
    first_ms: float
    last_ms: float
    with_sockets: Memory
    afterwards: Memory


class _Client(asyncio.Protocol):
    """One WebSocket. opened: the handshake was answered by yes or no. ended: when it was told."""

    __slots__ = ("_request", "agreed", "ended", "opened", "over", "told", "transport")

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.agreed = self.told = False
        self.ended = 0.0
        self.opened, self.over = asyncio.Event(), asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.opened.is_set():
            self.agreed = data.startswith(b"HTTP/1.1 101")
            self.opened.set()
        elif data[0] == _CLOSE:
            self.told = True
            self._end()
            self.transport.write(_GOOD_BYE)
            self.transport.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._end()
        self.opened.set()

    def _end(self) -> None:
        self.ended = self.ended or time.perf_counter()
        self.over.set()


def measure_cutting_off(stage: Stage, sockets: int) -> CutOff:
    """Measure with a sidecar of its own. Raises CannotMeasure."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * sockets + _FILES_BESIDE:
        raise CannotMeasure(f"a process may open {soft} files, which is too few for it")
    folder = stage.folder / "sidecar-cutting-off"
    folder.mkdir()
    address, redis_url = stage.upstreams.url("sockets"), stage.upstreams.redis()
    core = stage.cores.proxy
    with running_sidecar(address, redis_url, core, folder, role="owner") as sidecar:
        cookies = [sidecar.sign_in() for _ in range(SESSIONS)]
        return asyncio.run(_measure(sidecar, cookies, sidecar.sign_in(), sockets))


async def _measure(sidecar: Sidecar, cookies: list[str], actor: str, sockets: int) -> CutOff:
    clients: list[_Client] = []
    turn = asyncio.Semaphore(_AT_ONCE)
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(sockets):
                cookie = cookies[number % len(cookies)]
                group.create_task(_open(sidecar.url, cookie, turn, clients))
        await asyncio.sleep(_SETTLE)
        if any(client.over.is_set() for client in clients):
            raise CannotMeasure("WebSockets ended before anybody was signed out")
        with_sockets = memory_of(sidecar.worker)
        began = time.perf_counter()
        await _sign_everybody_out(sidecar.url, actor)
        answered = time.perf_counter()
        async with asyncio.timeout(_PATIENCE):
            for client in clients:
                await client.over.wait()
        await asyncio.sleep(_SETTLE)
    except* OSError as errors:
        raise CannotMeasure(f"a WebSocket was not opened: {errors.exceptions[0]!r}") from None
    except* CannotMeasure as errors:
        raise CannotMeasure(str(errors.exceptions[0])) from None
    finally:
        for client in clients:
            client.transport.abort()
    ends = [(client.ended - began) * 1000 for client in clients]
    return CutOff(
        sockets=sockets,
        told=sum(client.told for client in clients),
        answered_ms=(answered - began) * 1000,
        first_ms=min(ends),
        last_ms=max(ends),
        with_sockets=with_sockets,
        afterwards=memory_of(sidecar.worker),
    )


async def _open(url: str, cookie: str, turn: asyncio.Semaphore, clients: list[_Client]) -> None:
    parts = urlsplit(url)
    key = base64.b64encode(os.urandom(16)).decode("ascii")
    request = (
        f"GET /idle HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode("ascii")
    async with turn:
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: _Client(request), parts.hostname or "", parts.port or 0
        )
        clients.append(client)
        await client.opened.wait()
        if not client.agreed:
            raise CannotMeasure("a WebSocket was refused")


async def _sign_everybody_out(url: str, cookie: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{url}{MOUNT}/api/admin/sessions/revoke",
            json={"everyone": True},
            headers={"Cookie": cookie, "Origin": url},
        ) as answer,
    ):
        if answer.status != 200 or (await answer.json())["revoked"] != SESSIONS:
            raise CannotMeasure(f"signing everybody out was answered {answer.status}")


def lines(found: CutOff) -> list[str]:
    """Return what was measured, for a terminal."""
    first, last, answered = found.first_ms, found.last_ms, found.answered_ms
    before, after = found.with_sockets.rss / MB, found.afterwards.rss / MB
    return [
        f"{found.sockets:,} idle WebSockets of one worker, all signed out by one call",
        f"  closed from {first:,.0f} to {last:,.0f} ms after it; its answer took {answered:,.0f}",
        f"  {found.told:,} were told why, {found.sockets - found.told:,} were cut",
        f"  the worker, RSS: {before:,.1f} MB with them, {after:,.1f} MB afterwards",
    ]
