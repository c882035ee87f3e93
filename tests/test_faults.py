"""Faults: a line for people that says where, which key, what is wrong, and what is accepted."""

from sidecar.faults import Fault, report, unknown


def test_given_faults_when_they_are_reported_then_each_is_one_line_under_the_heading() -> None:
    faults = [Fault("a", "k", "is bad"), Fault("b", "", "is worse")]

    assert report("Wrong:", faults) == "Wrong:\n  a: k: is bad\n  b: is worse"


def test_given_no_accepted_names_when_one_is_unknown_then_that_is_said() -> None:
    assert unknown("x", []) == "unknown key (nothing is accepted here)"
