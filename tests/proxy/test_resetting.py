"""A connection that ends by a reset."""

import asyncio
from typing import cast

import pytest
import uvloop

from sidecar.proxy.resetting import reset
from tests.wires import Wire


class Kept(asyncio.Protocol):
    """Keeps its transport."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.lost.set()


async def reset_twice() -> bool:
    kept = Kept()
    server = await asyncio.get_running_loop().create_server(lambda: kept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = Wire(*await asyncio.open_connection("127.0.0.1", port))
    await client.send(b"x")
    kept.transport.write(bytes(30_000_000))

    reset(kept.transport)
    cut = await client.is_cut()
    await kept.lost.wait()
    reset(kept.transport)

    client.close()
    server.close()
    return cut


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_given_a_connection_when_it_is_reset_then_that_shows_and_once_more_does_no_harm(
    run: object,
) -> None:
    assert callable(run)
    assert run(reset_twice())
