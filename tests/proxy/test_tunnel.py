import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, WSMsgType, web

from sidecar.proxy.pool import Upstream
from tests.plane import a_plane
from tests.proxy.handshakes import AGREED, UPGRADE, agreed, echo
from tests.wires import OK, a_request, an_upstream, until

BLOCK = bytes(1 << 20)
BOUND = 4 << 20


@asynccontextmanager
async def an_echoing_application() -> AsyncIterator[Upstream]:
    """A WebSocket server of aiohttp, which answers each message with itself."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        talk = web.WebSocketResponse(protocols=("chat",), max_msg_size=0)
        await talk.prepare(request)
        async for message in talk:
            if message.data == "leave":
                await talk.close(code=4000, message=b"as you wish")
            elif message.type is WSMsgType.TEXT:
                await talk.send_str(message.data)
            else:
                await talk.send_bytes(message.data)
        return talk

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
        ) as talk,
    ):
        await talk.send_str("hello")
        await talk.send_bytes(BLOCK)
        heard = [await talk.receive() for _ in range(2)]
        await talk.send_str("leave")
        last = await talk.receive()

    assert talk.protocol == "chat"
    assert [message.data for message in heard] == ["hello", BLOCK]
    assert (last.type, last.data) == (WSMsgType.CLOSE, 4000)


async def test_given_a_tunnel_of_a_session_when_its_client_sends_then_that_is_activity(
    redis_url: str,
):
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed(username="alice")
        client = await plane.client()
        await client.send(a_request("/chat", *UPGRADE, f"Cookie: sidecar={token}"))
        assert agreed(await client.head())
        noted = len(plane.noted.touched)

        await client.send(b"\x81\x80mask")
        await client.exactly(6)

        assert noted == 1
        assert [session.username for session in plane.noted.touched] == ["alice", "alice"]


async def test_given_a_client_that_sends_without_end_when_it_is_noted_then_not_for_each_message(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.proxy.tunnel._NOTICE", 3600.0)
    async with an_upstream(echo) as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/chat", *UPGRADE, f"Cookie: sidecar={token}"))
        assert agreed(await client.head())

        for _ in range(5):
            await client.send(b"\x81\x80mask")
            await client.exactly(6)

        assert len(plane.noted.touched) == 2


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


async def test_given_an_end_that_is_never_read_when_the_tunnel_ends_then_it_is_not_kept_for_ever(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.proxy.tunnel._FLUSH", 0.1)

    async def script(wire):
        await wire.head()
        await wire.send(AGREED)
        wire.writer.write(bytes(60_000))
        await wire.some(1)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client(buffer=4_096)
        await until(lambda: bool(plane.server.connections))
        (connection,) = plane.server.connections
        transport = connection.transport
        assert transport is not None
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        await client.send(a_request("/pub/ws", *UPGRADE))
        await client.head()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a transport
        await client.send(b"x")

        await until(lambda: not plane.server.connections)


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
