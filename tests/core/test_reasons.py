import pytest

from sidecar.core.audit import Action
from sidecar.core.reasons import Ended

TABLE = {
    Ended.SIGNED_OUT: ("session_signed_out", "session.signed_out"),
    Ended.REVOKED: ("session_revoked", "session.revoked"),
    Ended.IDLE_TIMEOUT: ("session_idle", "session.expired"),
    Ended.LIFETIME_EXCEEDED: ("session_expired", "session.expired"),
    Ended.BANNED: ("session_revoked", "session.revoked"),
    Ended.USER_DELETED: ("session_revoked", "session.revoked"),
    Ended.ROLE_CHANGED: ("session_revoked", "session.revoked"),
    Ended.PASSWORD_CHANGED: ("session_revoked", "session.revoked"),
    Ended.EVICTED: ("session_revoked", "session.evicted"),
    Ended.PROVIDER_LOGOUT: ("session_revoked", "session.revoked"),
    Ended.PROVIDER_REFUSED: ("session_revoked", "session.revoked"),
    Ended.SIGNAL: ("session_revoked", "session.revoked"),
    Ended.PARENT_ENDED: ("session_revoked", "session.revoked"),
    Ended.AGENT_DISABLED: ("session_revoked", "session.revoked"),
}


@pytest.mark.parametrize("reason", Ended)
def test_given_a_reason_then_its_code_and_action_are_those_of_the_design(reason: Ended) -> None:
    assert (reason.code, reason.audit_action) == TABLE[reason]


@pytest.mark.parametrize("reason", Ended)
def test_given_a_reason_then_its_action_is_one_that_the_audit_log_knows(reason: Ended) -> None:
    assert reason.audit_action in set(Action)
