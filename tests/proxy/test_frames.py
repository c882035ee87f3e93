from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader

from sidecar.proxy.frames import GOING_AWAY, FrameFollower, close_frame

DATA = [Opcode.TEXT, Opcode.BINARY, Opcode.CONT]
CONTROL = [Opcode.PING, Opcode.PONG]
BORDERS = [0, 1, 125, 126, 127, 255, 65_535, 65_536]


def wire(opcode: Opcode, size: int, *, masked: bool) -> bytes:
    """Return a frame as a library of somebody else writes it; a control frame is never long."""
    if opcode in CONTROL:
        size = min(size, 125)
    return Frame(opcode, bytes(size)).serialize(mask=masked)


frames = st.builds(
    wire,
    st.sampled_from(DATA + CONTROL),
    st.one_of(st.sampled_from(BORDERS), st.integers(0, 300)),
    masked=st.booleans(),
)


def ends_of(written: Sequence[bytes]) -> set[int]:
    """Where one frame ends, and before the first one."""
    ends = {0}
    for frame in written:
        ends.add(max(ends) + len(frame))
    return ends


@given(st.lists(frames, max_size=8), st.data())
def test_given_frames_when_they_are_cut_anywhere_then_each_end_of_a_frame_is_seen_and_no_other(
    written: list[bytes], data: st.DataObject
):
    stream, ends = b"".join(written), ends_of(written)
    near = [at for end in ends for at in range(end - 12, end + 13) if 0 <= at <= len(stream)]
    anywhere = st.one_of(st.sampled_from(near), st.integers(0, len(stream)))
    cuts = sorted({0, len(stream), *data.draw(st.lists(anywhere, max_size=30))})
    follower = FrameFollower()

    seen = []
    for start, stop in pairwise(cuts):
        follower.feed(stream[start:stop])
        seen.append(follower.between_frames)

    assert seen == [stop in ends for stop in cuts[1:]]
    assert not follower.closing


def test_given_a_long_message_in_parts_then_each_part_has_something_of_it_and_a_pong_has_not():
    follower, said = FrameFollower(), []
    message = wire(Opcode.BINARY, 300, masked=True)

    for part in (message[:100], message[100:200], message[200:], wire(Opcode.PONG, 5, masked=True)):
        follower.feed(part)
        said.append(follower.spoke)

    assert said == [True, True, True, False]


@given(st.lists(frames, min_size=1, max_size=3))
def test_given_frames_when_they_come_byte_by_byte_then_each_end_of_a_frame_is_seen(
    written: list[bytes],
):
    written = [frame[:2_000] for frame in written if len(frame) < 2_000]
    stream, ends = b"".join(written), ends_of(written)
    follower = FrameFollower()

    seen = {0}
    for at in range(len(stream)):
        follower.feed(stream[at : at + 1])
        if follower.between_frames:
            seen.add(at + 1)

    assert seen == ends


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=10))
def test_given_bytes_that_may_be_anything_when_they_are_cut_then_it_makes_no_difference(
    stream: bytes, places: list[int]
):
    whole, cut = FrameFollower(), FrameFollower()
    whole.feed(stream)
    cuts = sorted({0, len(stream), *(place for place in places if place < len(stream))})
    for start, stop in pairwise(cuts):
        cut.feed(stream[start:stop])

    assert (cut.between_frames, cut.closing) == (whole.between_frames, whole.closing)


def test_given_nothing_when_it_is_asked_then_it_is_between_frames():
    follower = FrameFollower()
    follower.feed(b"")

    assert follower.between_frames
    assert not follower.closing


@pytest.mark.parametrize("masked", [True, False])
def test_given_a_close_frame_when_it_passes_then_it_is_known_from_its_first_bytes(masked: bool):
    follower = FrameFollower()
    frame = Frame(Opcode.CLOSE, Close(1000, "bye").serialize()).serialize(mask=masked)

    follower.feed(wire(Opcode.TEXT, 5, masked=masked) + frame[:1])
    first = follower.closing
    follower.feed(frame[1:2])
    begun = (follower.closing, follower.between_frames)
    follower.feed(frame[2:])

    assert not first
    assert begun == (True, False)
    assert (follower.closing, follower.between_frames) == (True, True)


def test_given_a_length_that_cannot_be_when_more_passes_then_it_is_never_between_frames_again():
    follower = FrameFollower()
    follower.feed(b"\x82\x7f" + b"\xff" * 8)

    for _ in range(100):
        follower.feed(wire(Opcode.TEXT, 5, masked=False))

    assert not follower.between_frames


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("reason", ["", "the session has ended", "é" * 61])
def test_given_a_code_when_its_frame_is_written_then_a_library_of_others_reads_it(
    masked: bool, reason: str
):
    stream = StreamReader()
    stream.feed_data(close_frame(GOING_AWAY, reason, masked=masked))
    stream.feed_eof()

    reading = Frame.parse(stream.read_exact, mask=masked)
    with pytest.raises(StopIteration) as read:
        next(reading)

    frame = read.value.value
    assert (frame.opcode, frame.fin) == (Opcode.CLOSE, True)
    assert Close.parse(frame.data) == Close(1001, reason)
    assert not stream.buffer


def test_given_a_reason_that_is_too_long_when_its_frame_is_written_then_it_is_refused():
    with pytest.raises(ValueError, match="at most 123 bytes"):
        close_frame(1008, "x" * 124, masked=False)


def test_given_two_masked_frames_when_they_are_written_then_their_masks_differ():
    assert len({close_frame(GOING_AWAY, masked=True) for _ in range(8)}) > 1
