import asyncio
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from sidecar.front.server import FrontLimits
from sidecar.proxy.pool import Upstream
from tests.certificates import write_certificate
from tests.plane import a_plane
from tests.wires import OK, a_request, an_upstream, playing, until

LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n" + bytes(30_000_000)
SHORT = FrontLimits(
    header_timeout=0.2, idle_timeout=0.2, body_timeout=0.2, write_timeout=0.2, max_connections=3
)


@pytest.mark.parametrize(
    "beginning",
    [b"", b"G", b"GET /pub/x HTTP/1.1\r\nHost: app.exam"],
)
async def test_given_a_client_that_never_ends_its_head_when_patience_ends_then_it_is_closed(
    redis_url: str, beginning: bytes
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=SHORT) as plane:
        client = await plane.client()
        await client.send(beginning)

        assert await client.is_closed()
        await until(lambda: not plane.server.connections)


async def test_given_a_client_that_dribbles_its_head_when_patience_ends_then_it_is_closed(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=SHORT) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.answer()

        async def dribble():
            while True:
                await client.send(b"G" if upstream.ended else b"\r\n")
                await asyncio.sleep(0.02)

        dribbling = asyncio.create_task(dribble())

        assert await client.is_closed()
        dribbling.cancel()


async def test_given_an_idle_client_when_patience_ends_then_it_is_closed_without_a_reset(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=SHORT) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.answer()

        assert await client.rest() == b""


async def test_given_a_body_that_waits_for_the_upstream_when_time_passes_then_nobody_is_to_blame(
    redis_url: str,
):
    go = asyncio.Event()

    async def script(wire):
        await wire.head()
        await go.wait()
        await wire.exactly(30_000_000)
        await wire.send(OK)

    async with (
        an_upstream(script) as upstream,
        a_plane(redis_url, upstream, limits=SHORT) as plane,
    ):
        client = await plane.client()
        client.writer.write(a_request("/pub/x", method="POST", body=bytes(30_000_000)))
        await asyncio.sleep(1.5)
        go.set()

        assert (await client.answer()).body == b"ok"


async def test_f14_given_a_client_that_reads_in_sips_when_patience_ends_then_both_sides_are_closed(
    redis_url: str,
):
    async with (
        an_upstream(playing(LONG)) as upstream,
        a_plane(redis_url, upstream, limits=SHORT) as plane,
    ):
        client = await plane.client(buffer=4_096)
        client.reader._limit = 1_024  # type: ignore[attr-defined]  # it reads ahead otherwise
        await client.send(a_request())

        async def sip():
            with suppress(ConnectionError):
                while True:
                    await client.some(100)
                    await asyncio.sleep(0.05)

        sipping = asyncio.create_task(sip())

        await until(lambda: upstream.ended == 1)
        await until(lambda: not plane.server.connections)
        sipping.cancel()


@pytest.mark.parametrize("fields", [(), ("Connection: close",)])
async def test_given_a_client_that_does_not_read_when_patience_ends_then_both_sides_are_closed(
    redis_url: str, fields: tuple[str, ...]
):
    async with (
        an_upstream(playing(LONG)) as upstream,
        a_plane(redis_url, upstream, limits=SHORT) as plane,
    ):
        client = await plane.client(buffer=65_536)
        await client.send(a_request("/pub/x", *fields))

        await until(lambda: bool(plane.access.lines))
        await until(lambda: not plane.server.connections)
        await until(lambda: upstream.ended == 1)


@pytest.mark.parametrize("fields", [(), ("Connection: close",)])
async def test_given_a_client_that_leaves_the_end_unread_when_patience_ends_then_it_is_closed(
    redis_url: str, fields: tuple[str, ...]
):
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + bytes(60_000)
    async with (
        an_upstream(playing(body)) as upstream,
        a_plane(redis_url, upstream, limits=SHORT) as plane,
    ):
        client = await plane.client(buffer=4_096)
        await until(lambda: bool(plane.server.connections))
        (connection,) = plane.server.connections
        transport = connection.transport
        assert transport is not None
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a transport
        await client.send(a_request("/pub/x", *fields))
        await until(lambda: bool(plane.access.lines))
        left, paused = transport.get_write_buffer_size(), connection.write_paused

        await until(lambda: not plane.server.connections)

    assert left > 0
    assert not paused


async def test_given_a_refused_client_that_goes_on_sending_when_patience_ends_then_it_is_closed(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/closed", "Content-Length: 1000000000", method="POST"))

        async def send_on():
            while True:
                await client.send(bytes(1_000))
                await asyncio.sleep(0.02)

        sending = asyncio.create_task(send_on())
        assert (await client.answer()).status == 401

        await until(lambda: not plane.server.connections)
        sending.cancel()


async def test_given_a_large_answer_to_an_unread_upload_when_the_client_is_slow_then_it_gets_it(
    redis_url: str,
):
    async def script(wire):
        await wire.head()
        await wire.send(LONG)
        await wire.rest()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client(buffer=65_536)
        await client.send(a_request("/pub/x", "Content-Length: 10", method="POST") + b"part")
        await client.head()
        await asyncio.sleep(3.5)

        assert len(await client.rest()) == 30_000_000


async def test_given_a_failing_upstream_when_a_page_of_ours_cannot_be_made_then_500_not_silence(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    nobody = Upstream(port=1, connect_timeout=0.5)
    async with a_plane(redis_url, nobody) as plane:

        def broken(*_: object) -> None:
            raise KeyError("no such text")

        monkeypatch.setattr(plane.server.walk._answers, "upstream_failed", broken)
        client = await plane.client()
        await client.send(a_request())

        answer = await client.answer()

        assert answer.status == 500
        assert b"internal_error" in answer.body
        assert b"no such text" not in answer.body


async def test_given_tls_towards_clients_when_they_ask_and_leave_then_all_of_it_works(
    redis_url: str, tmp_path: Path
):
    write_certificate(tmp_path, "ours")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    async with (
        an_upstream(playing(OK, LONG, OK)) as upstream,
        a_plane(redis_url, upstream, tls=server) as plane,
    ):
        client = await plane.client(tls=trusting)
        await client.send(a_request() + a_request())
        bodies = [len((await client.answer()).body) for _ in range(2)]
        await client.send(a_request("/closed", method="POST", body=bytes(3_000_000)))
        refused = await client.answer()

        assert bodies == [2, 30_000_000]
        assert refused.status == 401
        assert await client.is_closed()
        await until(lambda: not plane.server.connections)
    assert b"X-Forwarded-Proto: https" in upstream.heads[0]


async def test_given_tls_towards_clients_when_the_upstream_breaks_off_then_the_client_sees_no_end(
    redis_url: str, tmp_path: Path
):
    write_certificate(tmp_path, "ours")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    part = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"
    async with (
        an_upstream(playing(part, close=True)) as upstream,
        a_plane(redis_url, upstream, tls=server) as plane,
    ):
        client = await plane.client(tls=trusting)
        await client.send(a_request(version="1.0"))

        assert await client.is_cut()
