import pytest

from sidecar.front.live_frames import (
    CLOSE,
    PING,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    UNSUPPORTED,
    Frame,
    FrameFault,
    FrameReader,
    write_frame,
)
from tests.front.talking import masked

TWO = masked(0x81, b"one") + masked(0x89, b"two")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
def test_given_frames_in_pieces_when_they_are_fed_then_each_comes_once_it_is_whole(size: int):
    reader = FrameReader()

    found = [frame for at in range(0, len(TWO), size) for frame in reader.feed(TWO[at : at + size])]

    assert found == [Frame(TEXT, b"one"), Frame(PING, b"two")]


def test_given_the_longest_frame_when_it_is_fed_then_it_is_read():
    payload = bytes(range(125))

    assert list(FrameReader().feed(masked(0x88, payload))) == [Frame(CLOSE, payload)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x03abc", PROTOCOL_ERROR),  # not masked
        (masked(0xC1, b"abc"), PROTOCOL_ERROR),  # compressed, as nobody agreed to
        (masked(0x83, b"abc"), PROTOCOL_ERROR),  # a kind that there is not
        (masked(0x09, b"abc"), PROTOCOL_ERROR),  # a ping in several parts
        (masked(0x01, b"abc"), UNSUPPORTED),  # the first of several parts
        (masked(0x80, b"abc"), UNSUPPORTED),  # the last of them
        (masked(0x82, b"abc"), UNSUPPORTED),  # binary
        (masked(0x81, b"x" * 126), TOO_BIG),
        (b"\x81\xff" + b"\xff" * 8, TOO_BIG),
    ],
)
def test_given_what_no_page_of_ours_sends_when_it_is_fed_then_its_fault_is_named(
    data: bytes, code: int
):
    with pytest.raises(FrameFault) as raised:
        list(FrameReader().feed(data))

    assert raised.value.code == code


def test_given_a_good_frame_before_a_bad_one_when_they_are_fed_then_the_good_one_still_comes():
    frames = FrameReader().feed(masked(0x81, b"one") + b"\x81\x03abc")

    assert next(frames) == Frame(TEXT, b"one")
    with pytest.raises(FrameFault):
        next(frames)


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_given_a_payload_when_it_is_framed_then_the_length_is_written_as_short_as_can_be(
    size: int, head: bytes
):
    assert write_frame(TEXT, b"x" * size) == head + b"x" * size
