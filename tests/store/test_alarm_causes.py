"""What alarms are raised for, as it is read from the store."""

from datetime import timedelta

import pytest

from sidecar.core.alarm_facts import Mark
from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind, AuditEntry, Target
from sidecar.store.alarm_causes import Causes
from sidecar.store.codec import to_ms
from tests.store.alarm_rig import AlarmRig
from tests.store.rig import Rig

MINUTE = timedelta(minutes=1)
SOMEBODY = Actor(ActorKind.USER, ip_address="203.0.113.9")


@pytest.fixture
def causes(rig: Rig) -> Causes:
    return Causes(rig.database, lambda: rig.policy, rig.clock)


async def fail(rig: Rig, name: str) -> None:
    attempt = await rig.throttle.begin(name, SOMEBODY.ip_address)
    await rig.throttle.failed(attempt, None, SOMEBODY)


async def totals(causes: Causes) -> dict[str, int]:
    """Read what is new, and return how much counts now of each subject that it is about."""
    happened = await causes.happened()
    await causes.settled(happened)
    return {
        counted.observation.subject: sum(mark.weight for mark in counted.marks)
        for counted in happened.counted
    }


async def test_given_entries_when_they_are_read_then_each_counts_for_its_subject_once(
    rig: Rig, causes: Causes
) -> None:
    for name in ("alice", "Alice", "bob"):
        await fail(rig, name)

    assert await totals(causes) == {"user:alice": 2, "user:bob": 1, "ip:203.0.113.9": 3}
    assert await totals(causes) == {}
    await fail(rig, "bob")
    assert await totals(causes) == {"user:bob": 2, "ip:203.0.113.9": 4}


async def test_given_entries_that_were_read_and_not_settled_then_they_are_read_again_and_count_once(
    rig: Rig, causes: Causes
) -> None:
    await fail(rig, "alice")
    await causes.happened()

    other = Causes(rig.database, lambda: rig.policy, rig.clock)

    assert await totals(other) == {"user:alice": 1, "ip:203.0.113.9": 1}


async def test_given_that_it_is_in_order_again_then_what_counted_before_counts_no_more(
    rig: Rig, causes: Causes
) -> None:
    refused = AuditEntry(Action.POLICY_RELOADED, SYSTEM, outcome="refused", count=0)
    await rig.audit.write(refused)
    await rig.audit.write(refused)
    assert await totals(causes) == {"": 2}

    await rig.audit.write(AuditEntry(Action.POLICY_RELOADED, SYSTEM))
    await rig.audit.write(refused)

    assert await totals(causes) == {"": 1}
    assert len(await causes.marks("policy_reload_failed", "")) == 1


async def test_given_marks_before_the_window_then_they_are_gone(rig: Rig, causes: Causes) -> None:
    await fail(rig, "alice")
    await totals(causes)
    key = rig.keys.marks("failed_logins", "user:alice")
    (mark,) = await rig.database.command("ZRANGE", key, 0, -1)
    old = to_ms(rig.clock.now() - 15 * MINUTE) - 1
    await rig.database.command("ZADD", key, old, mark)

    assert await causes.marks("failed_logins", "user:alice") == []
    await fail(rig, "alice")

    assert (await totals(causes))["user:alice"] == 1


async def test_given_an_act_on_many_then_its_mark_says_how_many_and_from_where(
    rig: Rig, causes: Causes
) -> None:
    adam = Actor(ActorKind.USER, "adam-1", "adam", "192.0.2.7")
    entry = AuditEntry(Action.SESSION_REVOKED, adam, Target(None, "ann"), "bulk", 31)
    await rig.audit.write(entry)

    ((observation, marks),) = (await causes.happened()).counted

    assert (observation.kind, observation.user_id, observation.username) == (
        "mass_revocation",
        "adam-1",
        "adam",
    )
    assert [(mark.weight, mark.address, mark.details) for mark in marks] == [(31, "192.0.2.7", {})]


async def test_given_entries_of_a_newer_version_then_they_are_passed_over(
    rig: Rig, causes: Causes
) -> None:
    key = rig.keys.audit(0)
    await rig.database.command("XADD", key, "*", "e", '{"a":"tea.made","k":"system","i":"system"}')
    await fail(rig, "alice")

    assert (await totals(causes))["user:alice"] == 1


async def test_given_failures_then_those_within_the_window_are_recent_and_those_of_the_day_usual(
    rig: Rig, causes: Causes
) -> None:
    for number in range(3):
        await fail(rig, f"n{number}")
    hours = to_ms(rig.clock.now() - timedelta(hours=5)) // 3_600_000
    await rig.database.command("HSET", rig.keys.hours(0, hours), "failed:7", 960, "failed", 960)

    rate = await causes.failure_rate(15 * MINUTE)

    assert (rate.recent, round(rate.usual, 3)) == (3, 10.0)
    assert rig.clock.now() - 2 * MINUTE < rate.at <= rig.clock.now()


async def test_given_many_marks_of_one_subject_then_as_many_are_kept_as_can_matter(
    rig: Rig, causes: Causes
) -> None:
    key = rig.keys.marks("failed_logins", "ip:203.0.113.9")
    now = to_ms(rig.clock.now())
    for number in range(250):
        await rig.database.command("ZADD", key, now - number, f'["{number}",1,"","",{{}}]')
    await fail(rig, "alice")

    marks: list[Mark] = []
    for observation, found in (await causes.happened()).counted:
        if observation.subject.startswith("ip:"):
            marks = list(found)

    assert len(marks) == 200
    assert await rig.database.command("ZCARD", key) == 200


async def test_given_a_cluster_then_every_cause_is_read_and_its_alarm_kept(wide: Rig) -> None:
    here = AlarmRig(wide)
    for person in ("ann", "bob"):
        user = await wide.a_user(person)
        session = (await wide.open(user)).session
        for number in range(3):
            here.uses(session, f"198.51.100.{number}", "curl/8.5")
    for _ in range(5):
        await fail(wide, "carol")
    here.notes.store_state(False)
    here.notes.store_state(True)

    alarms = await here.turn()

    assert sorted(alarm.kind for alarm in alarms) == [
        "failed_logins",
        "ip_spread",
        "ip_spread",
        "session_shift",
        "session_shift",
        "store_degraded",
    ]
    await here.watch.look_again()
    assert len(await here.alarms()) == 6
