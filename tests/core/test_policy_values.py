"""What one policy differs in from another, key by key."""

from dataclasses import replace
from datetime import timedelta

from sidecar.core.policy import LockoutPolicy, Policy, Route, SessionPolicy, StepUpPolicy
from sidecar.core.policy_values import changes, values_of
from sidecar.core.session import Limits
from sidecar.core.users import Role


def test_given_the_same_policy_then_nothing_differs() -> None:
    assert changes(Policy(), replace(Policy(), places={"lockout.failures": "a.toml"})) == []


def test_given_other_values_then_each_key_says_what_it_was_and_is() -> None:
    since = Policy(
        session=SessionPolicy(
            limits=Limits(idle_timeout=timedelta(minutes=15)),
            justification="two\nlines",
            roles={Role.ADMIN: Limits()},
        ),
        lockout=LockoutPolicy(failures=5),
        step_up=StepUpPolicy(everyone=None),
        live_inject=False,
    )

    assert changes(Policy(), since) == [
        "session.idle_timeout: 60m → 15m",
        "session.justification:  → two lines",
        "lockout.failures: 10 → 5",
        "step_up.everyone: 10m → off",
        "live.inject: true → false",
        "session.roles.admin.absolute_lifetime: – → 24h",
        "session.roles.admin.idle_timeout: – → 60m",
        "session.roles.admin.max_per_user: – → 10",
    ]


def test_given_rules_for_paths_then_each_is_one_line() -> None:
    before = Policy(
        routes=(Route("/a/**", allow="anyone"), Route("/b", timeout=timedelta(seconds=5)))
    )
    members = Route(
        "/a/**",
        methods=frozenset({"POST", "GET"}),
        allow="members",
        roles=frozenset({Role.ADMIN}),
    )

    assert changes(before, Policy(routes=(members,))) == [
        "routes[1]: /a/** allow=anyone → /a/** methods=GET,POST allow=members roles=admin",
        "routes[2]: /b timeout=5s → –",
    ]
    long = Policy(session=SessionPolicy(justification="x" * 1000))
    assert len(changes(Policy(), long)[0]) < 260


def test_given_a_policy_then_no_key_comes_twice() -> None:
    keys = [key for key, _ in values_of(Policy())]

    assert len(keys) == len(set(keys)) > 30
