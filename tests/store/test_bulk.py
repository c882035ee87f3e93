"""Many sessions, ended in short steps."""

from datetime import timedelta

import pytest

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.audit_log import AuditQuery
from sidecar.core.listing import CountMoved, EndedMatching, SessionFilter
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Kind
from sidecar.core.token import partition_of
from sidecar.store import bulk
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

PREFIX = SessionFilter(username_prefix="al")


async def opened(rig: Rig, *names: str) -> list[Handle]:
    return [(await rig.open(await rig.a_user(name))).session.handle for name in names]


async def revocations(rig: Rig) -> list[AuditEntry]:
    return [entry for entry in await rig.entries() if entry.action is Action.SESSION_REVOKED]


async def test_given_a_filter_when_what_matches_is_ended_then_one_entry_says_so(rig: Rig) -> None:
    alice, albert, bob = await opened(rig, "alice", "albert", "bob")

    done = await rig.sessions.end_matching(PREFIX, Ended.REVOKED, ADMIN, expected=2, note="attack")

    assert done == EndedMatching(2, own_ended=False)
    assert await rig.is_dead(alice)
    assert await rig.is_dead(albert)
    assert await rig.sessions.get(bob) is not None
    entries = await revocations(rig)
    assert sum(entry.count for entry in entries) == 2
    for entry in entries:
        assert (entry.scope, entry.reason, entry.actor) == ("bulk", "revoked", ADMIN)
        assert (entry.details["filter"], entry.details["note"]) == ("name=al", "attack")
    assert rig.counts.endings == {"revoked": 2}
    assert {each.note for each in (await rig.lists.ended(None, 0, 9)).items} == {"attack"}


async def test_given_a_filter_of_one_person_when_theirs_are_ended_then_the_entry_is_about_them(
    rig: Rig,
) -> None:
    handle, _ = await opened(rig, "alice", "albert")
    session = await rig.sessions.get(handle)
    assert session is not None
    wanted = SessionFilter(user_id=session.user_id, kind=Kind.BROWSER)

    await rig.sessions.end_matching(wanted, Ended.REVOKED, ADMIN, expected=1)

    page = await rig.audit.read(AuditQuery(user_id=session.user_id, action="session.revoked"), 9)
    assert [entry.target for entry in page.entries] == [Target(session.user_id, "alice")]


async def test_given_a_filter_that_only_one_person_matches_then_the_entry_is_about_them(
    rig: Rig,
) -> None:
    person = await rig.a_user("alice")
    await rig.open(person)
    await rig.open(person)

    await rig.sessions.end_matching(PREFIX, Ended.REVOKED, ADMIN, expected=2)

    (entry,) = await revocations(rig)
    assert (entry.target, entry.count) == (Target(person.id, "alice"), 2)


async def test_given_a_filter_of_many_when_they_are_ended_then_each_finds_it_in_their_audit(
    rig: Rig,
) -> None:
    people = [await rig.a_user(name) for name in ("alice", "albert", "alan")]
    bob = await rig.a_user("bob")
    for person in (*people, bob, people[0]):
        await rig.open(person)

    await rig.sessions.end_matching(PREFIX, Ended.REVOKED, ADMIN, expected=4)

    entries = await revocations(rig)
    named = [entry.target.username or entry.details["users"] for entry in entries]
    assert sorted("\n".join(named).splitlines()) == ["alan", "albert", "alice"]
    for person, opened_before in zip(people, (2, 1, 1), strict=True):
        page = await rig.audit.read(AuditQuery(user_id=person.id), 9)
        assert [entry.action.value for entry in page.entries][: 1 + opened_before] == [
            "session.revoked",
            *["session.opened"] * opened_before,
        ]
        assert page.entries[0] in entries
    untouched = await rig.audit.read(AuditQuery(user_id=bob.id, action="session.revoked"), 9)
    assert untouched.entries == ()


