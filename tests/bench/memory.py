"""What one worker takes at rest, and what 1,000 idle WebSockets through it take on top."""

import asyncio
import base64
import os
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.bench.load import Target, ask
from tests.bench.machine import CannotMeasure, Memory, memory_of
from tests.bench.sidecar_subject import Sidecar, running_sidecar
from tests.bench.subjects import Stage

SOCKETS = 1000
SIGN_INS = 5
_AT_ONCE = 50
_SETTLE = 3.0


@dataclass(frozen=True, slots=True)
class Taken:
    """at_rest: ready, before anybody signed in. after: `SIGN_INS` later, nothing open. Bytes."""

    at_rest: Memory
    after_sign_ins: Memory
    with_sockets: Memory
    sockets: int

    @property
    def by_sockets(self) -> int:
        """What the WebSockets take, resident, for each thousand."""
        return (self.with_sockets.rss - self.after_sign_ins.rss) * 1000 // self.sockets


def measure_memory(stage: Stage, sockets: int) -> Taken:
    """Measure a sidecar that has done nothing else. Raises CannotMeasure."""
    folder = stage.folder / "sidecar-memory"
    folder.mkdir()
    address, redis_url = stage.upstreams.url("sockets"), stage.upstreams.redis()
    with running_sidecar(address, redis_url, stage.cores.proxy, folder) as sidecar:
        worker = sidecar.worker
        time.sleep(_SETTLE)
        at_rest = memory_of(worker)
        cookie = [sidecar.sign_in() for _ in range(SIGN_INS)][-1]
        asyncio.run(_hold(sidecar, cookie, 1, worker))
        time.sleep(_SETTLE)
        after = memory_of(worker)
        loaded = asyncio.run(_hold(sidecar, cookie, sockets, worker))
        if sidecar.worker != worker:
            raise CannotMeasure("the worker was replaced while its memory was measured")
        _must_answer(sidecar)
    return Taken(at_rest, after, loaded, sockets)


async def _hold(sidecar: Sidecar, cookie: str, sockets: int, worker: int) -> Memory:
    """Open the WebSockets, wait, return the memory of the worker, close them."""
    turn = asyncio.Semaphore(_AT_ONCE)
    opened: list[asyncio.StreamWriter] = []
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(sockets):
                group.create_task(_open(sidecar.url, cookie, turn, opened))
        await asyncio.sleep(_SETTLE)
        return memory_of(worker)
    except* OSError as errors:
        raise CannotMeasure(f"a WebSocket was not opened: {errors.exceptions[0]!r}") from None
    except* (asyncio.IncompleteReadError, CannotMeasure) as errors:
        raise CannotMeasure(f"a WebSocket was refused: {errors.exceptions[0]}") from None
    finally:
        for writer in opened:
            writer.close()


async def _open(
    url: str, cookie: str, turn: asyncio.Semaphore, opened: list[asyncio.StreamWriter]
) -> None:
    parts = urlsplit(url)
    key = base64.b64encode(os.urandom(16)).decode("ascii")
    async with turn:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        opened.append(writer)
        writer.write(
            (
                f"GET /idle HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
            ).encode("ascii")
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise CannotMeasure(head.split(b"\r\n")[0].decode("latin-1"))


def _must_answer(sidecar: Sidecar) -> None:
    status, _ = ask(Target(f"{sidecar.ops_url}/readyz"))
    if status != 200:
        raise CannotMeasure(f"after the WebSockets, readyz answers {status}")
