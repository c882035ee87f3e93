"""What an event is called outside: the audit action."""

from datetime import UTC, datetime

import pytest

from sidecar.core.event_log import Event
from sidecar.core.reasons import Ended

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "action"),
    [
        (Ended.BANNED, "session.revoked"),
        (Ended.IDLE_TIMEOUT, "session.expired"),
        (Ended.SIGNED_OUT, "session.signed_out"),
        (Ended.EVICTED, "session.evicted"),
    ],
)
def test_given_the_end_of_a_session_then_its_action_follows_from_the_reason(
    reason: Ended, action: str
) -> None:
    assert Event("1-0-00", AT, "session.ended", reason=reason).action == action


def test_given_any_other_event_then_its_type_is_the_action() -> None:
    assert Event("1-0-00", AT, "user.created").action == "user.created"
