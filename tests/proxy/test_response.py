import pytest

from sidecar.proxy.response import status_line
from tests.plane import a_plane
from tests.wires import a_request, an_upstream, chunked, parse_head, playing

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"one", b"two")
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\nonetwo"


async def test_given_head_when_the_upstream_answers_then_the_length_stays_and_no_body_comes(
    redis_url: str,
):
    script = playing(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n")
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        for _ in range(2):
            await client.send(a_request(method="HEAD"))

            answer = await client.answer("HEAD")

            assert (answer.status, answer.fields["content-length"]) == (200, "12345")

    assert len(upstream.connections) == 1


async def test_given_head_and_get_by_turns_when_they_share_a_connection_then_both_are_right(
    redis_url: str,
):
    bare, whole = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    )
    script = playing(bare, whole, bare, whole)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        bodies = []
        for method in ("HEAD", "GET", "HEAD", "GET"):
            await client.send(a_request(method=method))
            bodies.append((await client.answer(method)).body)

    assert bodies == [b"", b"abc", b"", b"abc"]
    assert len(upstream.connections) == 1


async def test_given_head_when_the_upstream_names_a_coding_then_no_body_and_no_length_is_claimed(
    redis_url: str,
):
    script = playing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request(method="HEAD") + a_request(method="HEAD"))

        first, second = await client.answer("HEAD"), await client.answer("HEAD")

    assert "content-length" not in first.fields
    assert second.status == 200


@pytest.mark.parametrize(
    ("answer", "status", "length"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, None),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, None),
        (b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n", 304, None),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, "99"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "0"),
    ],
)
async def test_given_an_answer_without_body_when_it_passes_then_the_connections_are_kept(
    redis_url: str, answer: bytes, status: int, length: str | None
):
    async with an_upstream(playing(answer)) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        for _ in range(2):
            await client.send(a_request())

            got = await client.answer()

            assert (got.status, got.fields.get("content-length")) == (status, length)

    assert len(upstream.connections) == 1


@pytest.mark.parametrize("answer", [CHUNKED, TO_THE_END])
async def test_given_a_body_of_unknown_length_when_the_client_speaks_1_1_then_it_comes_in_chunks(
    redis_url: str, answer: bytes
):
    script = playing(answer, close=answer is TO_THE_END)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        for _ in range(2):
            await client.send(a_request())

            got = await client.answer()

            assert got.body == b"onetwo"
            assert "connection" not in got.fields


async def test_given_a_long_body_of_unknown_length_when_the_client_speaks_1_0_then_the_end_ends_it(
    redis_url: str,
):
    body = bytes(200_000)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    script = playing(head + chunked(body))
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", "Connection: keep-alive", version="1.0"))

        _, fields = parse_head(await client.head())

        assert "transfer-encoding" not in fields
        assert fields["connection"] == "close"
        assert await client.rest() == body


async def test_given_an_upstream_of_1_0_when_it_closes_after_its_body_then_the_body_is_whole(
    redis_url: str,
):
    script = playing(b"HTTP/1.0 200 OK\r\n\r\nonetwo", close=True)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request(version="1.0"))

        assert (await client.answer()).body == b"onetwo"


async def test_given_a_client_of_1_0_when_it_asks_to_stay_then_it_may_and_is_told_so(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        staying, leaving = await plane.client(), await plane.client()
        for _ in range(2):
            await staying.send(a_request("/pub/x", "Connection: keep-alive", version="1.0"))
            assert (await staying.answer()).fields["connection"] == "keep-alive"

        await leaving.send(a_request(version="1.0"))

        assert (await leaving.answer()).fields["connection"] == "close"
        assert await leaving.is_closed()


async def test_given_a_client_that_wants_to_leave_when_it_is_answered_then_it_is_let_go(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", "Connection: close"))

        assert (await client.answer()).fields["connection"] == "close"
        assert await client.is_closed()
    assert "connection: close" not in upstream.heads[0].decode().lower()


async def test_given_fields_of_one_connection_when_an_answer_passes_then_they_stay_behind(
    redis_url: str,
):
    script = playing(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Hop\r\n"
        b"Keep-Alive: timeout=5\r\nX-Hop: 1\r\nX-Kept: 2\r\nSet-Cookie: sidecar=evil\r\n"
        b"Set-Cookie: theirs=1\r\n\r\nok"
    )
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        fields = (await client.answer()).fields

    assert {"connection", "keep-alive", "x-hop"}.isdisjoint(fields)
    assert (fields["x-kept"], fields["set-cookie"]) == ("2", "theirs=1")


@pytest.mark.parametrize("reason", [b"Very\tfine", b"\xc3\xa9t\xe9", b""])
async def test_given_a_reason_of_any_text_when_it_passes_then_it_is_the_same(
    redis_url: str, reason: bytes
):
    script = playing(b"HTTP/1.1 299 " + reason + b"\r\nContent-Length: 0\r\n\r\n")
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request())

        head = await client.head()

    assert head.split(b"\r\n")[0] == b"HTTP/1.1 299 " + reason


def test_given_very_many_reasons_when_they_are_laid_out_then_the_table_stays_small():
    lines = {status_line(200, f"reason {number}") for number in range(1000)}

    assert len(lines) == 1000