async def test_given_the_caller_among_many_when_all_are_ended_then_their_audit_goes_on(
    rig: Rig,
) -> None:
    people = [await rig.a_user(name) for name in ("alice", "albert")]
    for person in people:
        await rig.open(person)
    itself = Actor(ActorKind.USER, people[0].id, "alice")

    await rig.sessions.end_matching(PREFIX, Ended.REVOKED, itself, expected=2)

    page = await rig.audit.read(AuditQuery(user_id=people[0].id), 9)
    actions = [entry.action.value for entry in page.entries]
    assert set(actions[: len(await revocations(rig))]) == {"session.revoked"}
    assert actions.count("session.opened") == 1


@pytest.mark.parametrize(
    ("expected", "tolerance", "ends"), [(1, 1, True), (1, 0, False), (5, 2, False)]
)
async def test_given_another_count_than_was_seen_then_nothing_ends_unless_it_is_tolerated(
    rig: Rig, expected: int, tolerance: int, ends: bool
) -> None:
    await opened(rig, "alice", "albert")

    done = await rig.sessions.end_matching(
        PREFIX, Ended.REVOKED, ADMIN, expected=expected, tolerance=tolerance
    )

    assert done == (EndedMatching(2, own_ended=False) if ends else CountMoved(2))
    assert (await rig.lists.count(PREFIX)).total == (0 if ends else 2)


@pytest.mark.parametrize("included", [False, True])
async def test_given_everyone_when_they_are_ended_then_the_callers_own_stays_unless_asked(
    rig: Rig, included: bool
) -> None:
    own, *_ = await opened(rig, "alice", "bob", "carol")

    done = await rig.sessions.end_matching(
        SessionFilter(), Ended.REVOKED, ADMIN, expected=3, own=own, include_own=included
    )

    assert done == (
        EndedMatching(3, own_ended=True) if included else EndedMatching(2, own_ended=False)
    )
    assert (await rig.sessions.get(own) is None) is included
    assert (await rig.sessions.list(0, 9))[1] == (0 if included else 1)


async def test_given_what_fits_on_a_screen_then_each_partition_has_one_entry(rig: Rig) -> None:
    handles = await opened(rig, *(f"alice{number}" for number in range(60)))
    partitions = {partition_of(handle) for handle in handles}

    assert await rig.sessions.end_matching(
        PREFIX, Ended.REVOKED, ADMIN, expected=60
    ) == EndedMatching(60, own_ended=False)

    entries = await revocations(rig)
    assert len(entries) == len(partitions)
    assert sum(entry.count for entry in entries) == 60


async def test_given_more_than_one_step_takes_then_the_entries_are_parts_of_one_act(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_ONE_STEP", 6)
    monkeypatch.setattr(bulk, "_STEP_OF_MANY", 2)
    handles = await opened(rig, *(f"alice{number}" for number in range(7)))

    done = await rig.sessions.end_matching(
        PREFIX, Ended.REVOKED, ADMIN, own=handles[3], include_own=True
    )

    assert done == EndedMatching(7, own_ended=True)
    entries = await revocations(rig)
    assert sum(entry.count for entry in entries) == 7
    assert len({entry.details["act"] for entry in entries}) == 1
    count = len(entries)
    assert {entry.details["part"] for entry in entries} == {
        f"{number}/{count}" for number in range(1, count + 1)
    }


async def test_given_nothing_that_matches_then_nothing_is_audited(rig: Rig) -> None:
    wanted = SessionFilter(kind=Kind.SERVICE)
    await opened(rig, "alice")

    assert await rig.sessions.end_matching(
        wanted, Ended.REVOKED, ADMIN, expected=0
    ) == EndedMatching(0, own_ended=False)
    assert await revocations(rig) == []


async def test_given_one_over_a_limit_meanwhile_then_it_expires_and_does_not_count(
    rig: Rig,
) -> None:
    idle, used = await opened(rig, "alice", "albert")
    await rig.age(idle, unused=timedelta(hours=1, seconds=1))

    done = await bulk.BulkEnd(rig.database).end(
        [idle, used, Handle("-" * 30)], Ended.REVOKED, rig.policy, ADMIN, PREFIX
    )

    assert list(done.handles) == [used]
    assert list(done.expired) == [Ended.IDLE_TIMEOUT]
