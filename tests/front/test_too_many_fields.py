"""Case S-41: how many fields a request may have, and what one hears that has more."""

import pytest

from tests.plane import a_plane
from tests.wires import a_request, an_upstream

OURS = 1  # the Host field of `a_request`


def with_fields(count: int) -> bytes:
    return a_request("/pub/x", *(f"X-{number}: a" for number in range(count - OURS)))


async def test_s41_given_as_many_fields_as_are_allowed_when_they_arrive_then_all_are_forwarded(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(with_fields(128))

        assert (await client.answer()).status == 200
    assert b"\r\nX-126: a\r\n" in upstream.heads[0]


@pytest.mark.parametrize("count", [129, 200, 256])
async def test_s41_given_more_fields_when_they_arrive_then_431_and_nothing_is_forwarded(
    redis_url: str, count: int
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(with_fields(count))

        answer = await client.answer()

        assert answer.status == 431
        assert b"fields_too_large" in answer.body
        assert await client.is_closed()
    assert upstream.connections == []


async def test_s41_given_more_fields_than_the_parser_keeps_when_they_arrive_then_400_and_closed(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(with_fields(5000))

        assert (await client.answer()).status == 400
        assert await client.is_closed()
    assert upstream.connections == []


@pytest.mark.parametrize(
    "start",
    [b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n", a_request("/pub/x", "X-Long: " + "a" * 33_000)],
    ids=["target", "field"],
)
async def test_s41_given_a_line_that_is_too_long_when_it_arrives_then_it_is_431_or_414(
    redis_url: str, start: bytes
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(start)

        assert (await client.answer()).status in (414, 431)
        assert await client.is_closed()
    assert upstream.connections == []
