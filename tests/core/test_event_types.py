"""Every type of event is described, and every audit action that has an event is among them."""

from sidecar.core.audit import Action
from sidecar.core.event_types import KINDS, EventType
from sidecar.core.reasons import Ended

SILENT = {Action.POLICY_RELOADED, Action.AUDIT_EXPORTED, Action.SERVICE_STARTED}


def test_given_the_types_then_each_is_described_and_no_reason_is_left_out() -> None:
    assert KINDS.keys() == set(EventType)
    for reason in Ended:
        assert reason.value in KINDS[EventType(reason.audit_action)].reasons


def test_given_what_is_done_to_people_and_sessions_then_each_act_has_a_type() -> None:
    families = ("session.", "user.", "login.", "device.", "webhook.")
    actions = {action.value for action in Action if action.value.startswith(families)}

    assert actions <= {kind.value for kind in EventType}
