"""Pages that are on their way with the script when their session ends."""

import asyncio
import gzip

import pytest

from tests.live_plane import a_live_plane
from tests.wires import Wire, a_request, an_upstream, read_request, until

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
DOCUMENT = ("Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate")


async def test_given_a_page_that_has_not_begun_when_the_session_ends_then_the_person_is_told(
    redis_url: str,
) -> None:
    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.send(HTML + b"Content-Length: 1000\r\n\r\n<!doctype html><!--")
        await read_request(wire)

    async with (
        an_upstream(script) as upstream,
        a_live_plane(redis_url, upstream, inject=True) as (plane, rest),
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/page", f"Cookie: sidecar={token}", *DOCUMENT))
        await until(lambda: bool(upstream.heads))
        await asyncio.sleep(0.05)

        await rest.end(token)

        answer = await client.answer()
        assert (answer.status, answer.fields["www-authenticate"]) == (401, "Session")
        await until(lambda: upstream.ended == 1)


@pytest.mark.parametrize("packed", [False, True])
async def test_given_a_page_that_has_begun_when_the_session_ends_then_it_is_cut(
    redis_url: str, packed: bool
) -> None:
    page = b"<!doctype html><html><head>" + bytes(50_000_000)
    body = gzip.compress(page, 1) if packed else page[:1000]
    coding = b"Content-Encoding: gzip\r\n" if packed else b""

    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.send(HTML + coding + b"Content-Length: 90000000\r\n\r\n" + body)
        await read_request(wire)

    async with (
        an_upstream(script) as upstream,
        a_live_plane(redis_url, upstream, inject=True) as (plane, rest),
    ):
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/page", f"Cookie: sidecar={token}", *DOCUMENT))
        await client.head()

        await rest.end(token)

        assert await client.is_cut()
        await until(lambda: upstream.ended == 1)
