import asyncio

import pytest

from sidecar.front.server import FrontLimits
from tests.plane import a_plane
from tests.wires import OK, a_request, an_upstream, chunked, playing, read_request, until

BAD = b"GET /pub/x HTTP/1.1\r\nHost: app.example\r\nX : y\r\n\r\n"


async def echo_target(wire):
    """Answer each request with its target, the earlier ones more slowly."""
    while True:
        head, body = await read_request(wire)
        target = head.split(b" ")[1]
        await asyncio.sleep(0.03 if target.endswith(b"1") else 0)
        said = target + body
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said))


async def test_given_requests_in_one_write_when_the_first_is_slow_then_the_order_stays(
    redis_url: str,
):
    async with an_upstream(echo_target) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(b"".join(a_request(f"/pub/{n}") for n in (1, 2, 1, 3)))

        bodies = [(await client.answer()).body for _ in range(4)]

    assert bodies == [b"/pub/1", b"/pub/2", b"/pub/1", b"/pub/3"]


async def test_given_a_refusal_between_requests_when_they_come_at_once_then_it_has_its_place(
    redis_url: str,
):
    async with an_upstream(echo_target) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/1") + a_request("/closed") + a_request("/pub/2"))

        answers = [await client.answer() for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 401, 200]
    assert answers[2].body == b"/pub/2"


async def test_given_what_is_not_http_behind_requests_when_they_are_answered_then_it_is_refused(
    redis_url: str,
):
    async with an_upstream(echo_target) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/1") + a_request("/pub/2"))
        await until(lambda: bool(upstream.heads))
        await client.send(BAD)

        answers = [await client.answer() for _ in range(3)]

        assert [answer.status for answer in answers] == [200, 200, 400]
        assert answers[2].fields["connection"] == "close"
        assert await client.is_closed()


