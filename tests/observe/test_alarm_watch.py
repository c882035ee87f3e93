"""Every alarm through the store, at its threshold and one below: raised once, over two replicas."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from sidecar.core.alarms import AlarmState
from sidecar.core.audit import SYSTEM, Action
from sidecar.core.reasons import Ended
from tests.observe.alarm_causes import (
    CAUSES,
    PLACES,
    bad_policy,
    fail,
    failures_of_a_name,
    lockout,
    opened,
    shift,
    spread,
    travel,
)
from tests.store.alarm_rig import AlarmRig
from tests.store.rig import a_rig, actor_of


@pytest.fixture(params=[1, 64])
async def here(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[AlarmRig]:
    async with a_rig(redis_url, request.param) as rig:
        yield AlarmRig(rig, PLACES.get)


@pytest.mark.parametrize(("cause", "kind"), CAUSES)
async def test_given_a_cause_at_the_threshold_when_two_replicas_look_then_one_alarm_opens_once(
    here: AlarmRig, cause: Callable[..., Awaitable[None]], kind: str
) -> None:
    other = AlarmRig(here.rig, PLACES.get)
    await cause(here, below=False)
    other.waiting_since = here.waiting_since
    await here.notes.flush()
    await here.rig.sessions.flush()

    await asyncio.gather(here.turn(), other.turn())
    alarms = await here.turn()

    assert [alarm.kind for alarm in alarms] == [kind]
    assert alarms[0].state is AlarmState.ACTIVE
    assert (await here.rig.actions()).count("alarm.raised") == 1


@pytest.mark.parametrize(("cause", "kind"), CAUSES)
async def test_given_one_below_the_threshold_then_there_is_no_alarm(
    here: AlarmRig, cause: Callable[..., Awaitable[None]], kind: str
) -> None:
    await cause(here, below=True)

    assert await here.kinds() == []


@pytest.mark.parametrize(("cause", "kind"), CAUSES)
async def test_given_a_kind_that_is_switched_off_then_there_is_no_alarm_and_an_open_one_is_over(
    here: AlarmRig, cause: Callable[..., Awaitable[None]], kind: str
) -> None:
    await cause(here, below=False)
    (alarm,) = await here.turn()

    here.use(kind, enabled=False)
    await here.watch.look_again()

    (over,) = await here.alarms()
    assert (over.id, over.state) == (alarm.id, AlarmState.RESOLVED)
    assert [each.state for each in await here.turn()] == [AlarmState.RESOLVED]


async def test_given_a_spread_then_the_evidence_says_who_from_where_and_on_what(
    here: AlarmRig,
) -> None:
    await spread(here, below=False)

    (alarm,) = await here.turn()

    user = await here.rig.users.find("alice")
    assert user is not None
    assert (alarm.user_id, alarm.username) == (user.user.id, "alice")
    assert set(alarm.evidence.ip_addresses) == {
        "192.0.2.7",
        "198.51.100.1",
        "198.51.100.2",
        "2001:db8::7",
    }
    assert len(alarm.evidence.handles) == 2
    assert alarm.count == alarm.evidence.counts["addresses"] == 4


async def test_given_sessions_that_ended_then_their_last_addresses_still_count(
    here: AlarmRig,
) -> None:
    user = await here.rig.a_user()
    for number in range(4):
        session = await opened(here.rig, user, f"198.51.100.{number}")
        await here.rig.sessions.end(session.handle, Ended.SIGNED_OUT, actor_of(user))
        assert await here.kinds() == ([] if number < 3 else ["ip_spread"])


async def test_given_addresses_that_leave_the_window_then_the_alarm_resolves_by_itself(
    here: AlarmRig,
) -> None:
    await spread(here, below=False)
    (alarm,) = await here.turn()
    key = here.rig.keys.seen(alarm.user_id)  # type: ignore[arg-type]  # it is about a person
    long_ago = round((await here.rig.database.time() - 3600) * 1000)
    await here.rig.database.command("ZADD", key, long_ago, "198.51.100.1")

    await here.watch.look_again()

    (over,) = await here.alarms()
    assert over.state is AlarmState.RESOLVED
    assert over.resolved_at is not None
    assert (await here.rig.actions())[-1] == "alarm.resolved"


async def test_given_more_of_the_same_then_the_alarm_is_updated_and_nothing_is_raised_again(
    here: AlarmRig,
) -> None:
    await failures_of_a_name(here, below=False)
    await here.turn()

    await fail(here.rig, "ALICE", 2, "198.51.100.9")
    (alarm,) = await here.turn()

    assert alarm.count == 7
    assert set(alarm.evidence.ip_addresses) == {"203.0.113.9", "198.51.100.9"}
    assert (await here.rig.actions()).count("alarm.raised") == 1


async def test_given_an_alarm_that_is_acknowledged_then_more_of_the_same_leaves_it_so(
    here: AlarmRig,
) -> None:
    await failures_of_a_name(here, below=False)
    (alarm,) = await here.turn()
    await here.book.acknowledge(alarm.id, SYSTEM, "")

    await fail(here.rig, "alice", 1)
    (seen,) = await here.turn()

    assert (seen.state, seen.count) == (AlarmState.ACKNOWLEDGED, 6)


async def test_given_a_lock_that_is_lifted_then_its_alarms_are_over(here: AlarmRig) -> None:
    await lockout(here, below=False)
    here.use("failed_logins", threshold=3)
    assert sorted(await here.kinds()) == ["failed_logins", "lockout"]

    await here.rig.throttle.unlock("ALICE", SYSTEM)
    await here.turn()
    await here.watch.look_again()

    assert {alarm.state for alarm in await here.alarms()} == {AlarmState.RESOLVED}


async def test_given_a_policy_that_is_good_again_then_the_alarm_is_over_and_not_before(
    here: AlarmRig,
) -> None:
    await bad_policy(here, below=False)
    await here.turn()
    await here.watch.look_again()
    assert [alarm.state for alarm in await here.alarms()] == [AlarmState.ACTIVE]

    await bad_policy(here, below=True)
    await here.turn()
    await here.watch.look_again()

    assert [alarm.state for alarm in await here.alarms()] == [AlarmState.RESOLVED]


async def test_given_the_action_end_sessions_then_those_concerned_end_once_and_it_is_audited(
    here: AlarmRig,
) -> None:
    here.use("ip_spread", action="end_sessions")
    await spread(here, below=False)

    (alarm,) = await here.turn()

    assert (alarm.ended, alarm.must_act) == (2, False)
    user = await here.rig.users.find("alice")
    assert user is not None
    assert await here.rig.sessions.of_user(user.user.id) == []
    (entry,) = [each for each in await here.rig.entries() if each.action is Action.SESSION_REVOKED]
    assert (entry.actor, entry.count, entry.target.username) == (SYSTEM, 2, "alice")
    assert entry.details["note"] == f"alarm ip_spread {alarm.id}"

    again = await opened(here.rig, user.user)
    await here.turn()
    assert await here.rig.sessions.get(again.handle) is not None


async def test_given_a_replica_that_died_before_it_acted_then_the_next_one_does(
    here: AlarmRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.use("session_shift", action="end_sessions")
    await shift(here, below=False)

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(here.watch, "_act", dies)
    with pytest.raises(asyncio.CancelledError):
        await here.turn()
    assert [alarm.must_act for alarm in await here.alarms()] == [True]
    assert await AlarmRig(here.rig).turn()

    (alarm,) = await here.alarms()
    assert (alarm.must_act, alarm.ended) == (False, 1)


async def test_given_a_replica_that_died_after_it_read_then_the_next_one_misses_nothing(
    here: AlarmRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await failures_of_a_name(here, below=False)

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(here.watch, "_settle", dies)
    with pytest.raises(asyncio.CancelledError):
        await here.turn()

    (alarm,) = await AlarmRig(here.rig).turn()
    assert (alarm.kind, alarm.count) == ("failed_logins", 5)


async def test_given_no_places_then_nobody_travels_impossibly(here: AlarmRig) -> None:
    await travel(here, below=False)

    assert await AlarmRig(here.rig).kinds() == []
