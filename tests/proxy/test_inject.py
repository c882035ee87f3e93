"""Pages on their way through a real data plane, byte by byte."""

import asyncio
import gzip

import pytest

from sidecar.core.live_script import LiveScript
from tests.plane import MOUNT, Plane, a_plane
from tests.wires import Answer, Wire, a_request, an_upstream, chunked, playing

TAG = LiveScript(MOUNT).tag(None).encode()
PAGE = b"<!doctype html>\n<html><head>\n<title>a</title></head><body>b</body></html>"
CHANGED = PAGE.replace(b"<head>", b"<head>" + TAG)
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
DOCUMENT = ("Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate")


def sized(body: bytes, fields: bytes = b"") -> bytes:
    return HTML + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def go(plane: Plane, *fields: str, version: str = "1.1") -> Wire:
    """Send a document's request with a session; return the connection."""
    client = await plane.client()
    cookie = f"Cookie: sidecar={await plane.seed()}"
    await client.send(a_request("/page", cookie, *DOCUMENT, *fields, version=version))
    return client


async def answer(redis_url: str, *parts: bytes, close: bool = False) -> Answer:
    script = playing(*parts, close=close)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        return await (await go(plane)).answer()


async def test_given_a_page_that_comes_whole_then_its_length_is_that_of_the_changed_page(
    redis_url: str,
):
    got = await answer(redis_url, sized(PAGE, b'ETag: "a"\r\nContent-MD5: x\r\n'))

    assert got.body == CHANGED
    assert got.fields["content-length"] == str(len(CHANGED))
    assert got.fields["etag"].startswith('W/"a;s-live-')
    assert got.fields["accept-ranges"] == "none"
    assert "content-md5" not in got.fields


async def test_given_a_page_in_chunks_then_it_is_changed(redis_url: str):
    parts = [PAGE[at : at + 3] for at in range(0, len(PAGE), 3)]

    got = await answer(redis_url, HTML + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*parts))

    assert got.body == CHANGED


async def test_given_a_page_up_to_the_end_of_the_connection_then_it_is_changed(redis_url: str):
    http10 = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE

    assert (await answer(redis_url, http10, close=True)).body == CHANGED


@pytest.mark.parametrize("status", [b"404 Not Found", b"500 Oops", b"403 Forbidden"])
async def test_given_an_error_page_then_it_is_changed(redis_url: str, status: bytes):
    got = await answer(redis_url, sized(PAGE).replace(b"200 OK", status))

    assert (got.status, got.body) == (int(status[:3]), CHANGED)


async def test_given_a_packed_page_then_it_stays_packed_and_has_a_length(redis_url: str):
    got = await answer(redis_url, sized(gzip.compress(PAGE), b"Content-Encoding: gzip\r\n"))

    assert gzip.decompress(got.body) == CHANGED
    assert got.fields["content-encoding"] == "gzip"
    assert got.fields["content-length"] == str(len(got.body))


@pytest.mark.parametrize(
    "body",
    [b"", b"pong", b"<div>a</div>", b'{"a": "<html><head>"}', b"<svg/>", b"<!--" + b"a" * 9000],
)
@pytest.mark.parametrize("framed", ["length", "chunks", "close"])
async def test_given_what_is_no_page_then_head_and_body_are_as_they_came(
    redis_url: str, body: bytes, framed: str
):
    fields = b'ETag: "a"\r\nAccept-Ranges: bytes\r\nContent-Security-Policy: script-src x\r\n'
    if framed == "length":
        sent = sized(body, fields)
    elif framed == "chunks":
        sent = HTML + fields + b"Transfer-Encoding: chunked\r\n\r\n"
        sent += chunked(*(body[at : at + 4000] for at in range(0, len(body), 4000)))
    else:
        sent = HTML + fields + b"\r\n" + body

    got = await answer(redis_url, sent, close=framed == "close")

    assert got.body == body
    assert got.fields["etag"] == '"a"'
    assert got.fields["accept-ranges"] == "bytes"
    assert got.fields["content-security-policy"] == "script-src x"


@pytest.mark.parametrize("coding", [b"br", b"zstd", b"deflate", b"gzip"])
async def test_given_a_coding_that_nobody_reads_then_not_a_byte_changes(
    redis_url: str, coding: bytes
):
    got = await answer(redis_url, sized(PAGE, b"Content-Encoding: %b\r\n" % coding))

    assert got.body == PAGE


async def test_given_a_client_of_http_1_0_then_the_page_has_a_length_or_ends_with_the_connection(
    redis_url: str,
):
    page = HTML + b"Transfer-Encoding: chunked\r\n\r\n"

    async def slow(wire):
        await wire.head()
        await wire.send(page + b"c\r\n<html><head>\r\n")
        await asyncio.sleep(0.1)
        await wire.send(b"3\r\nend\r\n0\r\n\r\n")
        await wire.some()

    async with an_upstream(slow) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await go(plane, "Connection: keep-alive", version="1.0")
        head = await client.head()

        assert b"chunked" not in head.lower()
        assert b"Connection: close" in head
        assert await client.rest() == b"<html><head>" + TAG + b"end"


async def test_given_pages_one_after_the_other_then_each_is_changed_on_the_same_connections(
    redis_url: str,
):
    script = playing(sized(PAGE), sized(gzip.compress(PAGE), b"Content-Encoding: gzip\r\n"))
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await plane.client()
        request = a_request("/page", f"Cookie: sidecar={await plane.seed()}", *DOCUMENT)
        await client.send(request * 3)
        got = [await client.answer() for _ in range(3)]

        assert len(upstream.connections) == 1
        assert [line["octets"] for line in plane.access.lines] == [len(one.body) for one in got]
    assert got[0].body == gzip.decompress(got[1].body) == gzip.decompress(got[2].body) == CHANGED


async def test_given_a_copy_with_the_script_when_it_is_confirmed_then_it_stays_one(
    redis_url: str,
):
    same = (
        b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Security-Policy: script-src x.y;'
        b" worker-src *\r\n\r\n"
    )
    script = playing(sized(PAGE, b'ETag: "a"\r\n'), same)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        first = await (await go(plane)).answer()
        again = await (await go(plane, f"If-None-Match: {first.fields['etag']}")).answer()

    assert b'\r\nIf-None-Match: "a"\r\n' in upstream.heads[1]
    assert again.status == 304
    assert again.fields["etag"] == first.fields["etag"]
    assert again.fields["content-security-policy"] == (
        "script-src x.y http://app.example/_sidecar/live.js; worker-src *"
    )


async def test_given_a_copy_without_the_script_then_the_page_comes_anew(redis_url: str):
    script = playing(sized(PAGE, b'ETag: "a"\r\n'))
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        got = await (await go(plane, 'If-None-Match: "a"', "If-Modified-Since: x")).answer()

    assert got.body == CHANGED
    assert b"If-None-Match" not in upstream.heads[0]
    assert b"If-Modified-Since" not in upstream.heads[0]
