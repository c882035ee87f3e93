"""Sessions over a limit that nobody uses: not found, not counted, ended once."""

import asyncio
from datetime import timedelta

import pytest

from sidecar.core.reasons import Ended
from sidecar.core.session import Limits
from sidecar.core.users import Role
from sidecar.store import sweeper
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOON = timedelta(milliseconds=100)
"""By more than this our clock and Redis' do not differ."""


@pytest.mark.parametrize(
    ("past", "within"),
    [
        ({"unused": HOUR + SOON}, {"unused": HOUR - timedelta(seconds=1)}),
        ({"old": 24 * HOUR + SOON}, {"old": 24 * HOUR - timedelta(seconds=1)}),
    ],
)
async def test_given_a_session_at_its_limit_when_it_is_looked_for_then_nobody_finds_it(
    rig: Rig, past: dict[str, timedelta], within: dict[str, timedelta]
) -> None:
    user = await rig.a_user()
    over, under = [(await rig.open(user)).session.handle for _ in range(2)]
    await rig.age(over, **past)
    await rig.age(under, **within)

    assert await rig.database.command("EXISTS", rig.keys.session(over)) == 1
    assert await rig.sessions.get(over) is None
    assert await rig.sessions.get(under) is not None
    assert [session.handle for session in await rig.sessions.of_user(user.id)] == [under]
    page, total = await rig.sessions.list(0, 10)
    assert [session.handle for session in page] == [under]
    assert total == 1
    await rig.sweeper.sweep()
    assert await rig.is_dead(over)
    assert (await rig.actions()).count("session.expired") == 1


async def test_given_an_idle_session_when_somebody_revokes_it_then_it_expired_before(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    handle = (await rig.open(user)).session.handle
    await rig.age(handle, unused=HOUR)

    assert await rig.sessions.end(handle, Ended.REVOKED, ADMIN) is None
    assert await rig.sessions.end_all(user.id, Ended.REVOKED, ADMIN) == 0
    assert (await rig.actions())[-1] == "session.expired"
    assert rig.counts.endings == {"idle_timeout": 1}


async def test_given_shorter_limits_for_a_role_then_they_end_only_that_roles_sessions(
    rig: Rig,
) -> None:
    admin, user = await rig.a_user("root", Role.ADMIN), await rig.a_user()
    short = Limits(idle_timeout=10 * MINUTE)
    rig.use_session_policy(roles={Role.ADMIN: short})
    theirs, other = (await rig.open(admin)).session.handle, (await rig.open(user)).session.handle
    for handle in (theirs, other):
        await rig.age(handle, unused=15 * MINUTE)

    await rig.sweeper.sweep()
    page, total = await rig.sessions.list(0, 10)

    assert [session.handle for session in page] == [other]
    assert total == 1
    assert await rig.is_dead(theirs)


async def test_given_more_over_a_limit_at_one_instant_than_are_read_at_once_then_all_end(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    rig.use_session_policy(limits=Limits(max_per_user=1000), roles={Role.ADMIN: Limits()})
    handles = [(await rig.open(user)).session.handle for _ in range(450)]
    instant = round((await rig.database.time() - 7200) * 1000)
    for handle in handles:
        await rig.database.command("SET", rig.keys.last_active(handle), instant)
        partition = rig.keys.partition_of(handle)
        await rig.database.command("ZADD", rig.keys.active(partition, "0b"), instant, handle)

    await asyncio.gather(rig.sweeper.sweep(), rig.sweeper.sweep())

    assert (await rig.sessions.list(0, 10))[1] == 0
    assert (await rig.actions()).count("session.expired") == 450
    assert rig.counts.endings == {"idle_timeout": 450}


async def test_given_an_index_that_names_what_is_not_there_then_it_is_cleaned(rig: Rig) -> None:
    session = (await rig.open(await rig.a_user())).session
    await rig.age(session.handle, unused=2 * HOUR)
    await rig.database.command("DEL", rig.keys.session(session.handle))

    await rig.sweeper.sweep()

    assert await rig.sessions.list(0, 10) == ([], 0)
    assert "session.expired" not in await rig.actions()
    partition = rig.keys.partition_of(session.handle)
    for index in (rig.keys.created, rig.keys.active):
        # Else it would be looked at in every sweep, and enough of them would never let one end.
        assert await rig.database.command("ZCARD", index(partition, "0b")) == 0


async def test_given_a_policy_that_becomes_stricter_then_the_next_sweep_goes_by_it(
    rig: Rig,
) -> None:
    session = (await rig.open(await rig.a_user())).session
    await rig.age(session.handle, unused=10 * MINUTE)
    await rig.sweeper.sweep()
    assert await rig.sessions.get(session.handle) is not None

    rig.use_session_policy(limits=Limits(idle_timeout=5 * MINUTE))

    assert (await rig.sessions.list(0, 10))[1] == 0
    await rig.sweeper.sweep()
    assert await rig.is_dead(session.handle)


async def test_given_a_started_sweeper_when_redis_is_there_or_not_then_it_stops_cleanly(
    rig: Rig,
) -> None:
    rig.sweeper.start()
    await asyncio.sleep(0)

    await rig.sweeper.stop()


async def test_given_a_started_sweeper_then_it_sweeps_and_does_its_chores_each_time(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "INTERVAL", timedelta(milliseconds=20))
    session = (await rig.open(await rig.a_user())).session
    await rig.age(session.handle, unused=HOUR)
    done: list[bool] = []
    twice = asyncio.Event()

    async def chore() -> None:
        done.append(await rig.is_dead(session.handle))
        if len(done) == 2:
            twice.set()

    other = sweeper.Sweeper(rig.database, lambda: rig.policy, rig.counts, (chore,))
    other.start()
    async with asyncio.timeout(20):
        await twice.wait()
    await other.stop()

    assert done[:2] == [True, True]
