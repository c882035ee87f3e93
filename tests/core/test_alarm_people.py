"""The rules about one person's sessions, at their threshold and one below."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.alarm_facts import PersonFacts, Place, Shift
from sidecar.core.alarm_people import (
    NEAR,
    impossible_travel,
    ip_spread,
    is_other_program,
    kilometres,
    session_shifts,
)
from sidecar.core.policy import ALARMS
from sidecar.core.session import Handle
from tests.core.alarm_facts import FIREFOX, MINUTE, NOON, ago, ann, seen, used

SPREAD, TRAVEL, SHIFT = (
    ALARMS[kind] for kind in ("ip_spread", "impossible_travel", "session_shift")
)
BERLIN, PARIS = Place(52.52, 13.40, name="Berlin, DE"), Place(48.85, 2.35, name="Paris, FR")
PLACES = {"192.0.2.1": BERLIN, "198.51.100.1": PARIS}
FOUR = ("192.0.2.1", "192.0.2.2", "198.51.100.1", "203.0.113.1")


@pytest.mark.parametrize(
    ("person", "addresses"),
    [
        (ann(*map(seen, FOUR)), 4),
        (ann(*map(seen, FOUR[:3])), 3),
        (ann(*map(seen, FOUR[:3]), seen(FOUR[3], 59)), 4),
        (ann(*map(seen, FOUR[:3]), seen(FOUR[3], 60)), 3),
        (ann(*map(seen, FOUR[:3]), seen("2001:db8::1"), seen("2001:db8::2:1")), 4),
        (ann(*map(seen, FOUR[:2]), seen("2001:db8::1"), seen("2001:db8::2:1")), 3),
        (ann(*map(seen, FOUR[:3]), seen("::ffff:192.0.2.1"), seen("unix")), 3),
        (ann(*map(seen, FOUR[:2]), sessions=[used(FOUR[2]), used(FOUR[3])]), 4),
        (ann(sessions=[replace(used(FOUR[0]), last_ip_address=FOUR[1])]), 2),
        (ann(), 0),
    ],
)
def test_given_the_addresses_of_a_person_then_four_within_the_window_are_an_alarm_and_three_never(
    person: PersonFacts, addresses: int
) -> None:
    found = ip_spread(person, SPREAD, NOON)

    assert (found is not None) is (addresses >= 4)
    if found is not None:
        assert found.count == found.evidence.counts["addresses"] == addresses
        assert len(found.evidence.ip_addresses) == addresses


def test_given_a_spread_then_it_says_who_and_from_where_the_newest_first() -> None:
    session = used(FOUR[0], 2)

    found = ip_spread(
        ann(*(seen(FOUR[n], 9 - n) for n in (1, 2, 3)), sessions=[session]), SPREAD, NOON
    )

    assert found is not None
    assert (found.kind, found.subject, found.user_id, found.username) == (
        "ip_spread",
        "ann",
        "ann",
        "ann",
    )
    assert found.evidence.ip_addresses == (FOUR[0], FOUR[3], FOUR[2], FOUR[1])
    assert found.evidence.handles == (session.handle,)
    assert found.evidence.devices == ("Firefox on Linux",)
    assert (found.first_seen_at, found.last_seen_at) == (ago(8), ago(2))


@pytest.mark.parametrize(
    ("minutes", "radius", "alarms"),
    [
        (1, 0, True),
        (58, 0, True),  # 878 km in 58 minutes: 908 km/h
        (60, 0, False),
        (1, 150, True),
        (1, 200, False),  # within what is known of both they may be less than 500 km apart
    ],
)
def test_given_two_places_then_it_depends_on_how_fast_one_would_have_to_be(
    minutes: float, radius: int, alarms: bool
) -> None:
    places = {address: place._replace(radius=radius) for address, place in PLACES.items()}
    person = ann(seen("192.0.2.1", 1 + minutes), seen("198.51.100.1", 1))

    found = impossible_travel(person, TRAVEL, NOON, places.get)

    assert (found is not None) is alarms
    if found is not None:
        assert found.evidence.details == {"from": "Berlin, DE", "to": "Paris, FR"}
        assert found.evidence.ip_addresses == ("198.51.100.1", "192.0.2.1")
        assert found.evidence.counts["minutes"] == minutes


def test_given_addresses_that_nobody_can_place_then_there_is_no_travel() -> None:
    assert impossible_travel(ann(*map(seen, FOUR)), TRAVEL, NOON, lambda _: None) is None


def test_given_places_on_the_globe_then_the_way_between_them_is_known() -> None:
    assert round(kilometres(BERLIN, PARIS)) == 878
    assert kilometres(BERLIN, BERLIN) == 0
    assert round(kilometres(Place(0, 0), Place(0, 180))) == 20015
    assert NEAR < 878


@pytest.mark.parametrize(
    ("minutes", "live", "shifts", "alarms"),
    [(1, True, 1, True), (60, True, 1, False), (1, False, 1, False), (1, True, 0, False)],
)
def test_given_a_session_elsewhere_by_another_program_then_it_is_an_alarm_while_it_lives(
    minutes: float, live: bool, shifts: int, alarms: bool
) -> None:
    session = used("192.0.2.1", 90)
    shift = Shift(session.handle, ago(minutes), "203.0.113.66", "curl/8.5.0")
    other = Shift(Handle("another"), ago(1), "203.0.113.66", "curl/8.5.0")

    person = ann(sessions=[session] if live else [], shifts=[other, *[shift] * shifts])
    found = session_shifts(person, SHIFT, NOON)

    assert [each.subject for each in found] == ([session.handle] if alarms else [])
    for each in found:
        assert each.evidence.ip_addresses == ("203.0.113.66", "192.0.2.1")
        assert each.evidence.details == {"was": FIREFOX, "is": "curl/8.5.0"}
        assert (each.user_id, each.evidence.handles) == ("ann", (session.handle,))


def test_given_a_higher_threshold_then_one_shift_is_none() -> None:
    session = used("192.0.2.1")
    shift = Shift(session.handle, ago(1), "203.0.113.66", "curl/8.5.0")
    rule = replace(SHIFT, threshold=2, window=timedelta(minutes=5))

    assert not session_shifts(ann(sessions=[session], shifts=[shift]), rule, NOON)
    assert session_shifts(ann(sessions=[session], shifts=[shift, shift]), rule, NOON)


@pytest.mark.parametrize(
    ("user_agent", "other"),
    [
        (FIREFOX, False),
        (FIREFOX.replace("140.0", "141.0.2"), False),
        (FIREFOX.replace("X11; Linux x86_64", "Windows NT 10.0"), True),
        ("curl/8.5.0", True),
        ("", True),
    ],
)
def test_given_a_user_agent_then_a_newer_version_of_the_program_is_no_other(
    user_agent: str, other: bool
) -> None:
    assert is_other_program(user_agent, used("192.0.2.1")) is other


def test_given_a_session_that_stays_where_it_is_then_its_address_counts_as_long_as_it_is_used() -> (
    None
):
    session = replace(used(FOUR[0], 300), last_active_at=NOON - MINUTE)

    assert ip_spread(ann(*map(seen, FOUR[1:]), sessions=[session]), SPREAD, NOON)
    idle = replace(session, last_active_at=ago(60))
    assert not ip_spread(ann(*map(seen, FOUR[1:]), sessions=[idle]), SPREAD, NOON)
