"""Which use of an ended session's token is one to be told of."""

from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.replay import ON_THEIR_WAY, is_replay
from sidecar.core.users import UserId

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


@pytest.mark.parametrize("reason", Ended)
def test_given_a_session_that_ended_long_ago_when_its_token_comes_then_only_limits_are_no_news(
    reason: Ended,
) -> None:
    tombstone = Tombstone(reason, NOW - timedelta(hours=1), UserId("u1"), b"")

    no_news = reason in (
        *(Ended.IDLE_TIMEOUT, Ended.LIFETIME_EXCEEDED),
        *(Ended.PARENT_ENDED, Ended.AGENT_DISABLED),
    )
    assert is_replay(tombstone, NOW, own=True) is not no_news


@pytest.mark.parametrize(
    ("reason", "own", "ago", "told"),
    [
        (Ended.REVOKED, False, timedelta(), True),
        (Ended.REVOKED, True, ON_THEIR_WAY - MOMENT, False),
        (Ended.REVOKED, True, ON_THEIR_WAY, True),
        (Ended.SIGNED_OUT, False, timedelta(), False),
        (Ended.SIGNED_OUT, False, ON_THEIR_WAY - MOMENT, False),
        (Ended.SIGNED_OUT, False, ON_THEIR_WAY, True),
    ],
)
def test_given_a_session_that_just_ended_then_requests_on_their_way_are_no_replay(
    reason: Ended, own: bool, ago: timedelta, told: bool
) -> None:
    tombstone = Tombstone(reason, NOW - ago, UserId("u1"), b"")

    assert is_replay(tombstone, NOW, own=own) is told
