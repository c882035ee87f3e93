import asyncio
import hashlib
import os
from collections.abc import Iterator

import pytest

from sidecar.proxy.pool import Upstream
from tests.plane import Plane, a_plane
from tests.wires import OK, Wire, a_request, an_upstream, chunked, read_request, until

BLOCK = os.urandom(1 << 20)
BLOCKS = 50
DIGEST = hashlib.sha256(BLOCK * BLOCKS).hexdigest()
LONG_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(BLOCK) * BLOCKS)
# More than a read and a high-water mark, and much less than the body.
BOUND = 2 << 20


def unsent(plane: Plane) -> Iterator[int]:
    """How much each connection of the proxy has taken and not yet passed on."""
    for client in plane.server.connections:
        if client.transport is not None:
            yield client.transport.get_write_buffer_size()
    for connection in plane.pool.busy:
        if connection.transport is not None:
            yield connection.transport.get_write_buffer_size()


async def watch_peak(plane: Plane) -> int:
    """Look at the buffers until cancelled; return the largest that was seen."""
    peak = 0
    try:
        while True:
            peak = max(peak, *unsent(plane), 0)
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        return peak


async def digest_of(wire: Wire, length: int) -> str:
    digest = hashlib.sha256()
    while length:
        data = await wire.some(min(length, 1 << 20))
        assert data
        digest.update(data)
        length -= len(data)
    return digest.hexdigest()


async def test_given_a_long_download_when_the_client_does_not_read_then_the_upstream_is_held_back(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        wire.writer.write(LONG_HEAD)
        for _ in range(BLOCKS):
            wire.writer.write(BLOCK)
            await wire.writer.drain()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client(buffer=65_536)
        peak = asyncio.create_task(watch_peak(plane))
        await client.send(a_request())
        await client.head()
        await until(lambda: any(one.write_paused for one in plane.server.connections))
        await asyncio.sleep(0.1)
        held = upstream.connections[0].writer.transport.get_write_buffer_size()

        digest = await digest_of(client, len(BLOCK) * BLOCKS)
        peak.cancel()

        assert held > 0
        assert digest == DIGEST
        assert await peak < BOUND


@pytest.mark.parametrize("coding", ["length", "chunks"])
async def test_given_a_long_upload_when_the_upstream_does_not_read_then_the_client_is_held_back(
    redis_url: str, coding: str
):
    go = asyncio.Event()
    digests = []

    async def script(wire):
        await wire.head()
        await go.wait()
        if coding == "length":
            digests.append(await digest_of(wire, len(BLOCK) * BLOCKS))
        else:
            digests.append(hashlib.sha256(await wire.chunks()).hexdigest())
        await wire.send(OK)
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        peak = asyncio.create_task(watch_peak(plane))
        field = "Transfer-Encoding: chunked"
        if coding == "length":
            field = f"Content-Length: {len(BLOCK) * BLOCKS}"
        client.writer.write(a_request("/pub/up", field, method="POST"))
        for _ in range(BLOCKS):
            client.writer.write(BLOCK if coding == "length" else chunked(BLOCK)[:-5])
        if coding == "chunks":
            client.writer.write(b"0\r\n\r\n")
        await until(lambda: any(one.body_paused for one in plane.server.connections))
        await asyncio.sleep(0.1)
        held = client.writer.transport.get_write_buffer_size()

        go.set()
        answer = await client.answer()
        peak.cancel()

        assert held > len(BLOCK)
        assert (answer.status, digests) == (200, [DIGEST])
        assert await peak < BOUND


async def test_given_a_slow_reader_when_the_stream_may_not_be_idle_then_it_is_not_cut_off(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        await wire.send(LONG_HEAD + BLOCK * BLOCKS)

    async with an_upstream(script) as upstream:
        strict = Upstream(port=upstream.port, stream_idle_timeout=0.3)
        async with a_plane(redis_url, strict) as plane:
            client = await plane.client(buffer=65_536)
            await client.send(a_request())
            await client.head()
            await asyncio.sleep(1.0)

            assert await digest_of(client, len(BLOCK) * BLOCKS) == DIGEST
