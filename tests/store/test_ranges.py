"""Several sorted sets, read as one list."""

from sidecar.store.ranges import Entry, Ranges
from sidecar.store.seek import Range
from tests.store.rig import Rig


async def scores(rig: Rig, name: str, values: dict[str, int], lower: int = 0) -> Range:
    for member, score in values.items():
        await rig.database.command("ZADD", name, score, member)
    return Range(0, name, lower, session_class=name, length=len(values))


async def read(rig: Rig, sources: list[Range], offset: int, *, descending: bool) -> list[str]:
    merged = Ranges(rig.database).merged(sources, offset, 1, descending=descending)
    return [entry.handle.decode() async for found in merged for entry in found]


async def test_given_two_sets_when_they_are_read_then_they_are_one_list(rig: Rig) -> None:
    one = await scores(rig, "x", {"a": 1, "c": 3, "e": 5})
    other = await scores(rig, "y", {"b": 2, "d": 3})

    assert await read(rig, [one, other], 0, descending=False) == ["a", "b", "c", "d", "e"]
    assert await read(rig, [one, other], 2, descending=True) == ["c", "b", "a"]
    assert await read(rig, [one, other], 9, descending=True) == []


async def test_given_scores_up_to_the_mark_then_they_are_not_of_the_range(rig: Rig) -> None:
    source = await scores(rig, "x", {"a": 1, "b": 2, "c": 3}, lower=2)

    assert await read(rig, [source], 0, descending=False) == ["c"]


async def test_given_dead_ones_when_a_list_is_read_then_they_do_not_count(rig: Rig) -> None:
    source = await scores(rig, "x", {"a": 1, "b": 2, "c": 3})
    holed = Range(0, "x", 0, length=3, dead=((2, b"b"),))

    assert await read(rig, [holed], 1, descending=False) == ["c"]
    assert [entry async for found in Ranges(rig.database).all([holed]) for entry in found] == [
        Entry(1, b"a", ""),
        Entry(3, b"c", ""),
    ]
    assert source.length == 3


async def test_given_entries_that_go_while_all_are_read_then_none_of_the_others_is_missed(
    rig: Rig,
) -> None:
    source = await scores(rig, "x", {f"m{number}": number + 1 for number in range(3000)})
    found = set()

    async for entries in Ranges(rig.database).all([source]):
        found |= {entry.handle for entry in entries}
        if entries:
            await rig.database.command("ZREM", "x", *(entry.handle for entry in entries))

    assert len(found) == 3000


async def test_given_nothing_to_read_then_the_list_is_empty(rig: Rig) -> None:
    assert await read(rig, [], 0, descending=False) == []
    assert await read(rig, [Range(0, "none", 0)], 700, descending=True) == []
