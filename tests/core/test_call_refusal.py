"""What is refused, and which refusals the audit log hears of."""

import pytest

from sidecar.core.call_refusal import CallRefused, invalid


@pytest.mark.parametrize("code", ["forbidden", "reauth_required", "count_changed"])
def test_given_an_act_that_was_refused_then_it_is_one_for_the_audit_log(code: str) -> None:
    assert CallRefused(code).is_act
    assert not CallRefused(code, audited=True).is_act


def test_given_input_that_cannot_be_used_then_the_member_is_named_and_nothing_was_done() -> None:
    refusal = invalid("until", "Too late.")

    assert (refusal.code, refusal.faults) == ("invalid_input", {"until": "Too late."})
    assert not refusal.is_act
