"""Pages that come bit by bit, or not to their end, through a real data plane."""

import asyncio
import gzip
import zlib

import pytest

from sidecar.proxy.pool import Upstream
from tests.plane import a_plane
from tests.proxy.test_inject import DOCUMENT, HTML, TAG, answer, go, sized
from tests.wires import a_request, an_upstream, playing, read_request, until


async def test_given_a_page_that_comes_slowly_then_each_part_goes_on_when_it_came(
    redis_url: str,
):
    seen = asyncio.Event()

    async def script(wire):
        await read_request(wire)
        await wire.send(HTML + b"Content-Length: 32\r\n\r\n<html><head>first")
        await seen.wait()
        await wire.send(b" and the second")

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await go(plane)
        head = await client.head()
        begun = await client.exactly(12 + len(TAG) + 5)
        seen.set()
        rest = await client.exactly(15)

    assert b"Content-Length: %d\r\n" % (32 + len(TAG)) in head
    assert begun + rest == b"<html><head>" + TAG + b"first and the second"


async def test_given_a_packed_page_that_comes_slowly_then_each_part_can_be_read_when_it_came(
    redis_url: str,
):
    seen = asyncio.Event()
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    first = packer.compress(b"<html><head>first") + packer.flush(zlib.Z_SYNC_FLUSH)
    second = packer.compress(b" second") + packer.flush()

    async def script(wire):
        await read_request(wire)
        await wire.send(HTML + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        await wire.send(b"%x\r\n%b\r\n" % (len(first), first))
        await seen.wait()
        await wire.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(second), second))

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await go(plane)
        await client.head()
        size = int(await client.reader.readuntil(b"\r\n"), 16)
        reader = zlib.decompressobj(31)
        begun = reader.decompress(await client.exactly(size))
        await client.exactly(2)
        seen.set()
        rest = reader.decompress(await client.chunks())

    assert begun == b"<html><head>" + TAG + b"first"
    assert (rest, reader.eof) == (b" second", True)


async def test_s46_given_a_bomb_when_the_client_does_not_read_then_the_upstream_waits(
    redis_url: str,
):
    size = 120_000_000
    bomb = gzip.compress(b"<html><head>" + bytes(size))
    head = HTML + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    script = playing(head + bomb)
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await go(plane)
        beside = await plane.client()
        await client.head()
        await beside.send(a_request("/pub/x"))
        await beside.head()  # Others are served in between.
        reader, unpacked = zlib.decompressobj(31), 0
        packed = await client.chunks()
        while packed:
            unpacked += len(reader.decompress(packed, 1 << 20))
            packed = reader.unconsumed_tail

    assert reader.eof
    assert unpacked == size + 12 + len(TAG)


async def test_given_a_page_that_breaks_off_before_it_begins_then_an_error_is_answered(
    redis_url: str,
):
    got = await answer(redis_url, HTML + b"Content-Length: 100\r\n\r\n<!doc", close=True)

    assert got.status == 502


@pytest.mark.parametrize("coding", [b"", b"Content-Encoding: gzip\r\n"])
async def test_given_a_page_that_breaks_off_later_then_the_client_is_cut(
    redis_url: str, coding: bytes
):
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    begun = packer.compress(b"<html><head>") + packer.flush(zlib.Z_SYNC_FLUSH)
    script = playing(
        HTML + coding + b"Content-Length: 9000\r\n\r\n" + (begun if coding else b"<html><head>"),
        close=True,
    )
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await go(plane)

        assert await client.is_cut()


async def test_given_packed_bytes_that_break_in_the_middle_then_both_sides_are_cut(
    redis_url: str,
):
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    begun = packer.compress(b"<html><head>") + packer.flush(zlib.Z_SYNC_FLUSH)

    async def script(wire):
        await read_request(wire)
        await wire.send(HTML + b"Content-Encoding: gzip\r\nContent-Length: 9000\r\n\r\n" + begun)
        await asyncio.sleep(0.05)
        await wire.send(b"\xff" * 100)
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await go(plane)

        assert await client.is_cut()
        await until(lambda: upstream.ended == 1)
        assert repr(plane.pool) == "<Pool idle=0 busy=0 connecting=0 waiting=0>"


async def test_given_a_page_that_never_begins_when_patience_ends_then_an_error_is_answered(
    redis_url: str,
):
    async def script(wire):
        await read_request(wire)
        await wire.send(HTML + b"Content-Length: 100\r\n\r\n<!doc")
        await read_request(wire)

    async with an_upstream(script) as upstream:
        where = Upstream(port=upstream.port, stream_idle_timeout=0.2)
        async with a_plane(redis_url, where, inject=True) as plane:
            assert (await (await go(plane)).answer()).status == 504


@pytest.mark.parametrize("begun", [b"<!doc", b"<html><head>more"])
async def test_given_a_page_on_its_way_when_the_client_leaves_then_the_upstream_is_let_go(
    redis_url: str, begun: bytes
):
    async def script(wire):
        await read_request(wire)
        await wire.send(HTML + b"Content-Length: 1000\r\n\r\n" + begun)
        await read_request(wire)

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await go(plane)
        await until(lambda: bool(upstream.heads))
        await asyncio.sleep(0.05)

        client.abort()

        await until(lambda: upstream.ended == 1)


async def test_given_a_large_page_when_the_client_reads_slowly_then_all_of_it_arrives(
    redis_url: str,
):
    rows = b"".join(b"<tr><td>%d</td></tr>\n" % number for number in range(300_000))
    page = b"<html><head></head>" + rows
    packed = gzip.compress(page, 1)
    script = playing(sized(packed, b"Content-Encoding: gzip\r\n"))
    async with an_upstream(script) as upstream, a_plane(redis_url, upstream, inject=True) as plane:
        client = await plane.client(buffer=4096)
        cookie = f"Cookie: sidecar={await plane.seed()}"
        await client.send(a_request("/page", cookie, *DOCUMENT))
        await asyncio.sleep(0.3)

        got = await client.answer()

    assert gzip.decompress(got.body) == page.replace(b"<head>", b"<head>" + TAG)
