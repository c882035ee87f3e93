"""The audit log, read: whatever is asked for, it is as if every entry had been looked at."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.audit_log import EVERYTHING, AuditQuery
from sidecar.core.users import UserId
from sidecar.store import audit_merge, audit_pieces
from tests.store.rig import Rig, a_rig

PEOPLE = [UserId(f"u{number}") for number in range(4)]
ACTORS = [
    SYSTEM,
    Actor(ActorKind.USER, "", "Nobody"),
    *(Actor(ActorKind.USER, user_id, f"name-{user_id}") for user_id in PEOPLE),
]
ACTIONS = [Action.SESSION_REVOKED, Action.LOGIN_FAILED, Action.USER_BANNED]

_ENTRIES = st.builds(
    AuditEntry,
    action=st.sampled_from(ACTIONS),
    actor=st.sampled_from(ACTORS),
    target=st.builds(Target, st.none() | st.sampled_from(PEOPLE)),
)
_QUERIES = st.builds(
    AuditQuery,
    user_id=st.none() | st.sampled_from([*PEOPLE, UserId("stranger")]),
    actor=st.sampled_from(["", "", "system", "u0", "nobody", "Nobody", "stranger"]),
    action=st.sampled_from(["", "", "user.banned", "login.failed", "no.such"]),
)
_BOUNDS = st.none() | st.integers(0, 40)


def matches(query: AuditQuery, entry: AuditEntry) -> bool:
    at = entry.at
    assert at is not None
    actor = entry.actor
    return (
        query.user_id in (None, entry.target.user_id, actor.id)
        and query.actor.lower() in ("", actor.id, actor.username.lower())
        and query.action in ("", entry.action.value)
        and (query.since is None or at >= query.since)
        and (query.until is None or at < query.until)
    )


async def by_pages(rig: Rig, query: AuditQuery, limit: int) -> list[str]:
    ids: list[str] = []
    cursor: str | None = None
    for _ in range(500):
        page = await rig.audit.read(query, limit, cursor)
        assert len(page.entries) <= limit
        ids += [entry.id for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            return ids
    raise AssertionError("a cursor that leads nowhere")


async def everything(rig: Rig) -> Sequence[AuditEntry]:
    page = await rig.audit.read(EVERYTHING, 1000)
    assert page.next_cursor is None
    return page.entries


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a read look at so few entries that it often ends before its page is full."""
    monkeypatch.setattr(audit_pieces, "AT_ONCE", 2)
    monkeypatch.setattr(audit_pieces, "ALONG_A_CHAIN", 2)
    monkeypatch.setattr(audit_merge, "_MOST_ROUNDS", 2)


@pytest.mark.parametrize("partitions", [1, 3, 64])
@pytest.mark.usefixtures("small_steps")
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    entries=st.lists(_ENTRIES, max_size=40),
    query=_QUERIES,
    bounds=st.tuples(_BOUNDS, _BOUNDS),
    limit=st.integers(1, 7),
    trimmed=st.integers(0, 20),
)
def test_given_entries_when_some_are_asked_for_then_it_is_as_if_all_had_been_looked_at(
    redis_url: str,
    partitions: int,
    entries: list[AuditEntry],
    query: AuditQuery,
    bounds: tuple[int | None, int | None],
    limit: int,
    trimmed: int,
) -> None:
    async def check() -> None:
        async with a_rig(redis_url, partitions) as rig:
            await rig.database.command("FLUSHALL")
            for entry in entries:
                await rig.audit.write(entry)
            if trimmed < len(entries):
                oldest = (await everything(rig))[-1 - trimmed].id.rpartition("-")[0]
                for partition in range(partitions):
                    key = rig.keys.audit(partition)
                    await rig.database.command("XTRIM", key, "MINID", oldest)
            there = await everything(rig)
            ends = [
                there[bound].at if bound is not None and bound < len(there) else None
                for bound in bounds
            ]
            asked = replace(query, since=ends[0], until=ends[1])

            read = await by_pages(rig, asked, limit)

            assert read == [entry.id for entry in there if matches(asked, entry)]
            assert [entry.id async for entry in rig.audit.entries(asked)] == read

    asyncio.run(check())


