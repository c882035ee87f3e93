"""Opening a session: the cap, what ends in the same step, and who is refused."""

import asyncio
from datetime import timedelta

import pytest

from sidecar.core.opening import AtLimit, Banned, Opened
from sidecar.core.people import PersonChange
from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Kind
from sidecar.core.users import Role
from tests.store.rig import Rig, an_opening
from tests.store.seeds import ADMIN

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def test_given_ten_sessions_when_an_eleventh_is_opened_then_it_is_refused_with_the_ten(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    handles = {(await rig.open(user)).session.handle for _ in range(10)}

    result = await rig.sessions.open(an_opening(user))

    assert isinstance(result, AtLimit)
    assert {session.handle for session in result.sessions} == handles


async def test_given_ten_sessions_when_one_is_ended_first_then_the_eleventh_opens_in_one_step(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    first = (await rig.open(user)).session.handle
    for _ in range(9):
        await rig.open(user)

    result = await rig.sessions.open(an_opening(user, end_first=first))

    assert isinstance(result, Opened)
    assert await rig.is_dead(first)
    assert len(await rig.sessions.of_user(user.id)) == 10
    assert (await rig.actions())[-2:] == ["session.revoked", "session.opened"]


async def test_given_a_session_of_somebody_else_when_it_should_end_first_then_it_lives_on(
    rig: Rig,
) -> None:
    user, other = await rig.a_user(), await rig.a_user("bob")
    theirs = (await rig.open(other)).session.handle

    await rig.open(user, end_first=theirs)

    assert await rig.sessions.get(theirs) is not None


async def test_given_the_session_of_the_cookie_when_signing_in_then_it_ends_whosever_it_was(
    rig: Rig,
) -> None:
    user, other = await rig.a_user(), await rig.a_user("bob")
    planted = (await rig.open(other)).session.handle

    opened = await rig.open(user, replaces=planted)

    assert await rig.is_dead(planted)
    assert await rig.sessions.get(opened.session.handle) is not None
    assert rig.counts.endings == {"signed_out": 1}


@pytest.mark.parametrize("why", ["policy", "owner"])
async def test_given_the_cap_when_the_oldest_gives_way_then_it_is_evicted_and_audited(
    rig: Rig, why: str
) -> None:
    user = await rig.a_user(role=Role.OWNER if why == "owner" else Role.USER)
    if why == "policy":
        rig.use_session_policy(at_limit="evict_oldest")
    first = (await rig.open(user)).session.handle
    for _ in range(9):
        await rig.open(user)

    await rig.open(user)

    assert await rig.is_dead(first)
    assert len(await rig.sessions.of_user(user.id)) == 10
    assert rig.counts.endings == {"evicted": 1}
    assert "session.evicted" in await rig.actions()


@pytest.mark.parametrize("role", [Role.USER, Role.VIEWER, Role.ADMIN])
async def test_given_the_cap_when_anybody_below_the_owner_is_at_it_then_no_session_gives_way(
    rig: Rig, role: Role
) -> None:
    user = await rig.a_user(role=role)
    for _ in range(10):
        await rig.open(user)

    assert isinstance(await rig.sessions.open(an_opening(user)), AtLimit)
    assert len(await rig.sessions.of_user(user.id)) == 10


async def test_given_sessions_of_agents_and_idle_ones_then_they_do_not_count_to_the_cap(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    for _ in range(3):
        await rig.open(user, kind=Kind.AGENT)
    idle = (await rig.open(user)).session.handle
    await rig.age(idle, unused=HOUR)

    for _ in range(10):
        await rig.open(user)

    assert isinstance(await rig.sessions.open(an_opening(user)), AtLimit)
    assert isinstance(await rig.sessions.open(an_opening(user, kind=Kind.AGENT)), Opened)
    assert await rig.is_dead(idle)
    assert rig.counts.endings == {"idle_timeout": 1}


async def test_given_a_ban_after_the_password_check_when_the_session_is_opened_then_it_is_refused(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await rig.users.ban(user.id, ADMIN, "left", highest=Role.OWNER)

    assert await rig.sessions.open(an_opening(user)) == Banned()


async def test_given_a_deleted_person_when_a_session_is_opened_then_it_is_refused(rig: Rig) -> None:
    user = await rig.a_user()
    await rig.users.delete(user.id, ADMIN, highest=Role.OWNER)

    assert await rig.sessions.open(an_opening(user)) == Banned()


async def test_given_a_new_role_after_the_password_check_then_the_session_has_the_new_one(
    rig: Rig,
) -> None:
    user = await rig.a_user(role=Role.ADMIN)
    await rig.users.change(user.id, PersonChange(role=Role.VIEWER), ADMIN, highest=Role.OWNER)

    opened = await rig.open(user)

    assert opened.session.role is Role.VIEWER


@pytest.mark.parametrize("parallel", [20, 200])
async def test_given_many_sign_ins_at_once_then_never_more_than_ten_live_and_the_index_agrees(
    rig: Rig, parallel: int
) -> None:
    user = await rig.a_user()

    results = await asyncio.gather(*(rig.sessions.open(an_opening(user)) for _ in range(parallel)))

    opened = [result for result in results if isinstance(result, Opened)]
    partition = rig.keys.partition_of_user(user.id)
    command = rig.database.command
    keys = await command("KEYS", f"{rig.keys.base(partition)}s:*")
    key, number = rig.keys.sessions_of_user(user.id)
    indexed = await command("ZRANGEBYSCORE", key, number, number)
    assert len(opened) == len(keys) == 10
    assert {f"{rig.keys.base(partition)}s:{h.decode()}".encode() for h in indexed} == set(keys)
    assert await command("ZCARD", rig.keys.active(partition, "0b")) == 10


async def test_given_a_ban_among_sign_ins_then_nobody_is_left_signed_in(rig: Rig) -> None:
    user = await rig.a_user()

    await asyncio.gather(
        *(rig.sessions.open(an_opening(user)) for _ in range(8)),
        rig.users.ban(user.id, ADMIN, "left", highest=Role.OWNER),
        *(rig.sessions.open(an_opening(user)) for _ in range(8)),
    )

    assert await rig.sessions.of_user(user.id) == []


async def test_given_redis_forgot_its_scripts_when_one_is_needed_then_it_is_sent_again(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await rig.database.command("SCRIPT", "FLUSH")

    opened = await rig.open(user)
    await rig.database.command("SCRIPT", "FLUSH")

    assert await rig.sessions.end(opened.session.handle, Ended.REVOKED, ADMIN) is not None


async def test_given_a_session_that_ends_then_its_tombstone_stays_as_long_as_its_token_could(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    await rig.age(session.handle, old=20 * HOUR)

    await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN)

    left = await rig.database.command("PTTL", rig.keys.session(session.handle))
    assert 3.9 * HOUR < timedelta(milliseconds=left) <= 4 * HOUR


async def test_given_a_new_password_after_the_old_one_was_checked_then_no_session_opens_with_it(
    rig: Rig,
) -> None:
    before = await rig.a_user()
    await rig.users.set_password(before.id, "new", ADMIN, highest=Role.OWNER)

    with pytest.raises(StoreUnavailable):
        await rig.sessions.open(an_opening(before))

    assert isinstance(await rig.sessions.open(an_opening(before, auth_method="oidc")), Opened)
    known = await rig.users.find("alice")
    assert known is not None
    await rig.open(known.user)
