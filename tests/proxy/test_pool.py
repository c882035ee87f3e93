import asyncio
import socket

import pytest

from sidecar.proxy.pool import Pool, Upstream
from tests.plane import a_plane
from tests.wires import (
    OK,
    a_request,
    an_upstream,
    read_request,
    say_ok,
    until,
)

EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


async def answer_once_and_close(wire):
    """Answer one request, take the next, and close without a word: a pooled connection dies."""
    await read_request(wire)
    await wire.send(EMPTY)
    await read_request(wire)


async def hold(wire):
    """Take a request and answer nothing."""
    await read_request(wire)
    await asyncio.Event().wait()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_given_a_pooled_connection_that_dies_when_it_is_safe_then_it_is_sent_again(
    redis_url: str, method: str
):
    async with (
        an_upstream(answer_once_and_close) as upstream,
        a_plane(redis_url, upstream) as plane,
    ):
        client = await plane.client()
        await client.send(a_request())
        await client.answer()

        await client.send(a_request("/pub/again", method=method))
        again = await client.answer(method)

    assert again.status == 200
    assert [head.split(b" ")[1] for head in upstream.heads] == [
        b"/pub/x",
        b"/pub/again",
        b"/pub/again",
    ]
    assert len(upstream.connections) == 2


async def test_given_a_pooled_connection_that_dies_when_it_is_a_post_then_it_is_never_sent_twice(
    redis_url: str,
):
    async with (
        an_upstream(answer_once_and_close) as upstream,
        a_plane(redis_url, upstream) as plane,
    ):
        client = await plane.client()
        await client.send(a_request())
        await client.answer()

        await client.send(a_request("/pub/pay", method="POST", body=b"1 coin"))
        answer = await client.answer()

    assert answer.status == 502
    assert sum(b"/pub/pay" in head for head in upstream.heads) == 1


async def test_given_a_new_connection_that_dies_too_when_a_get_was_repeated_then_502(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        if len(upstream.connections) == 1:
            await wire.send(OK)
            await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())
        await client.answer()

        await client.send(a_request("/pub/again"))

        assert (await client.answer()).status == 502
    assert sum(b"/pub/again" in head for head in upstream.heads) == 2


