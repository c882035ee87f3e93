"""The history of ended sessions."""

from dataclasses import replace
from datetime import timedelta

from sidecar.core.audit import ActorKind
from sidecar.core.listing import EndedSession
from sidecar.core.reasons import Ended
from sidecar.core.session import Kind
from sidecar.core.users import Role
from sidecar.store.ended_sessions import EndedSessions
from tests.store.rig import Rig, actor_of
from tests.store.seeds import ADMIN

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


async def test_given_an_ended_session_when_it_is_looked_up_then_it_says_who_why_and_when(
    rig: Rig,
) -> None:
    person = await rig.a_user("Alice", Role.VIEWER)
    session = (await rig.open(person, kind=Kind.DESKTOP)).session

    await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN, "a lost laptop")

    page = await rig.lists.ended(None, 0, 10)
    (ended,) = page.items
    assert page.total == 1
    assert ended == EndedSession(
        handle=session.handle,
        user_id=person.id,
        username="Alice",
        role=Role.VIEWER,
        kind=Kind.DESKTOP,
        ip_address="192.0.2.7",
        device_label="Unknown device",
        created_at=session.created_at,
        ended_at=ended.ended_at,
        reason=Ended.REVOKED,
        ended_by=ADMIN,
        note="a lost laptop",
    )
    assert session.created_at <= ended.ended_at <= rig.clock.now()
    assert await rig.lists.ended(person.id, 0, 10) == page


async def test_given_each_way_to_end_then_the_history_names_who_did_it(rig: Rig) -> None:
    rig.use_session_policy(limits=replace(rig.policy.session.limits, max_per_user=1))
    rig.use_session_policy(at_limit="evict_oldest")
    person = await rig.a_user()
    await rig.open(person)
    replaced = (await rig.open(person)).session.handle  # the first one is evicted
    idle = (await rig.open(person, replaces=replaced)).session.handle
    await rig.age(idle, unused=HOUR + SECOND)
    await rig.sweeper.sweep()
    await rig.open(person)
    await rig.sessions.end_all(person.id, Ended.SIGNED_OUT, actor_of(person))
    await rig.open(person)
    await rig.users.ban(person.id, ADMIN, "left", highest=Role.OWNER)

    page = await rig.lists.ended(person.id, 0, 10)

    assert [(each.reason, each.ended_by.kind, each.ended_by.username) for each in page.items] == [
        (Ended.BANNED, ActorKind.USER, "root"),
        (Ended.SIGNED_OUT, ActorKind.USER, "alice"),
        (Ended.IDLE_TIMEOUT, ActorKind.SYSTEM, ""),
        (Ended.SIGNED_OUT, ActorKind.USER, "alice"),
        (Ended.EVICTED, ActorKind.SYSTEM, ""),
    ]


async def test_given_many_people_when_pages_are_asked_then_they_are_in_order_and_complete(
    rig: Rig,
) -> None:
    people = [await rig.a_user(name) for name in ("alice", "bob", "carol")]
    opened = [(await rig.open(person)).session for person in people for _ in range(8)]
    for session in opened:
        await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN)

    pages = [await rig.lists.ended(None, offset, 5) for offset in range(0, 25, 5)]
    theirs = await rig.lists.ended(people[1].id, 2, 5)

    found = [each for page in pages for each in page.items]
    assert {page.total for page in pages} == {24}
    assert {each.handle for each in found} == {session.handle for session in opened}
    assert found == sorted(found, key=lambda each: each.ended_at, reverse=True)
    assert theirs.total == 8
    assert theirs.items == [each for each in found if each.user_id == people[1].id][2:7]


async def test_given_ends_older_than_the_retention_then_they_are_not_shown_and_then_dropped(
    rig: Rig,
) -> None:
    person = await rig.a_user()
    for _ in range(3):
        handle = (await rig.open(person)).session.handle
        await rig.sessions.end(handle, Ended.REVOKED, ADMIN)
    history = EndedSessions(rig.database, lambda: rig.policy, rig.clock)
    partition = rig.keys.partition_of_user(person.id)
    index, _ = rig.keys.ended_of_user(person.id)

    await history.trim()
    assert (await history.page(person.id, 0, 10)).total == 3
    rig.policy = replace(rig.policy, ended_sessions_retention=timedelta(microseconds=-1000))

    assert await history.page(None, 0, 10) == ([], 0)
    assert await history.page(person.id, 0, 10) == ([], 0)
    await history.trim()
    assert await rig.database.command("EXISTS", rig.keys.ended(partition), index) == 0
