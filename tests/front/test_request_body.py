import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader

from sidecar.front.request_body import Pace
from sidecar.front.server import FrontLimits
from sidecar.proxy.pool import Upstream
from tests.plane import MOUNT, a_plane
from tests.proxy.handshakes import UPGRADE, agreed, echo
from tests.wires import OK, Wire, a_request, an_upstream, chunked, read_request, until

STRICT = FrontLimits(body_timeout=20.0, body_rate=10_000, body_grace=0.2)
EMPTY = "<Pool idle=0 busy=0 connecting=0 waiting=0>"


async def hold(wire: Wire) -> None:
    """Read and never answer."""
    while await wire.some():
        pass


@asynccontextmanager
async def dribbling(wire: Wire, part: Callable[[], bytes] = lambda: b"x") -> AsyncIterator[None]:
    """Send a byte now and then, for as long as anybody takes it."""

    async def dribble() -> None:
        while True:
            wire.writer.write(part())
            await asyncio.sleep(0.02)

    task = asyncio.create_task(dribble())
    try:
        yield
    finally:
        task.cancel()


async def a_body(size: int = 0) -> StreamReader:
    loop = asyncio.get_running_loop()
    body = StreamReader(BaseProtocol(loop), 1 << 20, loop=loop)
    if size:
        body.feed_data(bytes(size))
    return body


async def test_given_a_new_body_when_nothing_comes_then_the_pause_is_what_ends_patience():
    pace = Pace(await a_body(), FrontLimits(body_timeout=5.0, body_grace=20.0))

    assert pace.go_on(100.0) == 105.0


async def test_given_a_body_that_dribbles_when_its_grace_is_over_then_patience_is_over():
    pace = Pace(await a_body(1), FrontLimits(body_timeout=30.0, body_rate=240, body_grace=20.0))

    assert [pace.go_on(now) for now in (100.0, 110.0, 119.0)] == [120.0, 120.0, 120.0]


async def test_given_what_has_come_when_the_average_is_taken_then_it_buys_time_at_the_floor():
    pace = Pace(await a_body(24_000), FrontLimits(body_rate=240, body_grace=20.0))

    assert (pace.go_on(100.0), pace.go_on(199.0)) == (130.0, 200.0)


async def test_given_a_time_when_nobody_reads_when_it_goes_on_then_that_time_does_not_count():
    pace = Pace(await a_body(), FrontLimits(body_timeout=30.0, body_grace=20.0))
    pace.go_on(100.0)
    pace.stop(115.0)
    pace.stop(140.0)

    assert pace.go_on(1_000.0) == 1_005.0


async def test_given_no_floor_when_a_body_dribbles_then_only_its_pauses_have_an_end():
    pace = Pace(await a_body(1), FrontLimits(body_timeout=30.0, body_rate=0, body_grace=20.0))

    assert [pace.go_on(now) for now in (100.0, 5_000.0)] == [130.0, 5_030.0]


@pytest.mark.parametrize("coding", ["length", "chunks"])
async def test_f14_given_a_body_that_dribbles_when_patience_ends_then_408_and_both_sides_are_closed(
    redis_url: str, coding: str
):
    framing, part = "Content-Length: 100000", b"x"
    if coding == "chunks":
        framing, part = "Transfer-Encoding: chunked", chunked(b"x").partition(b"0\r\n")[0]
    async with (
        an_upstream(hold) as upstream,
        a_plane(redis_url, upstream, limits=STRICT) as plane,
    ):
        client = await plane.client()
        await client.send(a_request("/pub/up", framing, method="POST"))
        async with dribbling(client, lambda: part):
            answer = await client.answer()

            assert (answer.status, answer.fields["connection"]) == (408, "close")
            assert b'"request_timeout"' in answer.body
            await until(lambda: not plane.server.connections)
        assert (len(upstream.connections), repr(plane.pool)) == (1, EMPTY)
        (line,) = plane.access.lines
        assert (line["status"], line["verdict"]) == (408, "bad_request")


async def test_f14_given_a_body_that_stops_when_patience_ends_then_408_and_both_sides_are_closed(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)

    limits = FrontLimits(body_timeout=0.2)
    async with (
        an_upstream(script) as upstream,
        a_plane(redis_url, upstream, limits=limits) as plane,
    ):
        client = await plane.client()
        await client.send(a_request("/pub/x", "Content-Length: 10", method="POST") + b"part")

        assert (await client.answer()).status == 408
        assert await client.is_closed()
        await until(lambda: upstream.ended == 1)


