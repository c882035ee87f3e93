import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.proxy.gzip_body import SLICE, BadGzip, GzipBody

TEXT = b"".join(b"<tr><td>%d</td></tr>\n" % number for number in range(10_000))


def parts(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def through(packed: list[bytes], change: bytes = b"") -> bytes:
    """Unpack all parts, put `change` before them, and pack again."""
    body, out = GzipBody(), b""
    for part in packed:
        body.add(part)
        while body.waiting:
            out += body.pack(change + body.unpack())
            change = b""
    return out


@pytest.mark.parametrize("size", [100, 10_000_000])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_given_gzip_in_parts_when_it_went_through_then_it_unpacks_to_the_same(
    size: int, level: int
) -> None:
    packed = gzip.compress(TEXT, level)

    assert gzip.decompress(through(parts(packed, size), b"<!-- -->")) == b"<!-- -->" + TEXT


@given(st.binary(max_size=300), st.integers(1, 50))
def test_given_anything_packed_when_it_went_through_then_it_unpacks_to_the_same(
    data: bytes, size: int
) -> None:
    assert gzip.decompress(through(parts(gzip.compress(data), size), b"x")) == b"x" + data


def test_given_a_part_then_all_of_it_can_be_unpacked_without_the_next() -> None:
    sender = zlib.compressobj(6, zlib.DEFLATED, 31)
    first = sender.compress(b"<html><head>") + sender.flush(zlib.Z_SYNC_FLUSH)
    body = GzipBody()

    body.add(first)
    out = body.pack(body.unpack())

    assert zlib.decompressobj(31).decompress(out) == b"<html><head>"
    assert not body.waiting


def test_s46_given_a_bomb_then_each_slice_is_small_and_all_of_them_come() -> None:
    body, slices = GzipBody(), []
    body.add(gzip.compress(bytes(50_000_000)))
    while body.waiting:
        slices.append(len(body.unpack()))

    assert sum(slices) == 50_000_000
    assert max(slices) == SLICE


def test_given_gzip_without_its_end_then_what_goes_out_has_none_either() -> None:
    out = through([gzip.compress(TEXT)[:-9]])

    reader = zlib.decompressobj(31)
    assert TEXT.startswith(reader.decompress(out)[:-100])
    assert not reader.eof


def test_given_bytes_after_the_end_then_they_follow_it_as_they_came() -> None:
    out = through(parts(gzip.compress(b"one") + b"trailing bytes", 5))

    reader = zlib.decompressobj(31)
    assert reader.decompress(out) == b"one"
    assert reader.unused_data == b"trailing bytes"


def test_s46_given_more_gzip_after_the_end_then_none_of_it_is_kept_back() -> None:
    body, other = GzipBody(), gzip.compress(TEXT)
    body.add(gzip.compress(b"one"))
    body.pack(body.unpack())

    for _ in range(3):
        body.add(other)
        assert body.pack(body.unpack()) == other
        assert not body.waiting


@pytest.mark.parametrize("data", [b"<html>", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xff\xff"])
def test_given_what_is_no_gzip_then_that_is_said(data: bytes) -> None:
    body = GzipBody()
    body.add(data)

    with pytest.raises(BadGzip):
        body.unpack()