async def test_given_nobody_listens_when_a_request_comes_then_502_also_for_all_that_wait(
    redis_url: str,
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = Upstream(port=free.getsockname()[1], max_connections=1)
        async with a_plane(redis_url, nobody) as plane:
            clients = [await plane.client() for _ in range(5)]
            for client in clients:
                await client.send(a_request())

            answers = [await client.answer() for client in clients]

    assert [answer.status for answer in answers] == [502] * 5
    assert all(b"upstream_unreachable" in answer.body for answer in answers)


async def test_given_a_full_backlog_when_a_request_comes_then_504_after_the_connect_timeout(
    redis_url: str,
):
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(deaf.getsockname())
        upstream = Upstream(port=deaf.getsockname()[1], connect_timeout=0.2)
        async with a_plane(redis_url, upstream) as plane:
            client = await plane.client()
            await client.send(a_request())

            answer = await client.answer()

    assert answer.status == 504
    assert b"upstream_timeout" in answer.body


async def test_given_an_upstream_that_does_not_answer_when_patience_ends_then_504(redis_url: str):
    async with an_upstream(hold) as upstream:
        slow = Upstream(port=upstream.port, response_timeout=0.1)
        async with a_plane(redis_url, slow) as plane:
            client = await plane.client()
            await client.send(a_request())

            answer = await client.answer()
            await until(lambda: repr(plane.pool) == "<Pool idle=0 busy=0 connecting=0 waiting=0>")

    assert answer.status == 504


async def test_given_a_stream_that_falls_silent_when_patience_ends_then_the_client_is_cut_off(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await asyncio.Event().wait()

    async with an_upstream(script) as upstream:
        slow = Upstream(port=upstream.port, stream_idle_timeout=0.1)
        async with a_plane(redis_url, slow) as plane:
            client = await plane.client()
            await client.send(a_request())

            assert await client.is_cut()


async def test_given_one_connection_when_many_ask_then_they_are_served_in_the_order_they_came(
    redis_url: str,
):
    served = []

    async def script(wire):
        while True:
            head, _ = await read_request(wire)
            served.append(head.split(b" ")[1])
            await asyncio.sleep(0.01)
            await wire.send(OK)

    async with an_upstream(script) as upstream:
        narrow = Upstream(port=upstream.port, max_connections=1)
        async with a_plane(redis_url, narrow) as plane:
            clients = [await plane.client() for _ in range(6)]
            for number, client in enumerate(clients):
                await client.send(a_request(f"/pub/{number}"))
                await asyncio.sleep(0.002)
            for client in clients:
                assert (await client.answer()).status == 200

    assert served == [f"/pub/{number}".encode() for number in range(6)]
    assert len(upstream.connections) == 1


async def test_given_a_full_queue_when_another_asks_then_503_and_the_place_of_one_who_left_is_free(
    redis_url: str,
):
    async with an_upstream(hold) as upstream:
        narrow = Upstream(port=upstream.port, max_connections=1, max_waiting=1)
        async with a_plane(redis_url, narrow) as plane:
            served, waiting, refused, late = [await plane.client() for _ in range(4)]
            await served.send(a_request())
            await until(lambda: len(upstream.heads) == 1)
            await waiting.send(a_request())
            await until(lambda: "waiting=1" in repr(plane.pool))

            await refused.send(a_request())
            answer = await refused.answer()
            waiting.abort()
            await until(lambda: len(plane.access.lines) == 2)
            await late.send(a_request())
            upstream.script = say_ok
            served.abort()

            assert (await late.answer()).status == 200

    assert answer.status == 503
    assert answer.fields["retry-after"] == "1"
    assert b"upstream_busy" in answer.body


async def test_given_waiting_requests_when_a_busy_connection_is_lost_then_a_new_one_serves_them(
    redis_url: str,
):
    async with an_upstream(hold) as upstream:
        narrow = Upstream(port=upstream.port, max_connections=1)
        async with a_plane(redis_url, narrow) as plane:
            first, second = await plane.client(), await plane.client()
            await first.send(a_request())
            await until(lambda: len(upstream.heads) == 1)
            await second.send(a_request())
            await until(lambda: "waiting=1" in repr(plane.pool))

            upstream.script = say_ok
            first.abort()

            assert (await second.answer()).body == b"ok"


async def test_given_an_idle_connection_when_its_time_is_over_then_it_is_closed(redis_url: str):
    async with an_upstream() as upstream:
        brief = Upstream(port=upstream.port, idle_timeout=0.1)
        async with a_plane(redis_url, brief) as plane:
            client = await plane.client()
            await client.send(a_request())
            await client.answer()

            await until(lambda: upstream.ended == 1)

            assert "idle=0" in repr(plane.pool)


async def test_given_idle_connections_when_the_pool_closes_then_they_close_and_nobody_waits(
    redis_url: str,
):
    async with an_upstream(hold) as upstream:
        narrow = Upstream(port=upstream.port, max_connections=1)
        async with a_plane(redis_url, narrow) as plane:
            first, second = await plane.client(), await plane.client()
            await first.send(a_request())
            await until(lambda: len(upstream.heads) == 1)
            await second.send(a_request())
            await until(lambda: "waiting=1" in repr(plane.pool))

            plane.pool.close()

            assert (await second.answer()).status == 502


async def test_given_a_pool_when_it_is_shown_then_it_says_how_many_of_each_it_has():
    pool = Pool(Upstream(), lambda _: None)

    shown = repr(pool)
    pool.close()

    assert shown == "<Pool idle=0 busy=0 connecting=0 waiting=0>"
