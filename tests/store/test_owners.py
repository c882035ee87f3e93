"""The last active owner stays, whoever tries at the same time."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from sidecar.core.people import EVERYBODY, PersonChange
from sidecar.core.ports import LastOwner
from sidecar.core.users import Role, User
from tests.store.rig import Rig
from tests.store.seeds import ADMIN


async def owners(rig: Rig, number: int) -> list[User]:
    return [await rig.a_user(f"owner{index}", Role.OWNER) for index in range(number)]


@pytest.mark.parametrize("number", [2, 5])
async def test_given_some_owners_when_all_are_banned_at_once_then_one_is_left(
    rig: Rig, number: int
) -> None:
    everyone = await owners(rig, number)

    results = await asyncio.gather(
        *(rig.users.ban(owner.id, ADMIN, "x", highest=Role.OWNER) for owner in everyone),
        return_exceptions=True,
    )

    assert sum(isinstance(result, LastOwner) for result in results) == 1
    left = [user for user in (await rig.users.list(EVERYBODY, 0, 9))[0] if not user.banned]
    assert len(left) == 1


async def test_given_two_owners_when_they_demote_and_delete_each_other_then_one_is_left(
    rig: Rig,
) -> None:
    one, other = await owners(rig, 2)

    results = await asyncio.gather(
        rig.users.change(one.id, PersonChange(role=Role.USER), ADMIN, highest=Role.OWNER),
        rig.users.delete(other.id, ADMIN, highest=Role.OWNER),
        return_exceptions=True,
    )

    assert sum(isinstance(result, LastOwner) for result in results) == 1


async def test_given_one_owner_who_is_deleted_many_times_at_once_then_they_count_no_more(
    rig: Rig,
) -> None:
    one, other, third = await owners(rig, 3)
    await asyncio.gather(*(rig.users.get(one.id) for _ in range(6)))  # so many connections

    await asyncio.gather(
        *(rig.users.delete(one.id, ADMIN, highest=Role.OWNER) for _ in range(6)),
        return_exceptions=True,
    )

    await rig.users.delete(other.id, ADMIN, highest=Role.OWNER)
    with pytest.raises(LastOwner):
        await rig.users.delete(third.id, ADMIN, highest=Role.OWNER)


async def test_given_an_owner_who_is_demoted_while_a_ban_is_lifted_then_they_count_no_more(
    rig: Rig,
) -> None:
    one, other = await owners(rig, 2)
    demotion = PersonChange(role=Role.USER)

    for _ in range(5):
        await rig.users.ban(one.id, ADMIN, "x", highest=Role.OWNER)
        await asyncio.gather(
            rig.users.unban(one.id, ADMIN, highest=Role.OWNER),
            rig.users.change(one.id, demotion, ADMIN, highest=Role.OWNER),
        )
        with pytest.raises(LastOwner):
            await rig.users.change(other.id, demotion, ADMIN, highest=Role.OWNER)
        promotion = PersonChange(role=Role.OWNER)
        await rig.users.change(one.id, promotion, ADMIN, highest=Role.OWNER)


async def test_given_a_banned_owner_then_only_the_active_one_counts_until_the_ban_is_lifted(
    rig: Rig,
) -> None:
    one, other = await owners(rig, 2)
    await rig.users.ban(one.id, ADMIN, "x", highest=Role.OWNER)

    with pytest.raises(LastOwner):
        await rig.users.ban(other.id, ADMIN, "x", highest=Role.OWNER)
    await rig.users.unban(one.id, ADMIN, highest=Role.OWNER)

    assert (await rig.users.ban(other.id, ADMIN, "x", highest=Role.OWNER)).banned


async def test_given_a_ban_that_has_lapsed_then_that_owner_counts_again(rig: Rig) -> None:
    one, other = await owners(rig, 2)
    await rig.users.ban(
        one.id, ADMIN, "x", rig.clock.now() + timedelta(seconds=1), highest=Role.OWNER
    )
    with pytest.raises(LastOwner):
        await rig.users.delete(other.id, ADMIN, highest=Role.OWNER)

    # Redis' clock decides, and this process knows it only about: ask until the ban is over.
    async with asyncio.timeout(10):
        while True:
            with suppress(LastOwner):
                await rig.users.delete(other.id, ADMIN, highest=Role.OWNER)
                break
            await asyncio.sleep(0.02)
    assert await rig.users.get(other.id) is None


async def test_given_a_new_owner_then_the_old_one_may_go(rig: Rig) -> None:
    (old,) = await owners(rig, 1)
    new = await rig.a_user("new")
    await rig.users.change(new.id, PersonChange(role=Role.OWNER), ADMIN, highest=Role.OWNER)

    await rig.users.delete(old.id, ADMIN, highest=Role.OWNER)

    with pytest.raises(LastOwner):
        await rig.users.delete(new.id, ADMIN, highest=Role.OWNER)