async def test_given_a_kept_connection_when_what_comes_next_is_not_http_then_400_and_no_quotation(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.answer()

        await client.send(b"\x16\x03\x01 secret words\r\n\r\n")
        answer = await client.answer()

        assert answer.status == 400
        assert b"secret" not in answer.body
        assert await client.is_closed()
        assert [line["status"] for line in plane.access.lines] == [200, 400]
        assert [line["verdict"] for line in plane.access.lines] == ["public", "bad_request"]


async def test_given_more_requests_at_once_than_are_kept_when_they_arrive_then_the_rest_is_refused(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request() * 2000)

        answered = 0
        while (answer := await client.answer()).status == 200:
            answered += 1

        assert answer.status == 400
        assert answered >= 256
        assert await client.is_closed()


async def test_given_a_long_body_behind_a_slow_request_when_it_is_sent_then_it_is_not_read_ahead(
    redis_url: str,
):
    go = asyncio.Event()

    async def script(wire):
        await read_request(wire)
        await go.wait()
        await wire.send(OK)
        _, body = await read_request(wire)
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%08d" % len(body))

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await until(lambda: bool(upstream.heads))
        client.writer.write(a_request("/pub/up", method="POST", body=bytes(30_000_000)))
        await asyncio.sleep(0.2)
        held = client.writer.transport.get_write_buffer_size()

        go.set()
        first, second = await client.answer(), await client.answer()

    assert held > 10_000_000
    assert (first.body, second.body) == (b"ok", b"30000000")


async def test_given_a_client_that_does_not_read_when_it_asks_again_then_it_has_to_read_first(
    redis_url: str,
):
    long = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % 8_000_000 + bytes(8_000_000)
    async with an_upstream(playing(long)) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client(buffer=65_536)
        for _ in range(5):
            await client.send(a_request())
            await asyncio.sleep(0.05)
        (connection,) = plane.server.connections
        transport = connection.transport
        assert transport is not None
        waiting = transport.get_write_buffer_size()

        bodies = [len((await client.answer()).body) for _ in range(5)]

    assert waiting < 8_000_000
    assert bodies == [8_000_000] * 5


async def test_given_an_upstream_that_answers_before_it_took_all_when_it_does_then_reading_goes_on(
    redis_url: str,
):
    go = asyncio.Event()

    async def script(wire):
        await read_request(wire)
        await go.wait()
        await wire.send(OK)
        await echo_target(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/up", method="POST", body=b"body"))
        await until(lambda: bool(upstream.heads))
        (connection,) = plane.server.connections
        connection.pause_body()
        go.set()
        await client.answer()

        await client.send(a_request("/pub/2"))

        assert (await client.answer()).body == b"/pub/2"


async def test_given_a_request_at_fault_when_more_came_behind_it_then_its_refusal_is_not_lost(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        behind = a_request("/pub/up", method="POST", body=bytes(3_000_000))
        await client.send(a_request("/pub/../x") + a_request() + behind)

        assert (await client.answer()).status == 400
        assert await client.is_closed()
    assert upstream.connections == []


@pytest.mark.parametrize("step", [1, 3, 7])
async def test_given_a_request_in_tiny_parts_when_it_is_complete_then_it_is_served(
    redis_url: str, step: int
):
    async with an_upstream(echo_target) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        whole = a_request("/pub/x", "Transfer-Encoding: chunked", method="POST") + chunked(b"body")
        for start in range(0, len(whole), step):
            await client.send(whole[start : start + step])
            await asyncio.sleep(0)

        assert (await client.answer()).body == b"/pub/xbody"


async def test_given_a_head_that_grows_bit_by_bit_when_it_is_too_large_then_431(redis_url: str):
    limits = FrontLimits(header_size=2_000, line_size=1_000, headers=1_000)
    async with an_upstream() as upstream, a_plane(redis_url, upstream, limits=limits) as plane:
        client = await plane.client()
        await client.send(b"GET /pub/x HTTP/1.1\r\nHost: app.example\r\n")
        for number in range(20):
            await client.send(b"X-%d: %b\r\n" % (number, b"a" * 500))
            await asyncio.sleep(0.005)

        assert (await client.answer()).status == 431
        assert await client.is_closed()


@pytest.mark.parametrize(
    "start",
    [
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n",
        a_request("/pub/x", "X-Long: " + "a" * 33_000),
        a_request("/pub/x", *(f"X-{number}: a" for number in range(200))),
    ],
)
async def test_given_a_head_beyond_the_limits_when_it_arrives_then_it_is_refused_and_closed(
    redis_url: str, start: bytes
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(start)

        assert (await client.answer()).status in (414, 431)
        assert await client.is_closed()
    assert upstream.connections == []


async def test_given_an_expectation_when_there_is_no_session_then_401_without_100(redis_url: str):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        fields = ("Expect: 100-continue", "Content-Length: 5")
        await client.send(a_request("/closed", *fields, method="POST"))

        assert (await client.answer()).status == 401
        assert await client.is_closed()
    assert upstream.connections == []


async def test_given_an_expectation_when_the_gate_allows_then_100_and_the_body_passes(
    redis_url: str,
):
    async with an_upstream(echo_target) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        fields = ("Expect: 100-continue", "Content-Length: 5")
        await client.send(a_request("/pub/up", *fields, method="POST"))

        go_on = await client.answer()
        await client.send(b" body")

        assert go_on.status == 100
        assert (await client.answer()).body == b"/pub/up body"
    assert b"expect" not in upstream.heads[0].lower()


async def test_given_an_expectation_when_it_is_of_1_0_or_has_its_body_then_no_100_is_sent(
    redis_url: str,
):
    async with an_upstream(echo_target) as upstream, a_plane(redis_url, upstream) as plane:
        old, quick = await plane.client(), await plane.client()
        fields = ("Expect: 100-continue", "Content-Length: 5")
        await old.send(a_request("/pub/up", *fields, method="POST", version="1.0"))
        await until(lambda: bool(upstream.heads))
        await old.send(b" body")
        await quick.send(a_request("/pub/up", *fields, method="POST") + b" body")

        assert (await old.answer()).status == 200
        assert (await quick.answer()).status == 200


async def test_given_a_client_still_uploading_when_it_is_refused_then_it_can_read_why(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/closed", method="POST", body=bytes(8_000_000)))

        answer = await client.answer()

        assert (answer.status, answer.fields["connection"]) == (401, "close")
        assert await client.is_closed()
    assert upstream.connections == []
