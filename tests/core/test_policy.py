from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from sidecar.core.alarms import SEVERITIES
from sidecar.core.policy import (
    ALARMS,
    ALWAYS,
    DEFAULT_ROUTE,
    IN_FORCE,
    TRIGGERS,
    Policy,
    SessionPolicy,
)
from sidecar.core.reasons import Ended
from sidecar.core.session import Limits
from sidecar.core.users import Role

MINUTE = timedelta(minutes=1)


def test_given_no_policy_file_when_it_is_asked_then_the_numbers_are_those_of_the_documents() -> (
    None
):
    policy = Policy()

    assert policy.session.limits == Limits(timedelta(hours=24), 60 * MINUTE, 10)
    assert policy.session.at_limit == "deny"
    assert (policy.password.min_length, policy.password.max_length) == (12, 256)
    assert (policy.lockout.failures, policy.lockout.per_ip) == (10, 100)
    assert policy.lockout.duration == 15 * MINUTE


def test_given_no_policy_file_when_step_up_is_asked_then_only_the_gravest_acts_need_it() -> None:
    step_up = Policy().step_up

    assert step_up.end_sessions is None
    assert step_up.everyone == step_up.roles == 10 * MINUTE


def test_given_no_rule_when_a_route_is_asked_then_sign_in_is_needed_and_nothing_is_granted() -> (
    None
):
    assert DEFAULT_ROUTE.allow == "signed_in"
    assert DEFAULT_ROUTE.path == "/**"
    assert not DEFAULT_ROUTE.methods | DEFAULT_ROUTE.hosts | DEFAULT_ROUTE.websocket_origins
    assert DEFAULT_ROUTE.activity
    assert Policy().routes == ()


@pytest.mark.parametrize("role", Role)
def test_given_limits_for_one_role_when_another_is_asked_then_it_has_the_general_ones(
    role: Role,
) -> None:
    strict = Limits(idle_timeout=15 * MINUTE)
    general = Limits(max_per_user=3)
    policy = Policy(
        session=SessionPolicy(limits=general, roles=MappingProxyType({Role.ADMIN: strict}))
    )

    assert policy.limits_for(role) == (strict if role is Role.ADMIN else general)


def test_given_the_alarms_when_they_are_listed_then_ip_spread_starts_at_four_in_an_hour() -> None:
    assert ALARMS.keys() == SEVERITIES.keys()
    assert ALARMS["ip_spread"].threshold == 4
    assert ALARMS["ip_spread"].window == 60 * MINUTE
    assert all(alarm.enabled and alarm.action == "notify" for alarm in ALARMS.values())


def test_given_the_triggers_when_they_are_listed_then_each_is_a_reason_and_is_on() -> None:
    assert set(TRIGGERS) <= {reason.value for reason in Ended}
    assert all(TRIGGERS.values())


@pytest.mark.parametrize(
    "reason",
    [
        Ended.SIGNED_OUT,
        Ended.REVOKED,
        Ended.IDLE_TIMEOUT,
        Ended.LIFETIME_EXCEEDED,
        Ended.BANNED,
        Ended.USER_DELETED,
        Ended.AGENT_DISABLED,
    ],
)
def test_given_an_end_that_must_not_fail_when_triggers_are_listed_then_it_cannot_be_switched_off(
    reason: Ended,
) -> None:
    assert reason.value not in TRIGGERS
    assert replace(Policy(), triggers={}).ends_by(reason)


def test_given_what_cannot_be_switched_off_when_a_policy_is_in_force_then_it_says_so_too() -> None:
    assert {**TRIGGERS, **dict.fromkeys(ALWAYS, True)} == IN_FORCE
    assert Policy().triggers == IN_FORCE
    assert TRIGGERS.keys().isdisjoint(ALWAYS)


@pytest.mark.parametrize("on", [True, False])
def test_given_a_trigger_when_it_is_switched_then_the_policy_says_whether_it_ends(on: bool) -> None:
    policy = replace(Policy(), triggers={**IN_FORCE, "signal": on})

    assert policy.ends_by(Ended.SIGNAL) is on
    assert policy.ends_by(Ended.PROVIDER_LOGOUT)


def test_given_a_policy_in_force_when_somebody_would_change_it_then_it_is_frozen() -> None:
    policy = Policy()

    with pytest.raises(FrozenInstanceError):
        policy.routes = ()  # type: ignore[misc]  # that is what is tried
    with pytest.raises(TypeError):
        policy.alarms["ip_spread"] = ALARMS["dead_token"]  # type: ignore[index]  # likewise
    with pytest.raises(TypeError):
        policy.session.roles[Role.USER] = Limits()  # type: ignore[index]  # likewise
