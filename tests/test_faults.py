"""Faults: a line for people that says where, which key, what is wrong, and what is accepted."""

import pytest

from sidecar.faults import Fault, entry, report, unknown


def test_given_faults_when_they_are_reported_then_each_is_one_line_under_the_heading() -> None:
    faults = [Fault("a", "k", "is bad"), Fault("b", "", "is worse")]

    assert report("Wrong:", faults) == "Wrong:\n  a: k: is bad\n  b: is worse"


def test_given_no_accepted_names_when_one_is_unknown_then_that_is_said() -> None:
    assert unknown("x", []) == "unknown key (nothing is accepted here)"


@pytest.mark.parametrize(
    ("place", "key", "line"),
    [
        ("--listen", "listen", "--listen: is bad"),
        ("--drain-timeout", "drain_timeout", "--drain-timeout: is bad"),
        ("$SIDECAR_REDIS__URL", "redis.url", "$SIDECAR_REDIS__URL: is bad"),
        ("$SIDECAR_LISTEN", "ops.listen", "$SIDECAR_LISTEN: ops.listen: is bad"),
        ("listen", "listen", "listen: listen: is bad"),
    ],
)
def test_given_a_flag_or_variable_that_says_its_key_then_the_line_does_not_repeat_it(
    place: str, key: str, line: str
) -> None:
    assert str(Fault(place, key, "is bad")) == line


@pytest.mark.parametrize(
    ("number", "table", "words"),
    [
        (1, {}, "(the 1st [[routes]])"),
        (2, {"path": "/a/**"}, '(the 2nd [[routes]] with path "/a/**")'),
        (3, {"path": 3}, "(the 3rd [[routes]])"),
        (12, "text", "(the 12th [[routes]])"),
        (21, {}, "(the 21st [[routes]])"),
        (113, {}, "(the 113th [[routes]])"),
    ],
)
def test_given_an_entry_of_a_list_then_it_is_said_as_one_counts_in_the_file(
    number: int, table: object, words: str
) -> None:
    assert entry("routes", number, table) == words
