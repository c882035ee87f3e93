import asyncio

import pytest
from aiohttp import ClientSession, WSMsgType, web

from sidecar.front.context import RequestContext, context_of
from sidecar.front.server import FrontLimits
from tests.front.paging import PAGE, echo, serving
from tests.plane import a_plane
from tests.proxy import handshakes
from tests.wires import a_request, an_upstream, until


async def fail(request: web.Request) -> web.Response:
    raise RuntimeError("a mistake")


async def test_given_pages_and_proxied_requests_when_they_share_a_connection_then_all_are_right(
    redis_url: str,
):
    app = serving(echo)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        page = a_request(PAGE, method="POST", body=b"body")
        await client.send(a_request() + page + a_request() + page + page + a_request())

        bodies = [(await client.answer()).body for _ in range(6)]

    assert bodies == [b"ok", b"POST body", b"ok", b"POST body", b"POST body", b"ok"]


async def test_given_what_the_front_knows_when_a_page_asks_then_it_is_told_and_nobody_else_says_it(
    redis_url: str,
):
    seen: list[RequestContext] = []

    async def look(request: web.Request) -> web.Response:
        seen.append(context_of(request))
        return web.Response()

    app = serving(look)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request(PAGE, f"Cookie: sidecar={token}", "X-Forwarded-For: 10.0.0.9"))
        await client.answer()
        await client.send(a_request(PAGE, "Cookie: sidecar=1.k1.rubbish"))
        await client.answer()

    assert [context.client_ip for context in seen] == ["127.0.0.1"] * 2
    assert seen[0].credential is not None
    assert (seen[1].credential, seen[1].forged) == (None, True)
    assert seen[0].request_id != seen[1].request_id


async def test_given_a_page_that_fails_when_more_was_asked_then_500_and_the_connection_is_closed(
    redis_url: str,
):
    app = serving(fail)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        await client.send(a_request(PAGE) + a_request(PAGE))

        answer = await client.answer()

        assert answer.status == 500
        assert await client.is_closed()
        await until(lambda: not plane.server.connections)


async def test_given_a_page_that_fails_in_the_middle_when_it_does_then_the_client_is_cut_off(
    redis_url: str,
):
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        raise RuntimeError("a mistake")

    app = serving(half)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        await client.send(a_request(PAGE))
        await client.head()

        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client.chunks()
        await until(lambda: not plane.server.connections)


async def test_given_a_page_under_way_when_the_client_leaves_then_the_page_is_told(
    redis_url: str,
):
    asked, told = asyncio.Event(), asyncio.Event()

    async def wait(request: web.Request) -> web.Response:
        asked.set()
        try:
            await request.read()
        except BaseException:
            told.set()
            raise
        return web.Response()

    app = serving(wait)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        await client.send(a_request(PAGE, "Content-Length: 10", method="POST"))
        await asked.wait()

        client.abort()

        async with asyncio.timeout(10):
            await told.wait()
        await until(lambda: not plane.server.connections)
        assert [line["status"] for line in plane.access.lines] == [499]


async def test_given_a_websocket_of_ours_when_it_talks_then_it_outlives_every_deadline_of_bodies(
    redis_url: str,
):
    async def talk(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(max_msg_size=0)
        await response.prepare(request)
        async for message in response:
            await response.send_bytes(message.data)
        return response

    app, limits = serving(talk), FrontLimits(body_timeout=0.2, idle_timeout=0.2, header_timeout=0.2)
    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, app=app, limits=limits) as plane,
        ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{plane.port}{PAGE}", max_msg_size=0) as talking,
    ):
        await talking.send_bytes(bytes(5_000_000))
        heard = await talking.receive()
        await asyncio.sleep(1.5)
        await talking.send_bytes(b"still there?")
        again = await talking.receive()
        await talking.close()
        await until(lambda: not plane.server.connections)
        statuses = [line["status"] for line in plane.access.lines]

    assert heard.data == bytes(5_000_000)
    assert (again.type, again.data) == (WSMsgType.BINARY, b"still there?")
    assert statuses == [101]


async def test_given_a_websocket_of_ours_when_the_page_closes_it_then_the_client_hears_why(
    redis_url: str,
):
    async def refuse(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse()
        await response.prepare(request)
        await response.close(code=4401, message=b"ended")
        return response

    app = serving(refuse)
    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, app=app) as plane,
        ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{plane.port}{PAGE}") as talking,
    ):
        message = await talking.receive()
        await until(lambda: not plane.server.connections)
        statuses = [line["status"] for line in plane.access.lines]

    assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 4401, "ended")
    assert statuses == [101]


async def test_given_a_page_before_on_this_connection_when_a_tunnel_opens_then_no_page_hears_it(
    redis_url: str,
):
    app = serving(echo)
    async with (
        an_upstream(handshakes.echo) as upstream,
        a_plane(redis_url, upstream, app=app) as plane,
    ):
        client = await plane.client()
        await client.send(a_request(PAGE))
        await client.answer()

        await client.send(a_request("/pub/ws", *handshakes.UPGRADE))
        await client.send(a_request(PAGE))

        assert handshakes.agreed(await client.head())
        assert await client.exactly(len(a_request(PAGE))) == a_request(PAGE)


async def test_given_a_head_of_odd_size_when_a_page_gets_it_then_it_is_not_refused_for_that(
    redis_url: str,
):
    app = serving(echo)
    fields = [f"X-{number}: a" for number in range(100)]
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        await client.send(a_request(PAGE, "X-Long: " + "a" * 20_000, *fields))

        assert (await client.answer()).status == 200


async def test_given_a_page_that_gives_up_in_the_middle_when_its_end_is_the_end_then_it_is_none(
    redis_url: str,
):
    """An HTTP/1.0 client knows no other end of a body than that of the connection."""

    async def give_up(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"a part")
        assert request.transport is not None
        request.transport.abort()
        return answer

    app = serving(give_up)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, app=app) as plane:
        client = await plane.client()
        await client.send(a_request(PAGE, version="1.0"))

        assert await client.is_cut()
