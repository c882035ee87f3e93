import asyncio
import gzip
import hashlib
import os
from collections.abc import Iterator

import pytest

from sidecar.proxy.pool import Upstream
from tests.plane import Plane, a_plane
from tests.wires import (
    OK,
    Wire,
    a_request,
    an_upstream,
    chunked,
    playing,
    read_request,
    until,
)

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


async def test_given_events_when_the_upstream_goes_on_then_each_arrives_when_it_was_sent(
    redis_url: str,
):
    seen = asyncio.Event()

    async def script(wire):
        await read_request(wire)
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        await wire.send(b"data: first\n\n")
        await seen.wait()
        await wire.send(b"data: second\n\n")

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.head()

        first = await client.exactly(len(b"d\r\ndata: first\n\n\r\n"))
        seen.set()
        rest = await client.chunks()

    assert first == b"d\r\ndata: first\n\n\r\n"
    assert rest == b"data: second\n\n"


async def test_given_an_answer_in_parts_when_the_client_leaves_then_the_upstream_is_let_go(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart")
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.head()

        client.abort()

        await until(lambda: upstream.ended == 1)
        assert repr(plane.pool) == "<Pool idle=0 busy=0 connecting=0 waiting=0>"
        assert [line["status"] for line in plane.access.lines] == [200]


async def test_given_no_answer_yet_when_the_client_leaves_then_the_upstream_is_let_go(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await until(lambda: len(upstream.heads) == 1)

        client.abort()

        await until(lambda: upstream.ended == 1)
        assert [line["status"] for line in plane.access.lines] == [499]


async def test_given_an_upload_when_the_client_leaves_in_the_middle_then_the_upstream_sees_no_end(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", "Transfer-Encoding: chunked", method="POST"))
        await client.send(b"4\r\nhalf\r\n")
        await until(lambda: len(upstream.heads) == 1)

        client.abort()

        await until(lambda: upstream.ended == 1)


async def test_given_a_refusal_before_the_upload_ends_when_it_passes_then_it_is_read_and_the_end(
    redis_url: str,
):
    async def script(wire):
        await wire.head()
        await wire.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!")
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", "Content-Length: 4000000", method="POST"))

        answer = await client.answer()
        await client.send(bytes(4_000_000))

        assert (answer.status, answer.fields["connection"]) == (413, "close")
        assert await client.is_closed()
        await until(lambda: upstream.ended == 1)


@pytest.mark.parametrize("together", [True, False])
async def test_given_trailers_when_a_request_has_them_then_the_upstream_gets_the_body_alone(
    redis_url: str, together: bool
):
    bodies = []

    async def script(wire):
        bodies.append((await read_request(wire))[1])
        await wire.send(OK)
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        head = a_request("/pub/x", "Transfer-Encoding: chunked", method="POST")
        body = chunked(b"one", b"two", trailer=b"X-Forwarded-User: root\r\n")
        await client.send(head + body if together else head)
        if not together:
            await until(lambda: bool(upstream.connections))
            await client.send(body)

        assert (await client.answer()).body == b"ok"
    assert bodies == [b"onetwo"]


async def test_given_trailers_without_end_when_they_pass_the_limit_then_the_request_is_refused(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", "Transfer-Encoding: chunked", method="POST"))
        await until(lambda: bool(upstream.connections))

        await client.send(b"0\r\n" + b"X-A: b\r\n" * 1000)

        assert (await client.answer()).status == 431
        assert await client.is_closed()
        await until(lambda: upstream.ended == 1)


async def test_given_compressed_bodies_when_they_pass_then_not_a_byte_changes(redis_url: str):
    packed = gzip.compress(b"a" * 100_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    bodies = []

    async def script(wire):
        bodies.append((await read_request(wire))[1])
        await wire.send(head % len(packed) + packed)
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", "Content-Encoding: gzip", method="PUT", body=packed))

        answer = await client.answer()

    assert bodies == [packed]
    assert answer.body == packed
    assert answer.fields["content-encoding"] == "gzip"


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


async def test_given_very_many_tiny_chunks_when_they_pass_then_they_all_arrive(redis_url: str):
    body = b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"
    script = playing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        assert (await client.answer()).body == b"x" * 100_000
