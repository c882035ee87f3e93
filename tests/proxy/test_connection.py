import asyncio

import pytest

from tests.plane import a_plane
from tests.wires import OK, a_request, an_upstream, chunked, playing, read_request, until

POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"


async def test_given_two_requests_when_the_upstream_keeps_alive_then_they_share_a_connection(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()

        for _ in range(2):
            await client.send(a_request())
            assert (await client.answer()).body == b"ok"

    assert len(upstream.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX A: b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 O\x00K\r\nContent-Length: 2\r\n\r\nok",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        OK + POISON,
        OK + b"POISON\r\n\r\n",
    ],
)
async def test_given_an_answer_that_reads_in_two_ways_when_it_arrives_then_502_and_nothing_of_it(
    redis_url: str, answer: bytes
):
    script = playing(answer)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        refused = await client.answer()

        assert refused.status == 502
        assert b"upstream_bad_response" in refused.body
        await client.send(a_request())
        assert (await client.answer()).status == 502
    assert len(upstream.connections) == 2


@pytest.mark.parametrize("late", [POISON, b"HTTP/1.1 200 OK\r\nX-Poison: ", b"H", b"\r\n\x00"])
@pytest.mark.parametrize("together", [True, False])
async def test_given_bytes_beyond_a_body_when_the_next_request_comes_then_its_answer_is_clean(
    redis_url: str, late: bytes, together: bool
):
    async def script(wire):
        await read_request(wire)
        await wire.send(OK + late if together else OK)
        if not together:
            await asyncio.sleep(0.05)
            await wire.send(late)
        await read_request(wire)
        await wire.send(POISON)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        first, second = await plane.client(), await plane.client()
        await first.send(a_request())
        await first.answer()
        await until(lambda: upstream.ended > 0)
        upstream.script = playing(OK)
        await second.send(a_request())

        clean = await second.answer()

    assert clean.body == b"ok"
    assert "x-poison" not in clean.fields
    assert len(upstream.connections) == 2


async def test_given_interim_answers_when_they_arrive_then_only_the_final_one_is_passed_on(
    redis_url: str,
):
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    script = playing(b"HTTP/1.1 100 Continue\r\n\r\n" + early + OK)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        answer = await client.answer()

    assert (answer.status, answer.body) == (200, b"ok")
    assert "link" not in answer.fields


async def test_given_an_interim_answer_alone_when_the_final_one_follows_later_then_it_is_passed_on(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        await wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await asyncio.sleep(0.05)
        await wire.send(OK)
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        assert (await client.answer()).body == b"ok"


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_given_an_answer_that_breaks_off_when_it_does_then_the_client_is_cut_off(
    redis_url: str, start: bytes, version: str
):
    script = playing(start, close=True)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()

        await client.send(a_request(version=version))

        assert await client.is_cut()


async def test_given_a_body_that_ends_badly_when_it_is_read_then_the_client_is_cut_off(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        await wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        await asyncio.sleep(0.05)
        await wire.send(b"XYZ\r\n")
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()

        await client.send(a_request())

        assert await client.is_cut()


async def test_given_trailers_when_the_answer_is_chunked_then_they_are_dropped(redis_url: str):
    body = chunked(b"one", b"two", trailer=b"X-Sum: 1\r\nSet-Cookie: a=b\r\n")
    script = playing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        for _ in range(2):
            await client.send(a_request())

            assert (await client.answer()).body == b"onetwo"

    assert len(upstream.connections) == 1


async def test_given_no_answer_at_all_when_the_upstream_closes_then_502(redis_url: str):
    async def script(wire):
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        answer = await client.answer()

    assert answer.status == 502
    assert b"upstream_closed" in answer.body
