import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.document_answer import Page
from sidecar.core.html_place import LIMIT
from sidecar.proxy.gzip_body import BadGzip
from sidecar.proxy.page_body import PageBody
from tests.core.html_pages import PLACED, UNPLACED, split

TAG = "<script src=x></script>"


def pushed(data: bytes, sizes: list[int], *, packed: bool = False, charset: str = "") -> bytes:
    """Send a body through in parts of these sizes, the rest at once; return what went out."""
    body, out, at = PageBody(Page(packed, charset, TAG, ())), b"", 0
    for size in [*sizes, len(data)]:
        body.add(data[at : at + size])
        at += size
        out += body.take()
        while body.waiting:
            out += body.take()
    body.end()
    out += body.take()
    while body.waiting:
        out += body.take()
    return out


def with_tag(name: str) -> bytes:
    return (PLACED | UNPLACED)[name].replace("@", TAG).encode()


@pytest.mark.parametrize("name", [*PLACED, *UNPLACED])
@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_given_a_page_in_parts_then_the_tag_is_in_and_without_it_not_a_byte_differs(
    name: str, size: int
) -> None:
    page = split((PLACED | UNPLACED)[name])[0].encode()
    sizes = [size] * (len(page) // size)

    out = pushed(page, sizes)

    assert out == with_tag(name)
    assert out.replace(TAG.encode(), b"", 1) == page


@pytest.mark.parametrize("name", PLACED)
@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_given_a_packed_page_in_parts_then_it_unpacks_to_the_page_with_the_tag(
    name: str, size: int
) -> None:
    packed = gzip.compress(split(PLACED[name])[0].encode())

    assert gzip.decompress(pushed(packed, [size] * (len(packed) // size), packed=True)) == with_tag(
        name
    )


@pytest.mark.parametrize("name", UNPLACED)
def test_given_something_packed_that_is_no_page_then_the_very_bytes_go_out(name: str) -> None:
    packed = gzip.compress(UNPLACED[name].encode(), mtime=7)

    assert pushed(packed, [3] * 10, packed=True) == packed


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_given_utf_16_then_the_tag_is_written_in_it(encoding: str) -> None:
    page = ("\ufeff" + split(PLACED["plain"])[0]).encode(encoding)

    assert pushed(page, [7]) == ("\ufeff" + PLACED["plain"].replace("@", TAG)).encode(encoding)


@given(st.binary(max_size=200), st.lists(st.integers(0, 30), max_size=12), st.booleans())
def test_given_any_bytes_behind_a_head_in_any_parts_then_they_are_what_they_were(
    rest: bytes, sizes: list[int], packed: bool
) -> None:
    page = b"<!doctype html><head>" + rest

    out = pushed(gzip.compress(page) if packed else page, sizes, packed=packed)

    assert (gzip.decompress(out) if packed else out) == b"<!doctype html><head>%b%b" % (
        TAG.encode(),
        rest,
    )


@pytest.mark.parametrize("packed", [False, True])
def test_given_a_head_beyond_the_limit_then_the_very_bytes_go_out(packed: bool) -> None:
    page = b"<!doctype html><!--" + b"a" * LIMIT + b"--><html><head><title>late</title>"
    sent = gzip.compress(page) if packed else page

    assert pushed(sent, [100] * 200, packed=packed) == sent


def test_given_a_huge_head_then_the_tag_goes_to_its_beginning() -> None:
    page = b"<html><head>" + b"<meta name=a content=b>" * 10_000

    assert pushed(page, [4096] * 60) == page.replace(b"<head>", b"<head>" + TAG.encode())


@pytest.mark.parametrize("sent", [b"", b"<html><head>not packed at all", b"\x1f\x8b\x08broken"])
def test_given_a_coding_that_is_not_what_it_says_then_the_very_bytes_go_out(sent: bytes) -> None:
    assert pushed(sent, [1] * 4, packed=True) == sent


def test_given_packed_bytes_that_break_after_the_tag_then_that_is_said() -> None:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    begun = packer.compress(b"<html><head>") + packer.flush(zlib.Z_SYNC_FLUSH)
    body = PageBody(Page(True, "", TAG, ()))
    body.add(begun)
    body.take()

    body.add(b"\xff" * 40)

    with pytest.raises(BadGzip):
        body.take()


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"\x1f\x8b\x08\x08" + bytes(6), b"name"),
        (gzip.compress(b"", mtime=0)[:10], b"\0\0\0\xff\xff"),
    ],
    ids=["in the head", "in the body"],
)
def test_s46_given_packed_bytes_that_unpack_to_nothing_then_there_is_an_end_to_holding_them(
    beginning: bytes, more: bytes
) -> None:
    body = PageBody(Page(True, "", TAG, ()))
    body.add(beginning)
    out = body.take()
    for _ in range(20):
        body.add(more * 2_000)
        out += body.take()

    assert body.changed is False
    assert out == beginning + more * 40_000


def test_given_the_beginning_then_nothing_goes_out_before_it_is_known_what_it_is() -> None:
    body = PageBody(Page(False, "", TAG, ()))
    body.add(b"<!doctype html><ht")

    assert body.take() == b""
    assert body.changed is None


def test_given_a_page_then_it_is_known_how_much_longer_it_gets_unless_it_is_packed() -> None:
    wide = PageBody(Page(False, "utf-16", TAG, ()))
    wide.add("<html><head>".encode("utf-16-le"))
    wide.take()

    assert wide.grows_by == 2 * len(TAG)
    assert PageBody(Page(True, "", TAG, ())).grows_by is None


def test_s46_given_a_bomb_behind_the_head_then_it_goes_out_in_many_small_parts() -> None:
    body = PageBody(Page(True, "", TAG, ()))
    body.add(gzip.compress(b"<html><head>" + bytes(30_000_000)))
    out = [body.take()]
    while body.waiting:
        out.append(body.take())

    assert len(out) > 200
    assert max(map(len, out)) < 10_000
    assert len(gzip.decompress(b"".join(out))) == 30_000_012 + len(TAG)
