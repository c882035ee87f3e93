"""Who asks, and what is asked of them before they may."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.users import Role
from tests.callers import NOW, a_caller

MINUTES = timedelta(minutes=1)


def test_given_a_session_when_it_acts_then_the_actor_is_its_person_at_the_address_of_now() -> None:
    caller = a_caller(username="rut", ip_address="198.51.100.7")

    assert caller.actor == Actor(ActorKind.USER, "u-rut", "rut", "198.51.100.7")


@pytest.mark.parametrize(("role", "enough"), [("viewer", False), ("admin", True), ("owner", True)])
def test_given_a_role_when_admin_is_needed_then_a_lower_one_is_forbidden(
    role: str, enough: bool
) -> None:
    caller = a_caller(role=Role.parse(role))

    assert may(lambda: caller.must_be(Role.ADMIN)) is enough


@pytest.mark.parametrize(
    ("age", "within", "enough"),
    [
        (0 * MINUTES, 10 * MINUTES, True),
        (10 * MINUTES, 10 * MINUTES, True),
        (10 * MINUTES + timedelta.resolution, 10 * MINUTES, False),
        (900 * MINUTES, None, True),
    ],
)
def test_given_the_age_of_a_proof_when_a_fresh_one_is_needed_then_an_older_one_is_not_enough(
    age: timedelta, within: timedelta | None, enough: bool
) -> None:
    caller: Caller = a_caller(authenticated_at=NOW - age)

    assert may(lambda: caller.must_be_fresh(NOW, within)) is enough


def may(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except CallRefused:
        return False
    return True
