"""The limits: reached at their instant, from stored instants, whatever the activity."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.reasons import Ended
from sidecar.core.session import (
    Limits,
    Session,
    ended_because,
    expires_at,
    idle_expires_at,
    oldest_usable,
)
from tests.store.seeds import a_session

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = Limits()
MILLISECOND = timedelta(milliseconds=1)
MICROSECOND = timedelta(microseconds=1)

spans = st.timedeltas(timedelta(), timedelta(days=30))
limits = st.builds(
    Limits,
    absolute_lifetime=st.timedeltas(timedelta(minutes=1), timedelta(days=400)),
    idle_timeout=st.timedeltas(timedelta(minutes=1), timedelta(days=400)),
)


def a_session_used_after(span: timedelta) -> Session:
    return a_session(created_at=START, authenticated_at=START, last_active_at=START + span)


def test_given_nothing_configured_when_limits_are_asked_then_those_of_the_product_documents() -> (
    None
):
    assert Limits() == Limits(timedelta(hours=24), timedelta(minutes=60), 10)


@pytest.mark.parametrize(
    ("unused", "expected"),
    [
        (timedelta(), None),
        (timedelta(minutes=59, seconds=59, milliseconds=999), None),
        (timedelta(minutes=60) - MICROSECOND, None),
        (timedelta(minutes=60), Ended.IDLE_TIMEOUT),
        (timedelta(minutes=60) + MICROSECOND, Ended.IDLE_TIMEOUT),
        (timedelta(hours=20), Ended.IDLE_TIMEOUT),
    ],
)
@pytest.mark.parametrize("used_after", [timedelta(), timedelta(hours=3)])
def test_s70_given_an_unused_session_when_it_is_asked_then_it_ends_at_60_minutes_and_not_before(
    used_after: timedelta, unused: timedelta, expected: Ended | None
) -> None:
    session = a_session_used_after(used_after)

    assert ended_because(session, session.last_active_at + unused, LIMITS) is expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(hours=24) - MILLISECOND, None),
        (timedelta(hours=24) - MICROSECOND, None),
        (timedelta(hours=24), Ended.LIFETIME_EXCEEDED),
        (timedelta(days=400), Ended.LIFETIME_EXCEEDED),
    ],
)
def test_s70_given_a_busy_session_when_it_is_asked_then_it_ends_at_24_hours_and_not_before(
    age: timedelta, expected: Ended | None
) -> None:
    busy = a_session_used_after(age)

    assert ended_because(busy, START + age, LIMITS) is expected


def test_given_both_limits_are_over_when_the_end_is_asked_then_the_lifetime_is_named() -> None:
    session = a_session_used_after(timedelta())

    assert ended_because(session, START + timedelta(days=2), LIMITS) is Ended.LIFETIME_EXCEEDED


@given(limits, st.lists(spans, max_size=60))
def test_asvs_7_3_2_given_any_touches_when_time_goes_on_then_none_outlives_the_absolute_lifetime(
    allowed: Limits, gaps: list[timedelta]
) -> None:
    session, now = a_session_used_after(timedelta()), START
    for gap in gaps:
        now += gap
        if ended_because(session, now, allowed) is None:
            assert now < START + allowed.absolute_lifetime
            session = replace(session, last_active_at=now)

    assert ended_because(session, START + allowed.absolute_lifetime, allowed) is not None
    assert session.last_active_at < START + allowed.absolute_lifetime


@given(spans)
def test_asvs_7_3_2_given_a_reauthentication_when_time_goes_on_then_the_lifetime_is_the_same(
    later: timedelta,
) -> None:
    session = replace(a_session_used_after(later), authenticated_at=START + later)

    assert expires_at(session, LIMITS) == START + timedelta(hours=24)


@given(limits, spans, spans)
def test_given_an_ended_session_when_time_goes_on_then_it_never_lives_again(
    allowed: Limits, age: timedelta, later: timedelta
) -> None:
    session = a_session_used_after(timedelta())

    if ended_because(session, START + age, allowed) is not None:
        assert ended_because(session, START + age + later, allowed) is not None


@given(limits, spans)
def test_given_any_limits_when_the_end_is_foretold_then_it_ends_at_that_instant(
    allowed: Limits, used_after: timedelta
) -> None:
    session = a_session_used_after(used_after)

    end = idle_expires_at(session, allowed)

    assert end <= expires_at(session, allowed) == START + allowed.absolute_lifetime
    assert ended_because(session, end, allowed) is not None
    assert ended_because(session, end - MICROSECOND, allowed) is None


@given(spans, st.integers(-14, 14))
def test_given_a_clock_of_another_time_zone_when_the_end_is_asked_then_the_answer_is_the_same(
    unused: timedelta, hours: int
) -> None:
    session = a_session_used_after(timedelta())
    now = START + unused

    there = now.astimezone(timezone(timedelta(hours=hours)))

    assert ended_because(session, there, LIMITS) is ended_because(session, now, LIMITS)


def test_given_an_activity_noted_by_a_clock_ahead_when_it_is_asked_then_the_session_lives() -> None:
    ahead = a_session_used_after(timedelta(seconds=2))

    assert ended_because(ahead, START, LIMITS) is None


@given(spans, spans, limits)
def test_given_any_session_then_comparing_it_with_the_oldest_says_the_same_as_the_decision(
    used_after: timedelta, later: timedelta, limits: Limits
) -> None:
    session = a_session_used_after(used_after)
    now = START + used_after + later

    made, used = oldest_usable(now, limits)

    over = session.created_at <= made or session.last_active_at <= used
    assert over is (ended_because(session, now, limits) is not None)
