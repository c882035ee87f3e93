"""The gauge of live connections: right while tunnels open, are refused and close, however."""

import pytest

from tests.plane import Plane, a_plane
from tests.proxy.handshakes import UPGRADE, echo
from tests.wires import Wire, a_request, an_upstream, until


async def a_tunnel(plane: Plane) -> Wire:
    client = await plane.client()
    await client.send(a_request("/pub/ws", *UPGRADE))
    assert b" 101 " in await client.head()
    return client


def live(plane: Plane) -> float:
    return plane.metrics.live_connections.value("websocket")


async def test_given_tunnels_when_clients_come_and_go_then_the_gauge_says_how_many_are_open(
    redis_url: str,
) -> None:
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        before = live(plane)
        tunnels = [await a_tunnel(plane) for _ in range(3)]
        three = live(plane)

        tunnels[0].close()
        tunnels[1].abort()
        await until(lambda: live(plane) == 1)
        tunnels[2].close()
        await until(lambda: live(plane) == 0)

    assert (before, three) == (0, 3)


@pytest.mark.parametrize("hard", [True, False])
async def test_given_tunnels_when_the_upstream_ends_them_then_none_is_counted_any_more(
    redis_url: str, hard: bool
) -> None:
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        await a_tunnel(plane)
        await a_tunnel(plane)

        for wire in upstream.connections:
            if hard:
                wire.abort()
            else:
                wire.close()

        await until(lambda: live(plane) == 0)


async def test_given_tunnels_when_the_server_gives_up_on_them_then_none_is_counted_any_more(
    redis_url: str,
) -> None:
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        await a_tunnel(plane)

        await plane.server.drain(0.0)

        await until(lambda: live(plane) == 0)


async def test_given_a_handshake_that_is_refused_when_it_is_over_then_it_was_never_counted(
    redis_url: str,
) -> None:
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/closed/ws", *UPGRADE))

        answer = await client.answer()

        assert answer.status == 401
        assert live(plane) == 0
