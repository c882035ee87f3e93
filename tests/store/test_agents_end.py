"""Software that acts for people, on a real Redis: it ends with them, in the same step."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.listing import SessionFilter
from sidecar.core.people import PersonChange
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.users import Role
from tests.store.delegating import delegate
from tests.store.rig import Rig, a_rig, actor_of
from tests.store.seeds import ADMIN

HOUR = timedelta(hours=1)


@pytest.fixture(params=[1, 64])
async def rig(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with a_rig(redis_url, request.param) as rig:
        yield rig


Deed = Callable[[Rig, Session], Awaitable[object]]


async def sign_out(rig: Rig, session: Session) -> None:
    await rig.sessions.end(session.handle, Ended.SIGNED_OUT, ADMIN)


async def grow_idle(rig: Rig, session: Session) -> None:
    await rig.age(session.handle, unused=2 * HOUR)
    await rig.sweeper.sweep()


async def grow_old(rig: Rig, session: Session) -> None:
    await rig.age(session.handle, old=25 * HOUR)
    await rig.sweeper.sweep()


@pytest.mark.parametrize("deed", [sign_out, grow_idle, grow_old])
async def test_given_a_session_that_delegated_when_it_ends_then_its_agents_end_in_that_step(
    rig: Rig, deed: Deed
) -> None:
    user = await rig.a_user()
    creator, other = (await rig.open(user)).session, (await rig.open(user)).session
    agent = (await delegate(rig, creator)).session
    others = (await delegate(rig, other)).session
    service = (await delegate(rig, creator, "service")).session

    await deed(rig, creator)

    assert await rig.is_dead(agent.handle)
    alive = {session.handle for session in await rig.sessions.of_user(user.id)}
    assert alive == {other.handle, others.handle, service.handle}
    ended = [entry for entry in await rig.entries() if entry.target.handle == agent.handle][-1]
    assert (ended.action.value, ended.reason) == ("session.revoked", "parent_ended")
    assert rig.counts.endings["parent_ended"] == 1
    history = await rig.lists.ended(user.id, 0, 10)
    assert {each.handle: each.reason for each in history.items}[agent.handle] == "parent_ended"


async def ban(rig: Rig, session: Session) -> None:
    await rig.users.ban(session.user_id, ADMIN, "gone", highest=Role.OWNER)


async def demote(rig: Rig, session: Session) -> None:
    change = PersonChange(role=Role.USER)
    await rig.users.change(session.user_id, change, ADMIN, highest=Role.OWNER)


async def delete(rig: Rig, session: Session) -> None:
    await rig.users.delete(session.user_id, ADMIN, highest=Role.OWNER)


async def reset(rig: Rig, session: Session) -> None:
    await rig.users.set_password(session.user_id, "phc2", ADMIN, highest=Role.OWNER)


async def end_everything(rig: Rig, session: Session) -> None:
    assert await rig.sessions.end_all(session.user_id, Ended.REVOKED, ADMIN) == 3


async def end_matching(rig: Rig, session: Session) -> None:
    wanted = SessionFilter(username_prefix="alice")
    done = await rig.sessions.end_matching(wanted, Ended.REVOKED, ADMIN, expected=3)
    assert getattr(done, "ended", None) == 3


@pytest.mark.parametrize("deed", [ban, demote, delete, reset, end_everything, end_matching])
async def test_given_a_person_when_all_of_theirs_ends_then_so_does_all_software_in_one_act(
    rig: Rig, deed: Deed
) -> None:
    user = await rig.a_user(role=Role.ADMIN)
    creator = (await rig.open(user)).session
    agent = (await delegate(rig, creator)).session
    service = (await delegate(rig, creator, "service")).session

    await deed(rig, creator)

    for session in (creator, agent, service):
        assert await rig.is_dead(session.handle)
    (act,) = [each for each in await rig.entries() if each.action.value == "session.revoked"]
    assert act.count == 3


async def test_given_an_agent_when_it_is_disabled_then_its_person_stays_signed_in(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    creator = (await rig.open(user)).session
    agent = (await delegate(rig, creator)).session

    await rig.sessions.end(agent.handle, Ended.AGENT_DISABLED, actor_of(user))

    assert await rig.is_dead(agent.handle)
    assert await rig.sessions.get(creator.handle) is not None
    last = (await rig.entries())[-1]
    assert (last.action.value, last.reason) == ("session.revoked", "agent_disabled")


async def test_given_an_agent_when_its_own_time_is_over_then_it_is_found_by_nobody_and_ends(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    creator = (await rig.open(user)).session
    agent = (await delegate(rig, creator, lifetime=HOUR)).session
    await rig.age(agent.handle, old=2 * HOUR)
    base = rig.keys.of_handle(agent.handle)
    await rig.database.command("ZADD", f"{base}expiring", 1, agent.handle)

    assert [each.handle for each in await rig.sessions.of_user(user.id)] == [creator.handle]
    assert (await rig.lists.of_users([user.id]))[user.id] == 1
    await rig.sweeper.sweep()

    assert await rig.is_dead(agent.handle)
    assert rig.counts.endings == {"lifetime_exceeded": 1}


async def test_given_an_agent_at_work_when_it_is_used_then_its_person_grows_idle_all_the_same(
    rig: Rig,
) -> None:
    creator = (await rig.open(await rig.a_user())).session
    agent = (await delegate(rig, creator)).session
    await rig.age(creator.handle, unused=timedelta(minutes=59))
    before = await rig.sessions.get(creator.handle)

    used = replace(agent, last_active_at=agent.last_active_at - HOUR)
    rig.sessions.touch(used, "198.51.100.9")
    await rig.sessions.flush()

    assert await rig.sessions.get(creator.handle) == before
    seen = await rig.sessions.get(agent.handle)
    assert seen is not None
    assert seen.last_ip_address == "198.51.100.9"


async def test_given_a_policy_that_keeps_agents_when_their_session_ends_then_they_go_on(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, triggers={**rig.policy.triggers, "parent_ended": False})
    creator = (await rig.open(await rig.a_user())).session
    agent = (await delegate(rig, creator)).session

    await sign_out(rig, creator)

    assert await rig.sessions.get(agent.handle) == agent
