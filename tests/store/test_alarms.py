"""What is kept of alarms: raised once, updated, taken on, resolved; each with entry and event."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from sidecar.core.alarm_log import AlarmCounts, AlarmFilter, AlarmGone, AlarmResolved
from sidecar.core.alarms import Alarm, AlarmState, Evidence, Finding, Severity
from sidecar.core.audit import SYSTEM, Actor, ActorKind
from sidecar.core.policy import ALARMS
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store import alarms as kept
from sidecar.store.alarms import Alarms
from tests.store.rig import Rig, actor_of

ADAM = Actor(ActorKind.USER, "adam-1", "adam", "192.0.2.7")


@pytest.fixture
def book(rig: Rig) -> Alarms:
    return Alarms(rig.database, lambda: rig.policy)


def a_finding(rig: Rig, kind: str = "ip_spread", subject: str = "ann-1", **fields: Any) -> Finding:
    now = rig.clock.now().replace(microsecond=0)
    evidence = Evidence(
        ("192.0.2.1", "192.0.2.2"),
        ("Firefox on Linux",),
        (Handle("h1"),),
        MappingProxyType({"addresses": 2}),
        MappingProxyType({"from": "here"}),
    )
    finding = Finding(kind, subject, evidence, 2, now, now, UserId(subject), "ann")
    return replace(finding, **fields)


async def raised(book: Alarms, finding: Finding) -> Alarm:
    alarm = await book.raised(finding, ALARMS[finding.kind])
    assert alarm is not None
    return alarm


async def listed(book: Alarms, **wanted: Any) -> list[Alarm]:
    return list((await book.page(AlarmFilter(**wanted), 0, 50)).items)


async def test_given_a_finding_when_it_is_raised_then_all_of_it_is_kept_with_entry_and_event(
    rig: Rig, book: Alarms
) -> None:
    finding = a_finding(rig)

    alarm = await raised(book, finding)

    assert await listed(book) == [alarm]
    assert (alarm.state, alarm.severity) == (AlarmState.ACTIVE, Severity.WARNING)
    assert alarm.evidence == finding.evidence
    assert (alarm.first_seen_at, alarm.last_seen_at) == (
        finding.first_seen_at,
        finding.last_seen_at,
    )
    (entry,) = await rig.entries()
    told = {
        "alarm": alarm.id, "kind": "ip_spread", "severity": "warning", "count": "2",
        "addresses": "192.0.2.1,192.0.2.2",
    }  # fmt: skip
    assert (entry.action.value, entry.actor, entry.target.user_id) == (
        "alarm.raised",
        SYSTEM,
        "ann-1",
    )
    assert entry.details == told
    (event,) = await rig.events.read(None, 10)
    assert (event.action, event.user_id, event.details) == ("alarm.raised", "ann-1", told)


async def test_given_the_same_again_from_many_replicas_at_once_then_it_is_one_alarm(
    rig: Rig, book: Alarms
) -> None:
    alarms = await asyncio.gather(*(raised(book, a_finding(rig)) for _ in range(8)))

    assert len({alarm.id for alarm in alarms}) == 1
    assert await rig.actions() == ["alarm.raised"]


async def test_given_more_of_it_then_evidence_is_joined_and_numbers_are_the_worst(
    rig: Rig, book: Alarms
) -> None:
    first = await raised(book, a_finding(rig, count=9))
    later = first.last_seen_at + timedelta(minutes=3)
    evidence = Evidence(("198.51.100.1",), (), (Handle("h2"),), {"addresses": 1})

    alarm = await raised(book, a_finding(rig, evidence=evidence, count=1, last_seen_at=later))

    assert alarm.evidence.ip_addresses == ("198.51.100.1", "192.0.2.1", "192.0.2.2")
    assert alarm.evidence.handles == ("h2", "h1")
    assert alarm.evidence.counts == {"addresses": 1}
    assert (alarm.count, alarm.first_seen_at, alarm.last_seen_at) == (9, first.first_seen_at, later)


async def test_given_an_alarm_when_somebody_takes_it_on_then_it_says_who_and_what_they_said(
    rig: Rig, book: Alarms
) -> None:
    ann, adam = await rig.a_user("ann"), actor_of(await rig.a_user("adam"))
    alarm = await raised(book, a_finding(rig, subject=ann.id))

    taken = await book.acknowledge(alarm.id, adam, "called her")

    assert (taken.state, taken.acknowledged_by, taken.note) == (
        AlarmState.ACKNOWLEDGED,
        adam,
        "called her",
    )
    assert taken.username == "ann"
    assert taken.acknowledged_at is not None
    entry = (await rig.entries())[-1]
    assert (entry.action.value, entry.actor) == ("alarm.acknowledged", adam)
    assert entry.details["note"] == "called her"
    told = {event.action: event.username for event in await rig.events.read(None, 10)}
    assert told["alarm.raised"] == told["alarm.acknowledged"] == "ann"
    kept_of_it = await rig.database.command("HGETALL", rig.keys.alarms())
    assert b'"ann"' not in b"".join(kept_of_it.values())  # names live in the directory
    again = await raised(book, a_finding(rig, subject=ann.id))
    assert again.state is AlarmState.ACKNOWLEDGED


async def test_given_an_alarm_that_is_over_then_it_stays_so_and_the_same_again_is_a_new_one(
    rig: Rig, book: Alarms
) -> None:
    alarm = await raised(book, a_finding(rig))
    await book.resolved(alarm)
    await book.resolved(alarm)

    with pytest.raises(AlarmResolved):
        await book.acknowledge(alarm.id, ADAM, "")
    with pytest.raises(AlarmGone):
        await book.acknowledge("nothing", ADAM, "")
    again = await raised(book, a_finding(rig))

    assert again.id != alarm.id
    assert [each.state for each in await listed(book)] == [AlarmState.ACTIVE, AlarmState.RESOLVED]
    assert await rig.actions() == ["alarm.raised", "alarm.resolved", "alarm.raised"]


async def test_given_alarms_of_all_states_then_active_ones_come_first_and_filters_narrow(
    rig: Rig, book: Alarms
) -> None:
    now = rig.clock.now().replace(microsecond=0)
    made = [
        await raised(
            book,
            a_finding(rig, kind, subject, last_seen_at=now + timedelta(seconds=number)),
        )
        for number, (kind, subject) in enumerate(
            [
                ("ip_spread", "a"),
                ("lockout", "a"),
                ("ip_spread", "b"),
                ("lockout", "b"),
                ("lockout", "c"),
            ]
        )
    ]
    await book.acknowledge(made[4].id, ADAM, "")
    await book.resolved(made[3])

    whole = await book.page(AlarmFilter(), 0, 50)
    part = await book.page(AlarmFilter(), 1, 2)

    order = [made[2], made[1], made[0], made[4], made[3]]
    assert [alarm.id for alarm in whole.items] == [alarm.id for alarm in order]
    assert [alarm.id for alarm in part.items] == [alarm.id for alarm in order[1:3]]
    assert (whole.total, part.total, whole.active) == (5, 5, 3)
    assert {each.id for each in await listed(book, kind="lockout")} == {
        made[n].id for n in (1, 3, 4)
    }
    assert {each.id for each in await listed(book, user_id=UserId("a"))} == {made[0].id, made[1].id}
    assert [each.id for each in await listed(book, state=AlarmState.RESOLVED)] == [made[3].id]
    assert await listed(book, kind="ip_spread", user_id=UserId("c")) == []
    assert {each.id for each in await book.open()} == {made[n].id for n in (0, 1, 2, 4)}
    assert await book.counts() == AlarmCounts(
        {"ip_spread": 2, "lockout": 1}, {"ip_spread": 2, "lockout": 2}
    )


async def test_given_an_action_then_it_is_to_be_done_until_it_is_done(
    rig: Rig, book: Alarms
) -> None:
    rule = replace(ALARMS["ip_spread"], action="end_sessions")

    alarm = await book.raised(a_finding(rig), rule)
    none = await book.raised(a_finding(rig, subject="bob", evidence=Evidence()), rule)

    assert alarm is not None
    assert none is not None
    assert (alarm.must_act, alarm.ended, none.must_act) == (True, None, False)
    await book.acted(alarm, 1)
    done = next(each for each in await listed(book) if each.id == alarm.id)
    assert (done.must_act, done.ended, done.action) == (False, 1, "end_sessions")


async def test_given_a_flood_of_one_kind_then_there_is_an_end_to_it_and_others_are_still_raised(
    rig: Rig, book: Alarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_OPEN", 3)
    for number in range(3):
        await raised(book, a_finding(rig, "lockout", f"n{number}"))

    assert await book.raised(a_finding(rig, "lockout", "one more"), ALARMS["lockout"]) is None
    await raised(book, a_finding(rig))
    await book.resolved((await listed(book, kind="lockout"))[0])
    await raised(book, a_finding(rig, "lockout", "one more"))


async def test_given_more_resolved_ones_than_are_kept_or_old_ones_then_they_are_gone(
    rig: Rig, book: Alarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_RESOLVED", 2)
    for number in range(4):
        await book.resolved(await raised(book, a_finding(rig, subject=f"n{number}")))
    assert sorted(each.subject for each in await listed(book)) == ["n2", "n3"]
    assert await rig.database.command("HLEN", rig.keys.alarms()) == 2

    rig.policy = replace(rig.policy, events_retention=timedelta(milliseconds=1))
    await asyncio.sleep(0.01)
    await book.resolved(await raised(book, a_finding(rig, subject="n4")))

    assert [each.subject for each in await listed(book)] == ["n4"]
