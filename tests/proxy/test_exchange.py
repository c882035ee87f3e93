import asyncio
import gzip

import pytest

from tests.plane import a_plane
from tests.wires import (
    OK,
    a_request,
    an_upstream,
    chunked,
    playing,
    read_request,
    until,
)


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

        assert (await client.answer()).status == 400
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


async def test_given_very_many_tiny_chunks_when_they_pass_then_they_all_arrive(redis_url: str):
    body = b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"
    script = playing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        assert (await client.answer()).body == b"x" * 100_000
