import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, WSMsgType, web

from sidecar.core.policy import Policy, Route
from sidecar.proxy.pool import Upstream
from tests.plane import ORIGIN, a_plane
from tests.wires import OK, a_request, an_upstream, until

UPGRADE = (
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
AGREED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
BLOCK = bytes(1 << 20)
BOUND = 4 << 20


def agreed(head: bytes) -> bool:
    return head.startswith(b"HTTP/1.1 101 ") and b"\r\nUpgrade: websocket\r\n" in head


async def echo(wire):
    """Agree, and send back whatever comes."""
    await wire.head()
    await wire.send(AGREED)
    while data := await wire.some():
        await wire.send(data)


@asynccontextmanager
async def an_echoing_application() -> AsyncIterator[Upstream]:
    """A WebSocket server of aiohttp, which answers each message with itself."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("chat",), max_msg_size=0)
        await socket.prepare(request)
        async for message in socket:
            if message.data == "leave":
                await socket.close(code=4000, message=b"as you wish")
            elif message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            else:
                await socket.send_bytes(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/pub/chat", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield Upstream(port=runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def test_given_a_real_websocket_when_both_talk_then_each_hears_the_other(redis_url: str):
    async with (
        an_echoing_application() as upstream,
        a_plane(redis_url, upstream) as plane,
        ClientSession() as session,
        session.ws_connect(
            f"http://127.0.0.1:{plane.port}/pub/chat", protocols=("chat",), max_msg_size=0
        ) as socket,
    ):
        await socket.send_str("hello")
        await socket.send_bytes(BLOCK)
        heard = [await socket.receive() for _ in range(2)]
        await socket.send_str("leave")
        last = await socket.receive()

    assert socket.protocol == "chat"
    assert [message.data for message in heard] == ["hello", BLOCK]
    assert (last.type, last.data) == (WSMsgType.CLOSE, 4000)


async def test_given_a_tunnel_when_the_client_is_done_then_it_is_counted_once_and_forgotten(
    redis_url: str,
):
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        head = await client.head()
        await client.send(b"hello")
        heard = await client.exactly(5)

        client.close()

        await until(lambda: not plane.server.connections)
        (line,) = plane.access.lines
        assert agreed(head)
        assert heard == b"hello"
        assert (line["status"], line["octets"], line["verdict"]) == (101, 5, "public")
        assert repr(plane.pool) == "<Pool idle=0 busy=0 connecting=0 waiting=0>"


async def test_given_bytes_together_with_the_heads_when_they_arrive_then_none_is_lost(
    redis_url: str,
):
    async def script(wire):
        await wire.head()
        await wire.send(AGREED + b"from the upstream at once")
        heard.append(await wire.exactly(len(b"from the client at once and then")))

    heard: list[bytes] = []
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE) + b"from the client at once")
        await client.send(b" and then")

        await client.head()

        assert await client.rest() == b"from the upstream at once"
    assert heard == [b"from the client at once and then"]


@pytest.mark.parametrize("hard", [True, False])
async def test_given_a_tunnel_when_the_upstream_ends_then_the_client_hears_all_and_the_end(
    redis_url: str, hard: bool
):
    async def script(wire):
        await wire.head()
        await wire.send(AGREED + b"bye")
        await wire.some(1)
        if hard:
            wire.abort()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        await client.head()
        heard = await client.exactly(3)
        await client.send(b"x")

        assert heard == b"bye"
        assert await client.is_closed()


async def test_given_a_client_that_does_not_read_when_much_is_sent_then_the_upstream_is_held_back(
    redis_url: str,
):
    async def script(wire):
        await wire.head()
        await wire.send(AGREED)
        for _ in range(30):
            await wire.send(BLOCK)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client(buffer=65_536)
        await client.send(a_request("/pub/ws", *UPGRADE))
        await client.head()
        (connection,) = plane.server.connections
        transport = connection.transport
        assert transport is not None
        await until(lambda: transport.get_write_buffer_size() > 0)
        await asyncio.sleep(0.2)
        held = upstream.connections[0].writer.transport.get_write_buffer_size()
        taken = transport.get_write_buffer_size()

        heard = await client.rest()

    assert held > 0
    assert taken < BOUND
    assert len(heard) == 30 * len(BLOCK)


async def test_given_an_upstream_that_does_not_read_when_much_is_sent_then_the_client_is_held_back(
    redis_url: str,
):
    go = asyncio.Event()
    heard = []

    async def script(wire):
        await wire.head()
        await wire.send(AGREED)
        await go.wait()
        heard.append(await wire.exactly(30 * len(BLOCK)))
        await wire.send(b"all")

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))
        await client.head()
        for _ in range(30):
            client.writer.write(BLOCK)
        await asyncio.sleep(0.3)
        held = client.writer.transport.get_write_buffer_size()
        go.set()

        assert await client.exactly(3) == b"all"
    assert held > len(BLOCK)
    assert len(heard[0]) == 30 * len(BLOCK)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ((f"Origin: {ORIGIN}",), 101),
        ((), 101),
        (("Origin: https://friend.example",), 101),
        (("Origin: https://evil.example",), 403),
        (("Origin: null",), 403),
        ((f"Origin: {ORIGIN}.evil.example",), 403),
        ((f"Origin: {ORIGIN}", "Origin: https://evil.example"), 403),
    ],
)
async def test_given_an_origin_when_a_websocket_is_opened_then_only_friends_reach_the_upstream(
    redis_url: str, fields: tuple[str, ...], status: int
):
    friend = Route(path="/**", websocket_origins=frozenset({"https://friend.example"}))
    policy = Policy(routes=(friend,))
    async with (
        an_upstream(echo) as upstream,
        a_plane(redis_url, upstream, policy=policy) as plane,
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/ws", f"Cookie: sidecar={token}", *fields, *UPGRADE))

        answer = await client.answer() if status != 101 else None

        if answer is None:
            assert agreed(await client.head())
        else:
            assert answer.status == 403
            assert b"foreign_origin" in answer.body
            assert await client.is_closed()
            assert upstream.connections == []


async def test_given_no_session_when_a_websocket_is_opened_then_401_and_nothing_is_dialled(
    redis_url: str,
):
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/ws", *UPGRADE))

        assert (await client.answer()).status == 401
        assert await client.is_closed()
    assert upstream.connections == []


async def test_given_a_websocket_when_the_upstream_refuses_it_then_the_refusal_passes(
    redis_url: str,
):
    async def script(wire):
        await wire.head()
        await wire.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        await wire.head()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE))

        answer = await client.answer()

        assert (answer.status, answer.body, answer.fields["connection"]) == (403, b"no", "close")
        assert await client.is_closed()


@pytest.mark.parametrize(
    "fields",
    [
        ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP"),
        ("Connection: upgrade", "Upgrade: tls/1.0"),
        ("Upgrade: websocket",),
        ("Connection: Upgrade", "Upgrade: websocket, h2c"),
    ],
)
async def test_given_another_upgrade_when_it_is_asked_for_then_it_is_a_plain_request(
    redis_url: str, fields: tuple[str, ...]
):
    async def script(wire):
        await wire.head()
        await wire.send(OK)
        await wire.head()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", *fields))

        assert (await client.answer()).body == b"ok"
    sent = upstream.heads[0].lower()
    assert b"upgrade" not in sent
    assert b"http2-settings" not in sent


async def test_given_a_request_behind_another_upgrade_when_it_may_be_lost_then_the_client_is_told(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        upgrade = a_request("/pub/1", "Connection: Upgrade", "Upgrade: h2c")
        await client.send(upgrade + a_request("/pub/2"))

        assert (await client.answer()).fields["connection"] == "close"
        assert await client.is_closed()


async def test_given_a_handshake_with_a_body_when_it_arrives_then_the_body_is_not_the_tunnel(
    redis_url: str,
):
    async def script(wire):
        bodies.append((await wire.head(), await wire.exactly(4)))
        await wire.send(OK)

    bodies: list[tuple[bytes, bytes]] = []
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/ws", *UPGRADE, method="POST", body=b"body"))

        assert (await client.answer()).status == 200
        assert await client.is_closed()
    assert bodies[0][1] == b"body"
    assert b"upgrade" not in bodies[0][0].lower()


async def test_given_requests_before_a_handshake_when_they_come_at_once_then_all_are_served(
    redis_url: str,
):
    async def script(wire):
        head = await wire.head()
        if b"/pub/ws" in head:
            await wire.send(AGREED)
            await wire.send(await wire.some())
        else:
            await wire.send(OK)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request() + a_request("/pub/ws", *UPGRADE) + b"early")

        first = await client.answer()

        assert first.body == b"ok"
        assert agreed(await client.head())
        assert await client.rest() == b"early"
