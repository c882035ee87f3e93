"""The rules that count, each at its threshold and one below; and those about the product itself."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sidecar.core.alarm_counts import (
    LONGEST,
    audit_unsealed,
    counted,
    kept_for,
    overall_failures,
    threshold_of,
    with_person,
)
from sidecar.core.alarm_facts import FailureRate, Mark, Observation
from sidecar.core.alarms import Finding
from sidecar.core.instants import write_instant
from sidecar.core.policy import ALARMS
from sidecar.core.session import Handle
from tests.core.alarm_facts import MINUTE, NOON, a_mark, ago, ann, used

KINDS = [
    ("failed_logins", "user:ann", 5),
    ("failed_logins", "ip:203.0.113.9", 20),
    ("lockout", "ann", 1),
    ("dead_token", "ann", 1),
    ("cap_reached", "ann", 1),
    ("mass_revocation", "ann", 50),
    ("webhook_failing", "w1", 1),
    ("policy_reload_failed", "", 1),
]


def found(kind: str, subject: str, marks: Sequence[Mark], **more: bool) -> Finding | None:
    return counted(Observation(kind, subject, None), marks, ALARMS[kind], NOON, **more)


@pytest.mark.parametrize(("kind", "subject", "threshold"), KINDS)
def test_given_marks_of_a_subject_then_the_threshold_is_an_alarm_and_one_below_is_none(
    kind: str, subject: str, threshold: int
) -> None:
    marks = [a_mark(1 + number / 100) for number in range(threshold)]

    at, below = found(kind, subject, marks), found(kind, subject, marks[1:])

    assert threshold_of(kind, subject, ALARMS[kind]) == threshold
    assert below is None
    assert at is not None
    assert (at.kind, at.subject, at.count) == (kind, subject, threshold)
    assert threshold in at.evidence.counts.values()
    assert (at.first_seen_at, at.last_seen_at) == (marks[-1].at, marks[0].at)


@pytest.mark.parametrize(("kind", "subject", "threshold"), KINDS)
def test_given_one_of_the_marks_before_the_window_then_there_is_no_alarm(
    kind: str, subject: str, threshold: int
) -> None:
    window = ALARMS[kind].window / MINUTE
    marks = [a_mark(1 + number / 100) for number in range(threshold - 1)]

    assert found(kind, subject, [*marks, a_mark(window)]) is None
    assert found(kind, subject, [*marks, a_mark(window - 0.01)]) is not None


@pytest.mark.parametrize(("weight", "alarms"), [(49, False), (50, True), (1000, True)])
def test_given_one_act_that_ends_many_then_each_of_them_counts(weight: int, alarms: bool) -> None:
    assert (found("mass_revocation", "adam", [a_mark(weight=weight)]) is not None) is alarms


@pytest.mark.parametrize(
    ("kind", "lasts"),
    [("webhook_failing", True), ("policy_reload_failed", True), ("lockout", False)],
)
def test_given_an_alarm_then_some_last_until_it_is_mended_and_others_until_the_window_is_over(
    kind: str, lasts: bool
) -> None:
    old = [a_mark(5000)]

    assert (found(kind, "s", old, is_raised=True) is not None) is lasts
    assert found(kind, "s", old) is None
    assert found(kind, "s", [], is_raised=True) is None
    assert (kept_for(kind, ALARMS[kind]) == LONGEST) is lasts


def test_given_failures_from_one_address_then_it_says_of_how_many_names() -> None:
    marks = [
        a_mark(1 + number / 100, address="203.0.113.9", details={"name": f"n{number % 3}"})
        for number in range(20)
    ]

    finding = found("failed_logins", "ip:203.0.113.9", marks)

    assert finding is not None
    assert finding.evidence.counts == {"failures": 20, "names": 3}
    assert finding.evidence.details == {}
    assert finding.evidence.ip_addresses == ("203.0.113.9",)


def test_given_somebody_behind_it_then_their_sessions_and_devices_are_part_of_the_evidence() -> (
    None
):
    dead, session = Handle("dead"), used("192.0.2.1")
    finding = found("dead_token", "ann", [a_mark(handle=dead), a_mark(2, handle=dead)])
    assert finding is not None

    finding = with_person(finding, ann(sessions=[session]))

    assert finding.username == "ann"
    assert finding.evidence.handles == (dead, session.handle)
    assert finding.evidence.devices == ("Firefox on Linux",)


@pytest.mark.parametrize(
    ("recent", "usual", "alarms"),
    [
        (50, 0.0, True),
        (49, 0.0, False),
        (50, 12.5, True),
        (50, 12.6, False),
        (400, 100.0, True),
        (399, 100.0, False),
    ],
)
def test_given_failures_of_everybody_then_they_are_many_and_many_times_the_usual(
    recent: int, usual: float, alarms: bool
) -> None:
    rate = FailureRate(recent, usual, ago(1))

    finding = overall_failures(rate, ALARMS["failed_logins"])

    assert (finding is not None) is alarms
    assert finding is None or finding.evidence.counts == {"failures": recent, "usual": round(usual)}
    assert overall_failures(rate, replace(ALARMS["failed_logins"], overall=None)) is None


def outage(begin: float, end: float) -> Mark:
    return a_mark(end, details={"begin": write_instant(ago(begin))})


@pytest.mark.parametrize(
    ("marks", "outages", "seconds"),
    [
        ([outage(10, 9)], 1, 60),
        ([outage(10, 9), outage(9.9, 8.9), outage(9.5, 9)], 1, 66),  # three workers, one outage
        ([outage(10, 9), outage(5, 4.9)], 2, 66),
        ([outage(62, 60)], 0, 0),
        ([], 0, 0),
    ],
)
def test_given_outages_that_every_worker_tells_of_then_what_overlaps_was_one(
    marks: list[Mark], outages: int, seconds: int
) -> None:
    finding = found("store_degraded", "", marks)
    twice = counted(
        Observation("store_degraded", "", None),
        marks,
        replace(ALARMS["store_degraded"], threshold=2),
        NOON,
    )

    assert (finding.evidence.counts if finding else {}) == (
        {"outages": outages, "seconds": seconds} if outages else {}
    )
    assert (twice is not None) is (outages >= 2)
    if finding is not None:
        assert finding.evidence.details["end"] == write_instant(finding.last_seen_at)


@pytest.mark.parametrize(("seconds", "alarms"), [(60, True), (59.9, False), (0, False)])
def test_given_an_entry_without_a_seal_then_it_may_wait_for_a_minute(
    seconds: float, alarms: bool
) -> None:
    finding = audit_unsealed(ago(seconds / 60), ALARMS["audit_unsealed"], NOON)

    assert (finding is not None) is alarms
    assert audit_unsealed(None, ALARMS["audit_unsealed"], NOON) is None
