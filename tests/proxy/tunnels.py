"""A tunnel with both of its ends in the hands of the test, and the frames to say there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from websockets.frames import Close, Frame, Opcode

from sidecar.proxy.frames import close_frame
from sidecar.proxy.tunnel import Tunnel
from tests.plane import a_plane
from tests.proxy.handshakes import AGREED, UPGRADE, agreed
from tests.wires import Wire, a_request, an_upstream, until

FRAME = b"\x82\x05hello"
ANSWER = close_frame(1000, masked=False)
MASKED_FRAME = Frame(Opcode.BINARY, b"hello").serialize(mask=True)
MASKED_ANSWER = close_frame(1000, masked=True)
BLOCK = bytes((0x82, 127)) + (1 << 16).to_bytes(8, "big") + bytes(1 << 16)
"""A frame of 64 KiB from a server."""


async def read_frame(wire: Wire) -> tuple[int, bytes]:
    """Read a short frame of a client; return its opcode and payload."""
    first, second = await wire.exactly(2)
    mask = await wire.exactly(4)
    payload = await wire.exactly(second & 0x7F)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


async def read_close(wire: Wire) -> int:
    opcode, payload = await read_frame(wire)
    assert opcode == Opcode.CLOSE
    return Close.parse(payload).code


class Both:
    """Both ends of one tunnel, in the hands of the test."""

    def __init__(self, client: Wire, upstream: Wire, tunnel: Tunnel) -> None:
        self.client = client
        self.upstream = upstream
        self.tunnel = tunnel
        self.ended: Callable[[], Awaitable[None]]


@asynccontextmanager
async def a_tunnel(redis_url: str) -> AsyncIterator[Both]:
    done = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.head()
        await wire.send(AGREED)
        await done.wait()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        assert agreed(await client.head())
        (connection,) = plane.server.connections
        assert connection.tunnel is not None
        both = Both(client, upstream.connections[0], connection.tunnel)
        both.ended = lambda: until(lambda: not plane.server.connections)
        try:
            yield both
        finally:
            done.set()
