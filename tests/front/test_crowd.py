import asyncio
import json
import logging
import ssl
from pathlib import Path

import pytest

from sidecar.front.crowd import Crowd
from sidecar.front.server import FrontLimits
from tests.certificates import write_certificate
from tests.plane import Plane, a_plane
from tests.wires import PATIENCE, Wire, a_request, an_upstream, until

ONE = FrontLimits(max_connections=1)


async def fill(plane: Plane, **options: ssl.SSLContext) -> Wire:
    """Take the only place."""
    client = await plane.client(**options)
    await client.send(a_request())
    assert (await client.answer()).status == 200
    return client


@pytest.mark.parametrize(
    "asked",
    [
        a_request(),
        a_request("/pub/up", method="POST", body=bytes(100_000)),
        b"G",
        b"\x00 not even HTTP",
    ],
    ids=["request", "upload", "a byte", "garbage"],
)
async def test_f16_given_no_room_when_somebody_asks_then_503_says_when_to_come_back(
    redis_url: str, asked: bytes
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=ONE) as plane:
        await fill(plane)
        client = await plane.client()
        await client.send(asked)

        answer = await client.answer()

        assert (answer.status, answer.fields["retry-after"]) == (503, "1")
        assert (answer.fields["connection"], answer.fields["cache-control"]) == (
            "close",
            "no-store",
        )
        assert answer.fields["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["code"] == "too_many_connections"
        assert await client.is_closed()
    assert len(upstream.heads) == 1
    assert plane.metrics.connections_refused.value() == 1


async def test_f16_given_somebody_refused_when_there_is_room_again_then_the_next_is_served(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=ONE) as plane:
        first = await fill(plane)
        refused = await plane.client()
        await refused.send(a_request())
        assert (await refused.answer()).status == 503

        first.close()
        await until(lambda: not plane.server.connections)

        await fill(plane)


async def test_given_one_who_is_refused_when_nothing_is_asked_then_nothing_is_said_and_it_ends(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.front.crowd._PATIENCE", 0.1)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=ONE) as plane:
        await fill(plane)
        client = await plane.client()

        assert await client.is_closed()


async def test_given_one_who_never_stops_sending_when_it_was_answered_then_it_is_cut(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.front.crowd._PATIENCE", 3600.0)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=ONE) as plane:
        await fill(plane)
        client = await plane.client()

        async def send() -> None:
            while True:
                client.writer.write(bytes(100_000))
                await client.writer.drain()

        with pytest.raises(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                await send()


async def test_f16_given_a_crowd_when_too_many_wait_for_their_answer_then_the_rest_is_cut(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.front.crowd._MOST", 2)
    monkeypatch.setattr("sidecar.front.crowd._PATIENCE", 3600.0)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=ONE) as plane:
        await fill(plane)
        silent = [await plane.client() for _ in range(2)]
        await until(lambda: plane.metrics.connections_refused.value() == 2)

        cut = await plane.client()

        assert await cut.is_closed()
        await silent[0].send(a_request())
        assert (await silent[0].answer()).status == 503


async def test_given_no_room_when_somebody_comes_by_tls_then_the_answer_arrives_too(
    redis_url: str, tmp_path: Path
):
    write_certificate(tmp_path, "sidecar")
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, limits=ONE, tls=serving) as plane,
    ):
        await fill(plane, tls=trusting)
        client = await plane.client(tls=trusting)
        await client.send(a_request())

        assert (await client.answer()).status == 503
        assert await client.is_closed()


class Ignored(asyncio.Transport):
    """A transport of which nothing is wanted but to be there, or to be cut."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass

    def abort(self) -> None:
        pass


async def test_given_many_refused_when_time_passes_then_the_log_says_so_once_in_a_while(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sidecar.front.crowd._MOST", 3)
    caplog.set_level(logging.WARNING)
    crowd = Crowd(asyncio.get_running_loop(), lambda: None)

    def come(count: int) -> None:
        for _ in range(count):
            crowd.refuse(Ignored())

    crowd.look(1_000.0)
    come(5)
    for now in (1_001.0, 1_002.0):
        crowd.look(now)
        come(1)
    crowd.look(1_011.0)
    crowd.look(1_021.0)

    said = [(one.message, vars(one)["refused"], vars(one)["unanswered"]) for one in caplog.records]
    assert said == [("connections_refused", 5, 2), ("connections_refused", 2, 2)]
