"""People as they are now, many at once."""

from sidecar.core.users import Role, Status, UserId
from tests.store.rig import Rig
from tests.store.seeds import ADMIN
from tests.store.test_people_index import lock

NOBODY = UserId("nobody")


async def test_given_people_when_many_are_asked_for_then_those_who_are_there_come(
    rig: Rig,
) -> None:
    users = [await rig.a_user(f"user{number}") for number in range(4)]

    found = await rig.users.get_many([users[2].id, NOBODY, users[0].id])

    assert found == {users[2].id: users[2], users[0].id: users[0]}
    assert await rig.users.get_many([]) == {}


async def test_given_each_status_when_they_are_asked_for_then_a_ban_is_named_before_a_lock(
    rig: Rig,
) -> None:
    active, banned, locked, both = [await rig.a_user(name) for name in ("a", "b", "c", "d")]
    for name in ("c", "d"):
        await lock(rig, name)
    for user in (banned, both):
        await rig.users.ban(user.id, ADMIN, "x", highest=Role.OWNER)
    await rig.users.delete(active.id, ADMIN, highest=Role.OWNER)
    gone, active = active, await rig.a_user("a")

    statuses = await rig.users.statuses([active, banned, locked, both, gone])

    assert statuses == {
        active.id: Status.ACTIVE,
        banned.id: Status.BANNED,
        locked.id: Status.LOCKED,
        both.id: Status.BANNED,
    }


async def test_given_a_locked_name_when_it_signs_in_after_all_or_is_unlocked_then_it_is_active(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    attempt = await rig.throttle.begin("alice", "192.0.2.7")
    await lock(rig, "alice")
    assert await rig.users.statuses([user]) == {user.id: Status.LOCKED}

    await rig.throttle.succeeded(attempt)

    assert await rig.users.statuses([user]) == {user.id: Status.ACTIVE}
    await lock(rig, "alice")
    await rig.throttle.unlock("ALICE", ADMIN)
    assert await rig.users.statuses([user]) == {user.id: Status.ACTIVE}


async def test_given_a_name_that_is_locked_when_somebody_gets_it_then_they_are_locked(
    rig: Rig,
) -> None:
    await lock(rig, "alice")

    user = await rig.a_user("Alice")

    assert await rig.users.statuses([user]) == {user.id: Status.LOCKED}
