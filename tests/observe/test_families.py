import re
from itertools import pairwise

from sidecar.core.reasons import Ended
from sidecar.observe.families import CELL_COUNT, FAMILIES, OFFSETS, SESSIONS_ENDED

FORBIDDEN_LABELS = {"user", "username", "user_id", "handle", "session", "path", "url", "ip"}


def test_given_the_families_when_they_are_laid_out_then_no_two_share_a_cell() -> None:
    spans = [(OFFSETS[family.name], OFFSETS[family.name] + family.width) for family in FAMILIES]

    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert spans[-1][1] == CELL_COUNT


def test_given_the_families_when_they_are_named_then_the_names_follow_the_convention() -> None:
    for family in FAMILIES:
        assert re.fullmatch(r"sidecar_[a-z_]+", family.name)
        assert family.name.endswith("_total") == (family.kind == "counter")
        assert family.help.endswith(".")


def test_given_a_histogram_when_it_is_declared_then_its_buckets_rise_and_it_is_in_seconds() -> None:
    for family in FAMILIES:
        if family.kind == "histogram":
            assert family.name.endswith("_seconds")
            assert list(family.buckets) == sorted(set(family.buckets))


def test_given_the_labels_when_they_are_declared_then_none_names_a_person_or_a_path() -> None:
    assert not {family.label for family in FAMILIES} & FORBIDDEN_LABELS


def test_given_every_reason_of_an_end_when_it_is_counted_then_it_has_a_series() -> None:
    assert set(SESSIONS_ENDED.values) == {reason.value for reason in Ended}
