from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.reasons import Ended
from sidecar.core.session import (
    Handle,
    Limits,
    Session,
    ended_because,
    expires_at,
    idle_expires_at,
)
from sidecar.core.users import Role, UserId

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = Limits()
A_SESSION = Session(
    handle=Handle("h" * 30),
    secret_hash=b"s" * 32,
    user_id=UserId("u"),
    username="alice",
    role=Role.USER,
    created_at=START,
    last_active_at=START,
    authenticated_at=START,
)


@pytest.mark.parametrize(
    ("idle", "expected"),
    [
        (timedelta(), None),
        (timedelta(minutes=59, seconds=59, milliseconds=999), None),
        (timedelta(minutes=60), Ended.IDLE_TIMEOUT),
        (timedelta(hours=23), Ended.IDLE_TIMEOUT),
    ],
)
def test_s70_given_an_idle_session_then_it_ends_at_the_instant_of_the_limit(
    idle: timedelta, expected: Ended | None
) -> None:
    assert ended_because(A_SESSION, START + idle, LIMITS) is expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(hours=24) - timedelta(milliseconds=1), None),
        (timedelta(hours=24), Ended.LIFETIME_EXCEEDED),
        (timedelta(days=400), Ended.LIFETIME_EXCEEDED),
    ],
)
def test_s70_given_a_busy_session_then_it_ends_at_its_absolute_lifetime(
    age: timedelta, expected: Ended | None
) -> None:
    busy = replace(A_SESSION, last_active_at=START + age)

    assert ended_because(busy, START + age, LIMITS) is expected


def test_given_both_limits_are_over_then_the_lifetime_is_named() -> None:
    assert ended_because(A_SESSION, START + timedelta(days=2), LIMITS) is Ended.LIFETIME_EXCEEDED


@given(st.lists(st.timedeltas(timedelta(), timedelta(minutes=59)), max_size=60))
def test_no_sequence_of_touches_outlives_the_absolute_lifetime(gaps: list[timedelta]) -> None:
    session, now = A_SESSION, START
    for gap in gaps:
        now += gap
        if ended_because(session, now, LIMITS) is not None:
            assert now >= START + LIMITS.absolute_lifetime
            return
        session = replace(session, last_active_at=now)

    assert now < START + LIMITS.absolute_lifetime


@given(st.timedeltas(timedelta(), timedelta(hours=24)))
def test_a_session_ends_exactly_when_it_says_it_will(last_active: timedelta) -> None:
    session = replace(A_SESSION, last_active_at=START + last_active)
    end = idle_expires_at(session, LIMITS)

    assert end <= expires_at(session, LIMITS) == START + timedelta(hours=24)
    assert ended_because(session, end, LIMITS) is not None
    assert ended_because(session, end - timedelta(microseconds=1), LIMITS) is None


def test_the_limits_are_those_of_the_product_documents() -> None:
    assert Limits(timedelta(hours=24), timedelta(minutes=60), 10) == LIMITS
