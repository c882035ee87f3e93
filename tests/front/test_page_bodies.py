import asyncio

import pytest
from aiohttp import web

from tests.front.paging import PAGE, echo, serving
from tests.plane import a_plane
from tests.wires import a_request, an_upstream, chunked, until


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("coding", ["length", "chunks", "none"])
async def test_given_a_body_of_either_framing_when_a_page_reads_it_then_it_gets_all(
    redis_url: str, coding: str, together: bool
):
    head, body = {
        "length": (a_request(PAGE, "Content-Length: 4", method="POST"), b"body"),
        "chunks": (
            a_request(PAGE, "Transfer-Encoding: chunked", method="POST"),
            chunked(b"bo", b"dy", trailer=b"X-A: b\r\n"),
        ),
        "none": (a_request(PAGE, method="POST"), b""),
    }[coding]
    app = serving(echo)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        for _ in range(2):
            await client.send(head + body if together else head)
            if not together:
                await asyncio.sleep(0.02)
                await client.send(body)

            expected = b"POST " if coding == "none" else b"POST body"
            assert (await client.answer()).body == expected
        assert [line["status"] for line in plane.access.lines] == [200, 200]
    assert upstream.connections == []


async def test_given_a_page_that_does_not_read_when_it_answers_then_the_client_reads_it_and_the_end(
    redis_url: str,
):
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=413)

    app = serving(refuse)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        await client.send(a_request(PAGE, method="POST", body=bytes(5_000_000)))

        assert (await client.answer()).status == 413
        assert await client.is_closed()


async def test_given_a_long_page_when_the_client_does_not_read_then_the_page_is_held_back(
    redis_url: str,
):
    written = 0

    async def stream(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(300):
            await response.write(bytes(100_000))
            written += 1
        return response

    app = serving(stream)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client(buffer=65_536)
        await client.send(a_request(PAGE) + a_request(PAGE))
        await until(lambda: any(one.write_paused for one in plane.server.connections))
        await asyncio.sleep(0.1)
        held = written

        await client.head()
        assert len(await client.chunks()) == 30_000_000
        await client.head()
        assert len(await client.chunks()) == 30_000_000
    assert held < 300


async def test_given_a_long_upload_when_a_page_reads_it_slowly_then_the_client_is_held_back(
    redis_url: str,
):
    go = asyncio.Event()

    async def count(request: web.Request) -> web.Response:
        await go.wait()
        return web.Response(text=str(sum([len(part) async for part in request.content.iter_any()])))

    app = serving(count)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        client.writer.write(a_request(PAGE, method="PUT", body=bytes(30_000_000)))
        await asyncio.sleep(0.2)
        held = client.writer.transport.get_write_buffer_size()
        go.set()

        assert (await client.answer()).body == b"30000000"
    assert held > 10_000_000


async def test_given_a_page_before_on_this_connection_when_a_body_is_nobodys_then_no_page_reads_it(
    redis_url: str,
):
    asked = []

    async def look(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        return web.Response()

    app = serving(look)
    hidden = a_request(PAGE + "?smuggled")
    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, app=app, trusted=["127.0.0.1"]) as plane,
    ):
        client = await plane.client()
        await client.send(a_request(PAGE))
        await client.answer()

        fields = ("X-Original-URI: /x", f"Cookie: sidecar={await plane.seed()}")
        length = f"Content-Length: {len(hidden)}"
        await client.send(a_request("/_sidecar/auth", *fields, length, method="POST"))
        await client.send(hidden)

        assert (await client.answer()).status == 200
        await asyncio.sleep(0.1)
    assert asked == [PAGE]