async def test_f14_given_an_answer_that_has_begun_when_the_body_is_too_slow_then_it_is_cut(
    redis_url: str,
):
    async def script(wire):
        await wire.head()
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")
        await hold(wire)

    async with (
        an_upstream(script) as upstream,
        a_plane(redis_url, upstream, limits=STRICT) as plane,
    ):
        client = await plane.client()
        await client.send(a_request("/pub/up", "Content-Length: 100000", method="POST"))
        async with dribbling(client):
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await client.answer()
        await until(lambda: repr(plane.pool) == EMPTY)


async def test_given_no_floor_when_a_body_dribbles_then_it_is_served(redis_url: str):
    limits = FrontLimits(body_rate=0, body_grace=0.2)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=limits) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/up", "Content-Length: 100", method="POST"))
        for _ in range(100):
            await client.send(b"x")
            await asyncio.sleep(0.02)

        assert (await client.answer()).status == 200


async def test_given_an_upstream_that_takes_its_time_when_much_is_sent_then_nobody_is_to_blame(
    redis_url: str,
):
    go, taken = asyncio.Event(), asyncio.Event()

    async def script(wire):
        await wire.head()
        await go.wait()
        await wire.exactly(8_000_000)
        taken.set()
        await wire.exactly(1)
        await wire.send(OK)

    limits = FrontLimits(body_timeout=2.4, body_rate=1_000_000_000, body_grace=2.4)
    async with (
        an_upstream(script) as upstream,
        a_plane(redis_url, upstream, limits=limits) as plane,
    ):
        client = await plane.client()
        fields = ("Content-Length: 8000001",)
        client.writer.write(a_request("/pub/up", *fields, method="POST") + bytes(8_000_000))
        await until(lambda: any(one.body_paused for one in plane.server.connections))
        await asyncio.sleep(2.5)
        go.set()
        await taken.wait()
        await asyncio.sleep(1.1)  # the ticker looks in the meantime
        await client.send(b"x")

        assert (await client.answer()).status == 200


async def test_given_an_expectation_when_there_is_no_connection_yet_then_that_wait_does_not_count(
    redis_url: str,
):
    go = asyncio.Event()

    async def script(wire):
        while True:
            head, _ = await read_request(wire)
            if b"/pub/slow" in head:
                await go.wait()
            await wire.send(OK)

    async with an_upstream(script) as upstream:
        one = Upstream(port=upstream.port, max_connections=1)
        limits = FrontLimits(body_timeout=1.0, body_rate=10_000, body_grace=1.0)
        async with a_plane(redis_url, one, limits=limits) as plane:
            holder, client = await plane.client(), await plane.client()
            await holder.send(a_request("/pub/slow"))
            await until(lambda: bool(upstream.heads))
            fields = ("Expect: 100-continue", "Content-Length: 4")
            await client.send(a_request("/pub/up", *fields, method="POST"))
            go_on = await client.answer()
            await asyncio.sleep(2.5)
            go.set()
            await client.send(b"body")

            assert go_on.status == 100
            assert (await client.answer()).status == 200


async def test_given_a_tunnel_when_its_client_says_little_then_that_is_its_right(redis_url: str):
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream, limits=STRICT) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        assert agreed(await client.head())

        await asyncio.sleep(1.5)
        await client.send(b"x")

        assert await client.exactly(1) == b"x"


async def test_f14_given_a_page_of_ours_when_the_body_for_it_does_not_come_then_408(redis_url: str):
    async def read(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = web.Application()
    app.router.add_post(f"{MOUNT}/read", read)
    limits = FrontLimits(body_timeout=0.2)
    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, limits=limits, app=app) as plane,
    ):
        quick, never = await plane.client(), await plane.client()
        await quick.send(a_request(f"{MOUNT}/read", "Content-Length: 4", method="POST"))
        await never.send(a_request(f"{MOUNT}/read", "Content-Length: 4", method="POST"))
        await quick.send(b"body")

        assert (await quick.answer()).body == b"body"
        assert (await never.answer()).status == 408
        assert await never.is_closed()
