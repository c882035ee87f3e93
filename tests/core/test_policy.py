from datetime import timedelta
from types import MappingProxyType

from sidecar.core.policy import DEFAULT_ROUTE, Policy, SessionPolicy
from sidecar.core.session import Limits
from sidecar.core.users import Role


def test_given_no_policy_file_then_the_numbers_are_those_of_the_product_documents() -> None:
    policy = Policy()

    assert policy.session.limits == Limits(timedelta(hours=24), timedelta(minutes=60), 10)
    assert policy.session.at_limit == "deny"
    assert (policy.password.min_length, policy.password.max_length) == (12, 256)
    assert (policy.lockout.failures, policy.lockout.per_ip) == (10, 100)
    assert policy.lockout.duration == timedelta(minutes=15)
    assert policy.step_up.everyone == policy.step_up.roles == timedelta(minutes=10)


def test_given_no_rule_then_a_route_asks_for_sign_in() -> None:
    assert DEFAULT_ROUTE.allow == "signed_in"


def test_given_limits_for_a_role_then_only_that_role_has_them() -> None:
    strict = Limits(idle_timeout=timedelta(minutes=15))
    policy = Policy(session=SessionPolicy(roles=MappingProxyType({Role.ADMIN: strict})))

    assert policy.limits_for(Role.ADMIN) == strict
    assert policy.limits_for(Role.OWNER) == Limits()
