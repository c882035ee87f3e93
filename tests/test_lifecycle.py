"""The life of a session, on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.ports import SessionGone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.token import read_token
from sidecar.store.codec import from_ms
from tests.store.rig import Rig, a_rig, actor_of
from tests.store.seeds import ADMIN

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(params=[1, 64])
async def rig(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with a_rig(redis_url, request.param) as rig:
        yield rig


async def test_given_a_person_when_a_session_is_opened_then_its_token_finds_it(rig: Rig) -> None:
    user = await rig.a_user()

    opened = await rig.open(user, ip_address="198.51.100.4", user_agent="UA")

    credential = read_token(opened.token, rig.ring.accepted)
    assert credential is not None
    assert credential.handle == opened.session.handle
    assert credential.secret_hash == opened.session.secret_hash
    assert await rig.sessions.get(opened.session.handle) == opened.session
    assert rig.counts.openings == {"password": 1}
    assert await rig.actions() == ["user.created", "session.opened"]
    assert opened.token not in repr(opened)


async def test_given_a_session_when_it_is_rotated_then_the_old_secret_is_its_previous_one(
    rig: Rig,
) -> None:
    opened = await rig.open(await rig.a_user())

    token = await rig.sessions.rotate(opened.session, actor_of(await rig.a_user("bob")))

    session = await rig.sessions.get(opened.session.handle)
    credential = read_token(token, rig.ring.accepted)
    assert session is not None
    assert credential is not None
    assert credential.secret_hash == session.secret_hash
    assert session.previous_hash == opened.session.secret_hash
    assert session.previous_until == session.authenticated_at + timedelta(seconds=10)
    assert session.created_at == opened.session.created_at


async def test_given_fifty_tabs_when_they_rotate_together_then_all_get_the_same_token(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    opened = await rig.open(user)

    tokens = await asyncio.gather(
        *(rig.sessions.rotate(opened.session, actor_of(user)) for _ in range(50))
    )

    assert len(set(tokens)) == 1
    assert (await rig.actions()).count("session.rotated") == 1


async def test_given_a_secret_from_before_the_last_one_when_it_rotates_then_it_gets_no_token(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    oldest = (await rig.open(user)).session
    await rig.sessions.rotate(oldest, actor_of(user))
    newer = await rig.sessions.get(oldest.handle)
    assert newer is not None
    await rig.sessions.rotate(newer, actor_of(user))

    with pytest.raises(SessionGone):
        await rig.sessions.rotate(oldest, actor_of(user))
    assert await rig.sessions.get(oldest.handle) is not None


async def test_given_an_ended_session_when_it_is_rotated_then_it_is_gone(rig: Rig) -> None:
    user = await rig.a_user()
    opened = await rig.open(user)
    await rig.sessions.end(opened.session.handle, Ended.REVOKED, ADMIN)

    with pytest.raises(SessionGone):
        await rig.sessions.rotate(opened.session, actor_of(user))
    assert await rig.is_dead(opened.session.handle)


async def test_given_a_session_when_it_is_ended_twice_then_the_first_reason_stands(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    session = (await rig.open(user)).session

    first = await rig.sessions.end(session.handle, Ended.SIGNED_OUT, actor_of(user))
    second = await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN, "too late")

    assert first == session
    assert second is None
    assert (await rig.actions())[-1] == "session.signed_out"
    assert rig.counts.endings == {"signed_out": 1}


async def test_given_a_guessed_handle_when_it_is_ended_then_nothing_happens(rig: Rig) -> None:
    handle = Handle("P" + "a" * 6 + "-" + "z" * 22)

    assert await rig.sessions.end(handle, Ended.REVOKED, ADMIN) is None
    assert await rig.sessions.get(handle) is None
    assert await rig.actions() == []


async def test_given_three_sessions_when_all_but_one_end_then_there_is_one_entry_with_the_number(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    kept = (await rig.open(user)).session.handle
    others = [(await rig.open(user)).session.handle for _ in range(2)]
    positions = await rig.events.positions()

    count = await rig.sessions.end_all(user.id, Ended.REVOKED, ADMIN, keep=kept, note="lost phone")

    entry = (await rig.audit.read(EVERYTHING, 1)).entries[0]
    events = await rig.events.since(positions)
    assert count == 2
    assert (entry.scope, entry.count, entry.target.username) == ("bulk", 2, "alice")
    assert dict(entry.details) == {"note": "lost phone"}
    assert {event.handle for event in events} == set(others)
    assert await rig.sessions.end_all(user.id, Ended.REVOKED, ADMIN, keep=kept) == 0


async def test_given_sessions_of_many_when_they_are_listed_then_the_newest_is_first(
    rig: Rig,
) -> None:
    handles = []
    for number in range(5):
        handles.append((await rig.open(await rig.a_user(f"user{number}"))).session.handle)
        await asyncio.sleep(0.002)  # handles sort by their millisecond

    page, total = await rig.sessions.list(1, 3)

    assert [session.handle for session in page] == handles[::-1][1:4]
    assert total == 5


async def test_given_a_session_over_its_limit_when_the_gate_says_so_often_then_it_expires_once(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    await rig.age(session.handle, unused=2 * HOUR)
    raw = await rig.database.command("GET", rig.keys.last_active(session.handle))
    seen = replace(session, last_active_at=from_ms(int(raw)))

    for _ in range(3):
        rig.sessions.expired(seen, Ended.IDLE_TIMEOUT)
    await rig.sessions.flush()

    assert await rig.is_dead(session.handle)
    assert (await rig.actions()).count("session.expired") == 1


async def test_s64_given_a_replaced_secret_that_came_again_then_the_session_is_revoked_once(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session

    for _ in range(3):
        rig.sessions.reused(session)
    await rig.sessions.flush()

    assert await rig.is_dead(session.handle)
    revoked = [one for one in await rig.entries() if one.action.value == "session.revoked"]
    assert [(one.actor, one.reason, one.target.handle) for one in revoked] == [
        (SYSTEM, "revoked", session.handle)
    ]
    assert revoked[0].details == {"note": "a replaced token was used again"}


async def test_given_a_session_used_since_the_gate_looked_then_it_does_not_expire(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session

    rig.sessions.expired(
        replace(session, last_active_at=session.last_active_at - 2 * HOUR), Ended.IDLE_TIMEOUT
    )
    await rig.sessions.flush()

    assert await rig.sessions.get(session.handle) == session


async def test_given_a_system_actor_when_it_ends_a_session_then_the_entry_names_the_system(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session

    await rig.sessions.end(session.handle, Ended.SIGNAL, SYSTEM)

    entry = (await rig.audit.read(EVERYTHING, 1)).entries[0]
    assert entry.actor == SYSTEM
    assert (entry.reason, entry.target.handle) == ("signal", session.handle)


@pytest.mark.parametrize("old", [timedelta(), 23.5 * HOUR])
async def test_given_an_ended_session_then_its_end_is_known_as_long_as_its_token_may_come(
    rig: Rig, old: timedelta
) -> None:
    """For its lifetime, and for an hour at least: else a good cookie would be called nonsense."""
    session = (await rig.open(await rig.a_user())).session
    if old:
        await rig.age(session.handle, old=old)

    await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN)

    kept = timedelta(
        milliseconds=int(await rig.database.command("PTTL", rig.keys.session(session.handle)))
    )
    wanted = max(24 * HOUR - old, HOUR)
    assert wanted - MINUTE < kept <= wanted
