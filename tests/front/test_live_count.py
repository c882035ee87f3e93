"""What is open, by kind."""

import asyncio
from time import perf_counter

import pytest
from aiohttp import web

from sidecar.front.live_count import KINDS, count
from sidecar.observe.families import LIVE_CONNECTIONS
from tests.front.paging import PAGE, serving
from tests.live_plane import a_live_plane
from tests.plane import Plane, a_plane
from tests.proxy.handshakes import UPGRADE, echo
from tests.wires import Wire, a_request, an_upstream, read_request, until

BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: 9\r\n\r\npart"


def later(plane: Plane) -> dict[str, int]:
    """Count as if what is under way had been for a while; name what there is."""
    found = count(plane.server.connections, len(plane.server.guests), perf_counter() + 60)
    return {kind: number for kind, number in found.items() if number}


def now(plane: Plane) -> dict[str, int]:
    found = count(plane.server.connections, 0, 0.0)
    return {kind: number for kind, number in found.items() if number}


def test_given_guests_then_they_count_as_live() -> None:
    assert count((), 3, 0.0)["live"] == 3


def test_given_the_kinds_then_each_is_one_that_the_metric_knows() -> None:
    assert {*KINDS, "websocket"} == set(LIVE_CONNECTIONS.values)


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        (b"text/event-stream", "event_stream"),
        (b"Text/Event-Stream;charset=utf-8", "event_stream"),
        (b"application/zip", "download"),
    ],
)
async def test_given_a_response_under_way_when_it_has_lasted_then_it_counts_as_what_it_is(
    redis_url: str, media_type: bytes, kind: str
) -> None:
    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.send(BEGUN % media_type)
        await wire.is_closed()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.head()

        assert (later(plane), now(plane)) == ({kind: 1}, {})


async def test_given_a_request_that_waits_when_it_has_lasted_then_it_counts(redis_url: str) -> None:
    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.is_closed()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await until(lambda: len(upstream.heads) == 1)

        assert later(plane) == {"other": 1}


async def test_given_connections_that_rest_or_are_tunnels_then_they_are_not_counted_here(
    redis_url: str,
) -> None:
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.answer()

        assert later(plane) == {}

    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        assert b" 101 " in await client.head()

        assert later(plane) == {}


async def test_given_a_page_of_ours_that_stays_open_then_it_counts_and_the_gauge_says_so(
    redis_url: str,
) -> None:
    over = asyncio.Event()

    async def socket(request: web.Request) -> web.StreamResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        await over.wait()
        return answer

    async with (
        an_upstream() as upstream,
        a_live_plane(redis_url, upstream, app=serving(socket)) as (plane, rest),
    ):
        gauge = rest.metrics.live_connections
        client = await plane.client()
        await client.send(a_request(PAGE, *UPGRADE))
        assert b" 101 " in await client.head()

        assert later(plane) == {"live": 1}
        await until(lambda: gauge.value("live") == 1)
        client.abort()
        await until(lambda: gauge.value("live") == 0)
        over.set()
