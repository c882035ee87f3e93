"""Entries as leaves: what is hashed is what is stored, and nothing else passes for it."""

from sidecar.core.merkle import leaf_hash
from sidecar.store.audit_leaves import Raw, indexed, leaf_content, leaves_of, numbers_of, read_raw
from tests.store.rig import Rig


def test_given_entries_then_their_leaves_are_those_of_the_tree() -> None:
    raw = Raw([b"1-0", b"2-7"], [b"one", b"two"])

    assert leaves_of(3, raw) == [leaf_hash(b"1-0-03\none"), leaf_hash(b"2-7-03\ntwo")]
    assert leaf_content(b"2-7", 3, b"two") == b"2-7-03\ntwo"
    assert leaves_of(4, raw) != leaves_of(3, raw)


def test_given_an_entry_then_its_index_sorts_as_its_id() -> None:
    assert indexed(b"10-2", b"0123456789") == (10, 2, b"01234567")
    assert numbers_of("10-2") < numbers_of(b"10-11") < numbers_of("11-0")


async def test_given_other_fields_than_an_entrys_when_it_is_read_then_it_has_no_body(
    rig: Rig,
) -> None:
    key, add = rig.keys.audit(0), rig.database.command
    await add("XADD", key, "1-0", "e", "one")
    await add("XADD", key, "2-0", "e", "forged", "e", "two")
    await add("XADD", key, "3-0", "x", "three")

    assert await read_raw(rig.database, 0, "0-0", 10) == (
        [b"1-0", b"2-0", b"3-0"],
        [b"one", None, None],
    )
    assert await read_raw(rig.database, 0, "1-0", 10, last="2-0") == ([b"2-0"], [None])
