"""Which entry is the first that is not as it was sealed."""

from dataclasses import replace
from hashlib import sha256

import pytest

from sidecar.core.audit_seal import Breach, SealedSpan
from sidecar.store.audit_compare import Part, first_difference
from sidecar.store.audit_leaves import Raw, indexed, leaves_of
from sidecar.store.audit_seals import StoredSeal, pack_index, write_seal
from tests.core.test_audit_seal import a_seal

ONE = Raw([b"1-0", b"2-0", b"3-0"], [b"one", b"two", b"three"])
OTHER = Raw([b"1-0", b"2-1"], [b"uno", b"due"])


def sealed() -> StoredSeal:
    """A seal over both, in the partitions 2 and 5."""
    entries = [
        indexed(own_id, leaf)
        for part, raw in ((2, ONE), (5, OTHER))
        for own_id, leaf in zip(raw.ids, leaves_of(part, raw), strict=True)
    ]
    index = pack_index(entries)
    spans = (SealedSpan(2, "1-0", "3-0", 3), SealedSpan(5, "1-0", "2-1", 2))
    seal = replace(a_seal(9, 9), spans=spans, index_hash=sha256(index).digest())
    return StoredSeal(seal, write_seal(seal), b"", index)


def found(one: Raw, other: Raw = OTHER, *, front: bool = False, on: bool = True) -> tuple[str, str]:
    parts = {2: Part(one, front, on), 5: Part(other, front, True)}
    finding = first_difference(sealed(), parts)
    return finding.breach.value, finding.entry_id


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (Raw(ONE.ids, [b"one", b"TWO", b"THREE"]), ("changed", "2-0-02")),
        (Raw(ONE.ids, [b"one", None, b"three"]), ("changed", "2-0-02")),
        (Raw(ONE.ids, [b"one", b"three", b"two"]), ("reordered", "2-0-02")),
        (Raw([b"1-0", b"3-0"], [b"one", b"three"]), ("removed", "2-0-02")),
        (Raw([b"2-0", b"3-0"], [b"two", b"three"]), ("removed", "1-0-02")),
        (Raw([b"1-0", b"1-1", b"3-0"], [b"one", b"", b"three"]), ("inserted", "1-1-02")),
        (Raw([], []), ("removed", "1-0-02")),
    ],
)  # fmt: skip
def test_given_entries_that_differ_then_the_first_one_is_named(
    one: Raw, expected: tuple[str, str]
) -> None:
    assert found(one) == expected


def test_given_differences_in_two_partitions_then_the_older_entry_is_named() -> None:
    other = Raw(OTHER.ids, [b"uno", b"tre"])

    assert found(Raw(ONE.ids, [b"one", b"two", b"drei"]), other) == ("changed", "2-1-05")


def test_given_nothing_behind_what_is_missing_then_the_end_was_cut_off() -> None:
    assert found(Raw([b"1-0"], [b"one"]), on=False) == ("cut_off_at_end", "2-0-02")


def test_given_nothing_before_what_is_missing_then_the_front_was_cut_off() -> None:
    assert found(Raw([b"3-0"], [b"three"]), front=True) == ("cut_off_at_front", "1-0-02")


def test_given_entries_that_are_right_or_an_index_that_is_not_then_it_is_the_seal() -> None:
    assert found(ONE) == ("seal_changed", "")
    broken = replace(sealed(), index=pack_index([]))
    assert first_difference(broken, {}).breach is Breach.SEAL_CHANGED
    assert first_difference(replace(broken, index=b"none"), {}).breach is Breach.SEAL_CHANGED
