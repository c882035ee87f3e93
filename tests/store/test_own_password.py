"""A person changes their own password: one step, in which the session must still be theirs."""

from collections import Counter
from dataclasses import replace

from sidecar.core.audit import SYSTEM
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.policy import IN_FORCE
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import Role, User
from tests.store.rig import Rig, actor_of


async def proved(rig: Rig) -> User:
    """Return the person as they are when their password is proved."""
    known = await rig.users.find("alice")
    assert known is not None
    return known.user


async def stored(rig: Rig) -> str:
    known = await rig.users.find("alice")
    assert known is not None
    return known.password_hash


async def change(rig: Rig, user: User, keep: Handle, new: str = "new") -> bool:
    return await rig.users.change_password(user, new, actor_of(user), keep=keep)


async def test_given_three_sessions_when_one_changes_the_password_then_only_it_stays(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    kept, *others = [(await rig.open(user)).session.handle for _ in range(3)]
    positions = await rig.events.latest()

    assert await change(rig, await proved(rig), kept)

    assert await stored(rig) == "new"
    assert [session.handle for session in await rig.sessions.of_user(user.id)] == [kept]
    assert all([await rig.is_dead(handle) for handle in others])
    ended, changed = sorted(
        (await rig.audit.read(EVERYTHING, 2)).entries, key=lambda entry: entry.action.value
    )
    assert (ended.action.value, ended.reason, ended.count) == (
        "session.revoked",
        "password_changed",
        2,
    )
    assert (changed.action.value, changed.actor) == ("user.password_changed", actor_of(user))
    page = await rig.events.page(positions, frozenset(), 10)
    happened = Counter(event.action for event in page.events)
    assert happened == {"session.revoked": 2, "user.password_changed": 1}


async def test_given_a_session_that_has_ended_meanwhile_then_nothing_is_changed(rig: Rig) -> None:
    user = await rig.a_user()
    mine, other = [(await rig.open(user)).session.handle for _ in range(2)]
    before, known = await stored(rig), await proved(rig)
    await rig.sessions.end(mine, Ended.REVOKED, SYSTEM)

    assert not await change(rig, known, mine)

    assert await stored(rig) == before
    assert not await rig.is_dead(other)


async def test_given_a_password_that_was_changed_meanwhile_then_the_first_one_stands(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    handle = (await rig.open(user)).session.handle
    known = await proved(rig)
    assert await change(rig, known, handle, "first")

    assert not await change(rig, known, handle, "second")

    assert await stored(rig) == "first"


async def test_given_somebody_elses_session_to_keep_then_nothing_is_changed(rig: Rig) -> None:
    await rig.a_user()
    other = await rig.users.add("bob", "hash", Role.USER, SYSTEM, highest=Role.OWNER)
    theirs = (await rig.open(other)).session.handle
    before, known = await stored(rig), await proved(rig)

    assert not await change(rig, known, theirs)
    assert not await change(rig, known, Handle("h" * 30))

    assert await stored(rig) == before


async def test_given_a_link_to_reset_it_when_the_password_is_changed_then_the_link_is_void(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    handle = (await rig.open(user)).session.handle
    link = await rig.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)

    assert await change(rig, await proved(rig), handle)

    assert await rig.users.resetting(link.token) is None


async def test_given_a_policy_without_the_trigger_then_the_others_stay_and_a_link_is_void(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, triggers={**IN_FORCE, "password_changed": False})
    user = await rig.a_user()
    kept, other = [(await rig.open(user)).session.handle for _ in range(2)]
    link = await rig.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)

    assert await change(rig, await proved(rig), kept)

    assert await stored(rig) == "new"
    assert await rig.sessions.get(other)
    assert await rig.users.resetting(link.token) is None
    assert (await rig.actions())[-1] == "user.password_changed"


async def test_given_that_policy_when_the_password_is_set_anew_then_every_session_ends(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, triggers={**IN_FORCE, "password_changed": False})
    user = await rig.a_user()
    await rig.open(user)
    await rig.users.set_password(user.id, "new", SYSTEM, highest=Role.OWNER)
    assert await rig.sessions.of_user(user.id) == []

    await rig.open(await proved(rig))
    link = await rig.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)
    await rig.users.finish_reset(link.token, "newer", "192.0.2.7")

    assert await rig.sessions.of_user(user.id) == []
