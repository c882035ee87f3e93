import asyncio

import pytest

from sidecar.front.server import FrontLimits
from sidecar.proxy.frames import GOING_AWAY, close_frame
from tests.plane import a_plane
from tests.proxy.handshakes import AGREED, UPGRADE, agreed, echo
from tests.wires import OK, a_request, an_upstream, read_request, until

TOLD = close_frame(GOING_AWAY, masked=False)


async def test_given_a_drain_when_it_begins_then_idle_ends_and_what_is_under_way_finishes(
    redis_url: str,
):
    go = asyncio.Event()

    async def script(wire):
        while True:
            head, _ = await read_request(wire)
            if b"/pub/slow" in head:
                await go.wait()
            await wire.send(OK)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        idle, busy, fresh = [await plane.client() for _ in range(3)]
        await idle.send(a_request())
        await idle.answer()
        await busy.send(a_request("/pub/slow"))
        await until(lambda: len(plane.server.connections) == 3)
        await until(lambda: len(upstream.heads) == 2)

        draining = asyncio.create_task(plane.server.drain(20.0))

        assert await idle.rest() == b""
        assert await fresh.rest() == b""
        assert not draining.done()
        go.set()
        answer = await busy.answer()
        assert (answer.body, answer.fields["connection"]) == (b"ok", "close")
        assert await busy.is_closed()
        await draining


async def test_given_a_drain_when_patience_ends_then_tunnels_and_the_rest_are_cut(redis_url: str):
    async def hold(wire):
        await read_request(wire)
        await read_request(wire)

    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        tunnel, hanging = await plane.client(), await plane.client()
        await tunnel.send(a_request("/pub/ws", *UPGRADE))
        assert agreed(await tunnel.head())
        upstream.script = hold
        await hanging.send(a_request())
        await until(lambda: len(upstream.heads) == 2)

        await plane.server.drain(0.1)

        assert await tunnel.rest() == TOLD
        assert await hanging.is_closed()
        await until(lambda: not plane.server.connections)
        assert sorted(line["status"] for line in plane.access.lines) == [101, 499]


async def test_f17_given_tunnels_when_a_drain_begins_then_each_is_told_and_it_waits_for_no_more(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.front.server._FAREWELLS", 2)
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        clients = [await plane.client() for _ in range(5)]
        for client in clients:
            await client.send(a_request("/pub/ws", *UPGRADE))
            assert agreed(await client.head())

        draining = asyncio.create_task(plane.server.drain(3600.0))

        for client in clients:
            assert await client.exactly(len(TOLD)) == TOLD
            await client.send(close_frame(GOING_AWAY, masked=True))
            assert await client.rest() == b""
        await draining


async def test_given_a_handshake_under_way_when_a_drain_begins_then_its_tunnel_is_told_at_once(
    redis_url: str,
):
    go = asyncio.Event()

    async def script(wire):
        await wire.head()
        await go.wait()
        await wire.send(AGREED)
        await wire.rest()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        await until(lambda: bool(upstream.heads))

        draining = asyncio.create_task(plane.server.drain(20.0))
        await asyncio.sleep(0.05)
        go.set()

        assert agreed(await client.head())
        assert await client.exactly(len(TOLD)) == TOLD
        client.close()
        await draining


async def test_given_nobody_connected_when_it_drains_then_it_is_done_at_once(redis_url: str):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        await plane.server.drain(20.0)

        assert not plane.server.connections


async def test_given_as_many_connections_as_may_be_when_another_comes_then_it_alone_is_refused(
    redis_url: str,
):
    limits = FrontLimits(max_connections=2)
    async with (
        an_upstream(echo) as upstream,
        a_plane(redis_url, upstream, limits=limits) as plane,
    ):
        tunnel = await plane.client()
        await tunnel.send(a_request("/pub/ws", *UPGRADE))
        assert agreed(await tunnel.head())
        second = await plane.client()
        await until(lambda: len(plane.server.connections) == 2)

        refused = await plane.client()
        await refused.send(a_request())

        assert (await refused.answer()).status == 503
        second.close()
        await until(lambda: len(plane.server.connections) == 1)
        third = await plane.client()
        await third.send(a_request("/pub/ws", *UPGRADE))
        assert agreed(await third.head())


async def test_given_limits_when_the_size_of_a_head_is_asked_then_it_has_room_for_large_fields():
    limits = FrontLimits(header_size=1_000, line_size=500)

    assert limits.head_size == 2_500
