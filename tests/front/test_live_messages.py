import json
from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.reasons import Ended
from sidecar.core.session import Limits
from sidecar.front.live_messages import (
    AskLimits,
    Follow,
    Stay,
    ended,
    hello,
    limits,
    read_message,
)
from tests.store.seeds import a_session

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b'{"type":"limits"}', AskLimits()),
        (b'{"type": "stay"}', Stay()),
        (b'{"after":"latest","type":"follow"}', Follow("latest")),
    ],
)
def test_given_what_a_page_says_when_it_is_read_then_it_is_understood(payload: bytes, message):
    assert read_message(payload) == message


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"stay",
        b"[]",
        b"null",
        b'{"type":"hello"}',
        b'{"type":"stay","more":1}',
        b'{"type":"follow"}',
        b'{"type":"follow","after":7}',
        b'{"type":"limits"',
        b"\xff\xfe",
        b'{"type":"follow","after":"\xc3\x28"}',
        b"[" * 100,
    ],
)
def test_given_garbage_when_it_is_read_then_it_is_nothing(payload: bytes):
    assert read_message(payload) is None


def test_given_a_session_when_its_limits_are_said_then_they_are_those_of_the_policy():
    session = a_session(
        created_at=NOW - 60 * MINUTE, last_active_at=NOW - MINUTE, authenticated_at=NOW
    )
    policy = Policy(session=SessionPolicy(Limits(120 * MINUTE, 5 * MINUTE)))

    frame = limits(session, NOW, policy)
    said = json.loads(frame[frame.index(b"{") :])

    assert said == {
        "type": "limits",
        "now": "2026-03-01T12:00:00.000Z",
        "expiresAt": "2026-03-01T13:00:00.000Z",
        "idleExpiresAt": "2026-03-01T12:04:00.000Z",
        "idleTimeout": 300,
    }


def test_given_a_session_when_hello_is_said_then_it_names_the_person_and_nothing_secret():
    session = a_session(created_at=NOW, last_active_at=NOW, authenticated_at=NOW)

    said = hello(session, NOW, Policy())

    assert json.loads(said[said.index(b"{") :])["user"] == {
        "id": session.user_id,
        "username": session.username,
    }
    assert session.handle.encode() not in said


@pytest.mark.parametrize("reason", list(Ended))
def test_given_any_reason_when_the_end_is_said_then_it_is_the_code_of_the_401(reason: Ended):
    said = ended(reason)

    assert json.loads(said[2:]) == {"type": "ended", "code": reason.code}
