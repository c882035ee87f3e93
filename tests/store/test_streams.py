"""The merge of many streams by id."""

import asyncio

import pytest

from sidecar.store.streams import StreamId, Streams
from tests.store.rig import Rig


async def some_streams(rig: Rig, *entries: tuple[int, int]) -> Streams:
    """Three streams with entries at (millisecond, stream)."""
    names = [f"sidecar:{{p{part:02d}}}:x" for part in range(3)]
    for at, part in entries:
        await rig.database.command("XADD", names[part], f"{at}-0", "e", f'{{"at":{at}}}')
    return Streams(rig.database, names)


ENTRIES = ((5, 0), (5, 1), (5, 2), (7, 1), (9, 0), (11, 2))


@pytest.mark.parametrize("size", [1, 2, 3, 6])
async def test_given_entries_in_many_streams_when_they_are_paged_then_none_is_lost_or_twice(
    rig: Rig, size: int
) -> None:
    streams = await some_streams(rig, *ENTRIES)
    forwards: list[StreamId] = []

    while page := await streams.oldest(size, forwards[-1] if forwards else None):
        forwards += [entry_id for entry_id, _ in page]

    assert forwards == [StreamId(at, 0, part) for at, part in sorted(ENTRIES)]


async def test_given_a_stream_whose_clock_is_behind_when_it_is_followed_then_nothing_is_missed(
    rig: Rig,
) -> None:
    streams = await some_streams(rig, (100, 0))
    positions = await streams.ends()
    assert positions == ["100-0", "0-0", "0-0"]
    await some_streams(rig, (200, 0))
    first = await streams.since(positions, 10)
    await some_streams(rig, (50, 1), (201, 0))

    second = await streams.since(positions, 10)

    assert [content["at"] for _, content in first] == [200]
    assert [content["at"] for _, content in second] == [50, 201]
    assert await streams.since(positions, 10) == []


@pytest.mark.parametrize("text", ["", "x", "1-2", "1-2-3", "-1-2-03", "1-2-03\n", "٣-1-00"])
def test_given_what_was_never_a_cursor_then_it_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        StreamId.parse(text)


def test_given_an_id_when_it_is_written_then_it_is_read_back() -> None:
    entry_id = StreamId(1779010200123, 4, 63)

    assert StreamId.parse(str(entry_id)) == entry_id
    assert str(entry_id) == "1779010200123-4-63"


async def test_given_an_entry_that_others_may_still_come_before_then_no_page_has_it(
    rig: Rig,
) -> None:
    ahead = round(await rig.database.time() * 1000) + 60_000
    streams = await some_streams(rig, (5, 0), (ahead, 1))

    assert [entry_id.milliseconds for entry_id, _ in await streams.oldest(10, None)] == [5]
    latest = await streams.latest()

    assert 5 < latest.milliseconds < ahead
    assert StreamId.parse(str(latest)) == latest


async def test_given_writers_to_many_streams_when_pages_follow_by_id_then_none_is_missed(
    rig: Rig,
) -> None:
    names = [f"sidecar:{{p{part:02d}}}:x" for part in range(8)]
    streams = Streams(rig.database, names)
    written: list[StreamId] = []

    async def write(part: int) -> None:
        for _ in range(60):
            raw = await rig.database.command("XADD", names[part], "*", "e", "{}")
            written.append(StreamId.parse(f"{raw.decode()}-{part:02d}"))

    writers = asyncio.gather(*(write(part) for part in range(8)))
    read: list[StreamId] = []
    while not writers.done() or set(read) < set(written):
        read += [at for at, _ in await streams.oldest(50, read[-1] if read else None)]

    await writers
    assert read == sorted(written)
