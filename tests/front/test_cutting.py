"""What becomes of one connection whose session has ended, by what is under way on it."""

import asyncio
import socket

import pytest
from aiohttp import web

from sidecar.core.reasons import Ended
from sidecar.core.token import Token
from sidecar.front.pages import PageBridge
from tests.front.paging import PAGE, serving
from tests.live_plane import a_live_plane, handle_in
from tests.plane import Plane
from tests.proxy.handshakes import UPGRADE
from tests.wires import Wire, a_request, an_upstream, read_request, until

HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n"


def as_of(token: Token) -> str:
    return f"Cookie: sidecar={token}"


async def wait_for_ever(wire: Wire) -> None:
    await read_request(wire)
    await wire.is_closed()


@pytest.mark.parametrize(
    "begun",
    [
        HUGE + b"part",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npart",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\npart",
    ],
    ids=["length", "chunked", "until close", "events"],
)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
async def test_given_a_response_under_way_when_the_session_ends_then_it_is_cut_as_no_end_is(
    redis_url: str, begun: bytes, version: str
) -> None:
    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.send(begun)
        await wire.is_closed()

    async with an_upstream(script) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/app", as_of(token), version=version))
        await client.head()
        while b"part" not in await client.some():
            pass

        await rest.end(token)

        assert await client.is_cut()
        await until(lambda: not plane.pool.busy)


async def test_given_a_request_that_waits_when_the_session_ends_then_it_is_401_with_the_reason(
    redis_url: str,
) -> None:
    async with (
        an_upstream(wait_for_ever) as upstream,
        a_live_plane(redis_url, upstream) as (plane, rest),
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/app/poll", as_of(token)))
        await until(lambda: len(upstream.heads) == 1)

        await rest.end(token, Ended.SIGNED_OUT)
        answer = await client.answer()

        assert answer.status == 401
        assert b'"session_signed_out"' in answer.body
        assert answer.fields["www-authenticate"] == "Session"
        assert answer.fields["set-cookie"].startswith("sidecar=; Max-Age=0")
        assert answer.fields["connection"] == "close"
        assert await client.rest() == b""
        await until(lambda: not plane.pool.busy)
        assert [line["verdict"] for line in plane.access.lines] == ["sign_in"]


async def test_given_a_request_that_was_refused_when_the_second_look_comes_then_it_is_left_alone(
    redis_url: str,
) -> None:
    async with (
        an_upstream(wait_for_ever) as upstream,
        a_live_plane(redis_url, upstream) as (plane, rest),
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/app/poll", as_of(token)))
        await until(lambda: len(upstream.heads) == 1)
        (conn,) = plane.server.connections

        await rest.end(token)
        await until(lambda: conn.status == 401)

        # What it has to say is no part of the session, however slowly the client takes it.
        assert conn.session is None


@pytest.mark.parametrize("framing", ["Content-Length: 30000000", "Transfer-Encoding: chunked"])
async def test_given_an_upload_when_the_session_ends_then_it_stops_and_is_401(
    redis_url: str, framing: str
) -> None:
    arrived: list[bytes] = []

    async def script(wire: Wire) -> None:
        await wire.head()
        while data := await wire.some():
            arrived.append(data)

    async with an_upstream(script) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/app/files", as_of(token), framing, method="PUT"))
        await client.send(b"5\r\nfirst\r\n")
        await until(lambda: b"first" in b"".join(arrived))

        await rest.end(token)
        answer = await client.answer()
        await client.send(b"6\r\nsecond\r\n")

        assert answer.status == 401
        assert await client.rest() == b""
        assert b"second" not in b"".join(arrived)


async def test_given_a_whole_answer_of_which_the_client_has_not_taken_all_then_the_rest_is_kept(
    redis_url: str,
) -> None:
    body = b"secret" * 8_000

    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await wire.is_closed()

    async with an_upstream(script) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token = await plane.seed()
        client = await plane.client(buffer=4096)
        reading = client.writer.transport
        reading.pause_reading()  # type: ignore[attr-defined]  # it is a transport
        await until(lambda: len(plane.server.connections) == 1)
        (conn,) = plane.server.connections
        assert conn.transport is not None
        sock = conn.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        await client.send(a_request("/app", as_of(token)))
        await until(lambda: conn.status == 200 and conn.message is None)
        assert conn.transport.get_write_buffer_size() > len(body) / 2

        await rest.end(token)
        await until(lambda: conn.transport is None)
        reading.resume_reading()  # type: ignore[attr-defined]  # it is a transport

        assert await client.is_cut()


async def test_given_a_connection_that_rests_when_the_session_ends_then_it_stays(
    redis_url: str,
) -> None:
    async with an_upstream() as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token, other = await plane.seed(), await plane.seed(username="bob")
        client = await plane.client()
        await client.send(a_request("/app", as_of(token)))
        await client.answer()

        await rest.end(token)
        await client.send(a_request("/app", as_of(token)))
        refused = await client.answer()
        await client.send(a_request("/app", as_of(other)))

        assert refused.status == 401
        assert (await client.answer()).status == 200


async def test_given_a_page_of_ours_that_streams_when_the_session_ends_then_it_is_cut(
    redis_url: str,
) -> None:
    over = asyncio.Event()

    async def export(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"entry")
        await over.wait()
        return answer

    app = serving(export)
    async with (
        an_upstream() as upstream,
        a_live_plane(redis_url, upstream, app=app) as (plane, rest),
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request(PAGE, as_of(token)))
        await client.head()

        await rest.end(token)

        assert await client.is_cut()
        over.set()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_given_a_page_that_ends_its_own_session_when_it_answers_then_the_answer_arrives(
    redis_url: str, method: str
) -> None:
    go_on = asyncio.Event()

    async def sign_out(_: web.Request) -> web.Response:
        await go_on.wait()
        return web.Response(text="bye")

    app = serving(sign_out)
    async with (
        an_upstream() as upstream,
        a_live_plane(redis_url, upstream, app=app) as (plane, rest),
    ):
        token, told = await plane.seed(), list[Ended]()
        client = await plane.client()
        await client.send(a_request(PAGE, as_of(token), method=method))
        await until(lambda: bool(pages_at_work(plane)))
        rest.live.watch(handle_in(token), told.append)

        await rest.end(token)
        await until(lambda: bool(told))
        go_on.set()

        assert (await client.answer()).body == b"bye"


def pages_at_work(plane: Plane) -> list[PageBridge]:
    return [conn.page for conn in plane.server.connections if conn.page and conn.page.busy]


async def test_given_a_websocket_of_ours_that_does_not_say_good_bye_then_it_is_cut_a_little_later(
    redis_url: str,
) -> None:
    async def say_nothing(request: web.Request) -> web.StreamResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        await answer.receive()
        return answer

    app = serving(say_nothing)
    async with (
        an_upstream() as upstream,
        a_live_plane(redis_url, upstream, app=app) as (plane, rest),
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request(PAGE, *UPGRADE, as_of(token)))
        assert b" 101 " in await client.head()

        await rest.end(token)

        assert await client.is_cut()


async def test_given_a_pipeline_when_the_session_ends_then_what_waits_in_it_is_not_sent_on(
    redis_url: str,
) -> None:
    async with (
        an_upstream(wait_for_ever) as upstream,
        a_live_plane(redis_url, upstream) as (plane, rest),
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/app/one", as_of(token)) + a_request("/app/two", as_of(token)))
        await until(lambda: len(upstream.heads) == 1)

        await rest.end(token)

        assert (await client.answer()).status == 401
        assert await client.rest() == b""
        assert len(upstream.heads) == 1
