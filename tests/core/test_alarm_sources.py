"""What an entry says about alarms."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import pytest

from sidecar.core.alarm_facts import Observation, WorkerFact
from sidecar.core.alarm_sources import noticed, observed
from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from tests.core.alarm_facts import ago

ADAM = Actor(ActorKind.USER, "adam-1", "Adam", "192.0.2.7")
NOBODY = Actor(ActorKind.USER, ip_address="203.0.113.9")
ANN = Target(UserId("ann-1"), "Ann")


def an_entry(
    action: Action,
    actor: Actor = ADAM,
    target: Target = ANN,
    *,
    count: int = 1,
    outcome: Literal["done", "refused"] = "done",
    details: Mapping[str, str] | None = None,
) -> AuditEntry:
    return AuditEntry(
        action,
        actor,
        target,
        count=count,
        outcome=outcome,
        details=details or {},
        id="7-0-00",
        at=ago(1),
    )


def a_webhook(action: Action, cause: str = "") -> AuditEntry:
    details = {"webhook": "w1", "host": "hooks.example.com", **({"cause": cause} if cause else {})}
    return an_entry(action, SYSTEM, Target(), details=details)


def said(entry: AuditEntry) -> list[tuple[str, str, int | None]]:
    """Return kind, subject and weight of each observation; None: it is in order again."""
    return [
        (each.kind, each.subject, each.mark.weight if each.mark else None)
        for each in observed(entry)
    ]


def test_given_a_failed_sign_in_then_it_counts_for_the_name_and_for_the_address() -> None:
    entry = an_entry(Action.LOGIN_FAILED, NOBODY)

    assert said(entry) == [("failed_logins", "user:ann", 1), ("failed_logins", "ip:203.0.113.9", 1)]
    by_name, by_address = observed(entry)
    assert (by_name.user_id, by_name.username) == ("ann-1", "Ann")
    assert by_address.user_id is None
    assert by_name.mark is not None
    assert (by_name.mark.id, by_name.mark.at) == ("7-0-00", ago(1))


def test_given_a_name_that_nobody_has_or_an_address_that_is_none_then_what_there_is_counts() -> (
    None
):
    entry = an_entry(
        Action.LOGIN_FAILED, Actor(ActorKind.USER, ip_address="unix"), Target(None, "ghost")
    )

    assert said(entry) == [("failed_logins", "user:ghost", 1)]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (an_entry(Action.USER_LOCKED, NOBODY), [("lockout", "ann", 1)]),
        (
            an_entry(Action.USER_UNLOCKED, target=Target(None, "ANN")),
            [("lockout", "ann", None), ("failed_logins", "user:ann", None)],
        ),
        (an_entry(Action.USER_UNLOCKED, outcome="refused"), []),
        (an_entry(Action.SESSION_REVOKED), [("mass_revocation", "adam-1", 1)]),
        (an_entry(Action.SESSION_REVOKED, count=31), [("mass_revocation", "adam-1", 31)]),
        (an_entry(Action.SESSION_REVOKED, count=0, outcome="refused"), []),
        (an_entry(Action.SESSION_REVOKED, SYSTEM, count=900), []),
        (an_entry(Action.SESSION_EVICTED, SYSTEM), [("cap_reached", "ann-1", 1)]),
        (
            replace(
                an_entry(Action.LOGIN_FAILED, outcome="refused", count=0), reason="session_limit"
            ),
            [("cap_reached", "ann-1", 1)],
        ),
        (replace(an_entry(Action.LOGIN_FAILED, outcome="refused"), reason="locked"), []),
        (an_entry(Action.SESSION_OPENED), []),
        (
            an_entry(Action.POLICY_RELOADED, SYSTEM, Target(), outcome="refused", count=0),
            [("policy_reload_failed", "", 1)],
        ),
        (an_entry(Action.POLICY_RELOADED, SYSTEM, Target()), [("policy_reload_failed", "", None)]),
        (a_webhook(Action.WEBHOOK_DISABLED, "failing"), [("webhook_failing", "w1", 1)]),
        (a_webhook(Action.WEBHOOK_DISABLED, "gone"), [("webhook_failing", "w1", 1)]),
        (a_webhook(Action.WEBHOOK_DISABLED, "admin"), [("webhook_failing", "w1", None)]),
        (a_webhook(Action.WEBHOOK_ENABLED), [("webhook_failing", "w1", None)]),
        (a_webhook(Action.WEBHOOK_DELETED), [("webhook_failing", "w1", None)]),
    ],
)
def test_given_an_entry_then_it_counts_for_what_it_is_about(
    entry: AuditEntry, says: list[tuple[str, str, int | None]]
) -> None:
    assert said(entry) == says


def test_given_an_entry_that_was_never_stored_then_it_says_nothing() -> None:
    with pytest.raises(ValueError, match="never stored"):
        list(observed(AuditEntry(Action.USER_LOCKED, ADAM, ANN)))


def test_given_what_a_worker_noticed_then_it_counts_as_often_as_it_happened() -> None:
    fact = WorkerFact(
        "dead_token", "9-0-00", ago(2), UserId("ann-1"), "", "203.0.113.9", Handle("h"), 12
    )

    observation = noticed(fact)

    assert isinstance(observation, Observation)
    assert (observation.kind, observation.subject, observation.user_id) == (
        "dead_token",
        "ann-1",
        "ann-1",
    )
    assert observation.mark is not None
    assert (observation.mark.weight, observation.mark.handle) == (12, "h")
