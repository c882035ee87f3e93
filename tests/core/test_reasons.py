"""The table "Ending" of the design, section 4, once more: no reason may drift away from it."""

import pytest

from sidecar.core.audit import Action
from sidecar.core.reasons import Ended
from sidecar.observe.families import SESSIONS_ENDED

# reason and metric label: code of the 401, audit action
TABLE = {
    "signed_out": ("session_signed_out", "session.signed_out"),
    "revoked": ("session_revoked", "session.revoked"),
    "idle_timeout": ("session_idle", "session.expired"),
    "lifetime_exceeded": ("session_expired", "session.expired"),
    "banned": ("session_revoked", "session.revoked"),
    "user_deleted": ("session_revoked", "session.revoked"),
    "role_changed": ("session_revoked", "session.revoked"),
    "password_changed": ("session_revoked", "session.revoked"),
    "evicted": ("session_revoked", "session.evicted"),
    "provider_logout": ("session_revoked", "session.revoked"),
    "provider_refused": ("session_revoked", "session.revoked"),
    "signal": ("session_revoked", "session.revoked"),
    "parent_ended": ("session_revoked", "session.revoked"),
    "agent_disabled": ("session_revoked", "session.revoked"),
}


@pytest.mark.parametrize("label", TABLE)
def test_given_a_reason_when_a_session_ends_then_code_and_action_are_those_of_the_design(
    label: str,
) -> None:
    reason = Ended(label)

    assert (reason.code, reason.audit_action) == TABLE[label]


def test_given_the_table_when_the_reasons_are_listed_then_there_is_no_other() -> None:
    assert [reason.value for reason in Ended] == list(TABLE)


def test_given_the_metric_when_its_labels_are_listed_then_each_reason_has_one() -> None:
    assert SESSIONS_ENDED.values == tuple(TABLE)


@pytest.mark.parametrize("reason", Ended)
def test_given_a_reason_when_its_end_is_audited_then_the_action_is_one_that_the_log_knows(
    reason: Ended,
) -> None:
    assert reason.audit_action in set(Action)
