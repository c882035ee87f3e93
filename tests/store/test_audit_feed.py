"""Entries of one stream in order, however they are asked for."""

from sidecar.store.audit_feed import Feed
from tests.store.rig import Rig


async def a_feed(rig: Rig, count: int, piece: int) -> Feed:
    for number in range(1, count + 1):
        await rig.database.command("XADD", rig.keys.audit(0), f"{number}-0", "e", str(number))
    return Feed(rig.database, 0, "0-0", piece)


async def test_given_pieces_of_any_size_then_what_is_taken_is_in_order(rig: Rig) -> None:
    feed = await a_feed(rig, 23, piece=5)
    taken: list[bytes | None] = []

    for count in (1, 7, 0, 3, 11, 9):
        raw = await feed.take(count)
        assert len(raw.ids) == len(raw.bodies)
        taken += raw.bodies

    assert taken == [str(number).encode() for number in range(1, 24)]
    assert not await feed.goes_on()
    await feed.close()


async def test_given_entries_that_were_given_back_then_they_are_taken_again_up_to_an_id(
    rig: Rig,
) -> None:
    feed = await a_feed(rig, 12, piece=4)
    await feed.take(3)
    await feed.take(5)

    feed.give_back(5)

    assert list((await feed.take_to("6-0")).bodies) == [b"4", b"5", b"6"]
    assert await feed.goes_on()
    assert list((await feed.take_to("99-0")).bodies) == [b"7", b"8", b"9", b"10", b"11", b"12"]
    assert list((await feed.take_to("100-0")).bodies) == []
    await feed.close()


async def test_given_a_feed_that_reads_ahead_when_it_is_closed_then_nothing_is_left(
    rig: Rig,
) -> None:
    feed = await a_feed(rig, 9, piece=2)
    await feed.take(1)

    await feed.close()

    assert feed._reading is None