async def test_given_a_person_among_many_entries_when_they_are_asked_for_then_few_are_read(
    rig: Rig,
) -> None:
    alice = AuditEntry(Action.USER_BANNED, SYSTEM, Target(UserId("alice")))
    other = AuditEntry(Action.LOGIN_FAILED, SYSTEM)
    first = await rig.audit.write(alice)
    for _ in range(300):
        await asyncio.gather(*(rig.audit.write(other) for _ in range(10)))
    last = await rig.audit.write(alice)

    before = await calls(rig, "xrange")
    page = await rig.audit.read(AuditQuery(user_id=UserId("alice")), 50)

    assert [entry.id for entry in page.entries] == [last, first]
    assert page.next_cursor is None
    assert 0 < await calls(rig, "xrange") - before < 5


async def calls(rig: Rig, name: str) -> int:
    """Return how often a command was called so far."""
    stats = await rig.database.command("INFO", "commandstats")
    return int(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"])


async def test_given_bounds_before_the_first_entry_then_the_stream_is_not_gone_through(
    rig: Rig,
) -> None:
    """Redis would read all of it backwards."""
    entry = AuditEntry(Action.USER_BANNED, SYSTEM)
    ids = [await rig.audit.write(entry) for _ in range(3)]
    first = (await everything(rig))[-1]
    before = await calls(rig, "xrevrange")

    assert (await rig.audit.read(AuditQuery(until=first.at), 10)) == ((), None)
    assert (await rig.audit.read(EVERYTHING, 10, ids[0])) == ((), None)
    assert (await rig.audit.read(AuditQuery(action="x"), 10, "1-0-00")) == ((), None)

    assert await calls(rig, "xrevrange") == before


async def test_given_an_action_that_is_rare_when_it_is_asked_for_then_short_pages_lead_to_it(
    rig: Rig, small_steps: None
) -> None:
    rare = await rig.audit.write(AuditEntry(Action.USER_DELETED, SYSTEM))
    for _ in range(40):
        await rig.audit.write(AuditEntry(Action.LOGIN_FAILED, SYSTEM))

    first = await rig.audit.read(AuditQuery(action="user.deleted"), 10)

    assert first.entries == ()
    assert first.next_cursor is not None
    assert await by_pages(rig, AuditQuery(action="user.deleted"), 10) == [rare]


async def test_given_a_username_when_it_is_asked_for_then_it_is_who_has_it_now(rig: Rig) -> None:
    user = await rig.a_user("Alice")
    opened = await rig.open(user)
    bulk = AuditEntry(Action.AUDIT_EXPORTED, Actor(ActorKind.USER, user.id, "Alice"))
    mine = await rig.audit.write(bulk)

    page = await rig.audit.read(AuditQuery(actor="ALICE "), 10)

    assert page.entries[0].id == mine
    assert [entry.action.value for entry in page.entries] == ["audit.exported", "session.opened"]
    assert page.entries[1].target.handle == opened.session.handle


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "1e9", "p", "p.", "p1-2-00.1-2-00", "p1-2-99", "p" + "1-1-00." * 1000, "1-2-00"],
)
async def test_given_a_forged_cursor_for_a_person_then_it_is_a_value_error(
    rig: Rig, cursor: str
) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        await rig.audit.read(AuditQuery(user_id=PEOPLE[0]), 10, cursor)


async def test_given_a_cursor_into_the_entries_of_another_then_it_leads_nowhere(rig: Rig) -> None:
    entry = AuditEntry(Action.USER_BANNED, SYSTEM, Target(PEOPLE[0]))
    foreign = await rig.audit.write(entry)

    page = await rig.audit.read(AuditQuery(user_id=PEOPLE[1]), 10, f"p{foreign}")

    assert page == ((), None)


async def test_given_time_bounds_then_the_first_is_included_and_the_second_not(rig: Rig) -> None:
    for _ in range(5):
        await rig.audit.write(AuditEntry(Action.USER_BANNED, SYSTEM))
        await asyncio.sleep(0.002)
    newest, *_, oldest = await everything(rig)
    assert newest.at is not None
    assert oldest.at is not None

    inner = await by_pages(rig, AuditQuery(since=oldest.at, until=newest.at), 2)
    after = await by_pages(rig, AuditQuery(since=newest.at + timedelta(milliseconds=1)), 2)

    assert len(inner) == 4
    assert oldest.id in inner
    assert after == []
