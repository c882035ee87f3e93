"""Second factors in the store: what counts, what is used up, and what Redis never learns."""

import asyncio
from dataclasses import replace

import pytest

from sidecar.core.audit import SYSTEM, Action
from sidecar.core.directory import Outranked
from sidecar.core.factors import Factors
from sidecar.core.opening import Opened
from sidecar.core.ports import NoSuchUser, StoreUnavailable
from sidecar.core.users import Role, User, UserId
from sidecar.store.factors import StoredFactors
from sidecar.store.seal import SealBroken
from tests.store.rig import Rig, actor_of, an_opening

SECRET = b"twenty bytes, exact!"
STEP = 59_000_000
DIGESTS = ("a" * 32, "b" * 32, "c" * 32)


async def with_app(rig: Rig, user: User, *, step: int = STEP, replace: bool = False) -> bool | None:
    return await rig.factors.add_totp(
        user.id, SECRET, step, DIGESTS, actor_of(user), replace=replace
    )


async def test_given_nothing_then_there_are_no_factors_and_nobody_has_any(rig: Rig) -> None:
    user = await rig.a_user()

    assert await rig.factors.of(user.id) == Factors()
    assert await rig.factors.of(UserId("nobody")) == Factors()
    assert await rig.factors.totp(user.id) is None
    assert not user.second_factor


async def test_given_an_app_then_it_counts_with_its_codes_and_says_so_in_the_log(rig: Rig) -> None:
    user = await rig.a_user()

    taken = await with_app(rig, user)

    assert taken is True
    factors = await rig.factors.of(user.id)
    assert [(one.id, one.last_used_at) for one in factors.items] == [("totp", None)]
    assert factors.recovery_codes == 3
    known = await rig.users.get(user.id)
    assert known is not None
    assert known.second_factor
    entry = (await rig.entries())[-1]
    assert (entry.action, entry.details) == (Action.USER_FACTOR_ADDED, {"kind": "totp"})
    assert (entry.actor.id, entry.target.user_id) == (user.id, user.id)


async def test_given_an_app_then_redis_has_its_secret_sealed_and_for_its_person_alone(
    rig: Rig,
) -> None:
    alice, bob = await rig.a_user("alice"), await rig.a_user("bob")
    await with_app(rig, alice)
    raw = await rig.database.command("GET", rig.keys.user(alice.id))
    assert SECRET not in raw

    await rig.database.command("SET", rig.keys.user(bob.id), raw)

    found = await rig.factors.totp(alice.id)
    assert found is not None
    assert (found.secret, found.last_step) == (SECRET, STEP)
    with pytest.raises(SealBroken):
        await rig.factors.totp(bob.id)
    elsewhere = StoredFactors(rig.database, lambda: rig.policy, rig.counts, b"o" * 32)
    with pytest.raises(SealBroken):
        await elsewhere.totp(alice.id)


async def test_given_an_app_when_another_is_added_then_only_a_replacement_is_taken(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await with_app(rig, user)

    assert await with_app(rig, user) is None

    others = await rig.factors.add_totp(
        user.id, SECRET, STEP + 9, ("f" * 32,), actor_of(user), replace=True
    )

    assert others is False

    found = await rig.factors.totp(user.id)
    assert found is not None
    assert found.last_step == STEP + 9
    assert (await rig.actions()).count("user.factor_added") == 2


async def test_given_a_time_step_when_it_comes_again_then_it_and_older_ones_are_used_up(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await with_app(rig, user)
    totp = await rig.factors.totp(user.id)
    assert totp is not None

    at_once = await asyncio.gather(
        *(rig.factors.use_totp(user.id, totp, STEP + 1) for _ in range(8))
    )

    assert sorted(at_once) == [False] * 7 + [True]
    assert not await rig.factors.use_totp(user.id, totp, STEP)
    assert await rig.factors.use_totp(user.id, totp, STEP + 2)
    assert (await rig.factors.of(user.id)).items[0].last_used_at is not None


async def test_given_another_app_meanwhile_when_a_step_of_the_old_one_is_used_then_not(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await with_app(rig, user)
    old = await rig.factors.totp(user.id)
    assert old is not None
    await with_app(rig, user, replace=True)

    assert not await rig.factors.use_totp(user.id, old, STEP + 5)
    assert not await rig.factors.use_totp(UserId("nobody"), old, STEP + 5)


async def test_given_a_recovery_code_when_it_is_used_at_once_then_once_and_audited(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await with_app(rig, user)

    at_once = await asyncio.gather(
        *(rig.factors.use_recovery_code(user.id, DIGESTS[1], actor_of(user)) for _ in range(8))
    )

    assert sorted(at_once) == [False] * 7 + [True]
    assert not await rig.factors.use_recovery_code(user.id, "d" * 32, actor_of(user))
    assert (await rig.factors.of(user.id)).recovery_codes == 2
    used = [one for one in await rig.entries() if one.action is Action.USER_RECOVERY_CODE_USED]
    assert [one.details for one in used] == [{"left": "2"}]


async def test_given_new_recovery_codes_then_those_from_before_end(rig: Rig) -> None:
    user = await rig.a_user()
    assert not await rig.factors.renew_recovery_codes(user.id, ("e" * 32,), actor_of(user))
    await with_app(rig, user)

    assert await rig.factors.renew_recovery_codes(user.id, ("e" * 32,), actor_of(user))

    assert not await rig.factors.use_recovery_code(user.id, DIGESTS[0], actor_of(user))
    assert await rig.factors.use_recovery_code(user.id, "e" * 32, actor_of(user))
    assert (await rig.actions()).count("user.recovery_codes_made") == 1


async def test_given_the_last_factor_when_it_is_removed_then_the_codes_go_too_unless_it_must_stay(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await with_app(rig, user)

    assert not await rig.factors.remove(user.id, "totp", actor_of(user), keep_last=True)
    assert await rig.factors.remove(user.id, "totp", actor_of(user), keep_last=False)
    assert await rig.factors.remove(user.id, "totp", actor_of(user), keep_last=False)

    assert await rig.factors.of(user.id) == Factors()
    outcomes = [
        (one.outcome, one.reason)
        for one in await rig.entries()
        if one.action is Action.USER_FACTOR_REMOVED
    ]
    assert outcomes == [("refused", "factor_required"), ("done", "")]


async def test_given_an_admin_when_they_reset_a_person_then_nobody_of_a_higher_role(
    rig: Rig,
) -> None:
    user, owner = await rig.a_user(), await rig.a_user("olga", Role.OWNER)
    await with_app(rig, user)
    await with_app(rig, owner)

    reset = await rig.factors.remove_all(user.id, SYSTEM, highest=Role.ADMIN)
    with pytest.raises(Outranked):
        await rig.factors.remove_all(owner.id, SYSTEM, highest=Role.ADMIN)

    assert not reset.second_factor
    assert (await rig.factors.of(owner.id)).items
    entries = [one for one in await rig.entries() if one.action is Action.USER_FACTORS_RESET]
    assert [(one.outcome, one.target.username) for one in entries] == [
        ("done", "alice"),
        ("refused", "olga"),
    ]
    await rig.factors.remove_all(user.id, SYSTEM, highest=Role.ADMIN)
    assert (await rig.actions()).count("user.factors_reset") == 2


async def test_given_nobody_then_nothing_is_added_and_nothing_taken(rig: Rig) -> None:
    user = await rig.a_user()
    nobody = replace(user, id=UserId("nobody"))

    for act in (
        with_app(rig, nobody),
        rig.factors.renew_recovery_codes(nobody.id, DIGESTS, SYSTEM),
        rig.factors.remove_all(nobody.id, SYSTEM, highest=Role.OWNER),
    ):
        with pytest.raises(NoSuchUser):
            await act


async def test_given_a_factor_since_the_password_was_checked_then_the_password_alone_opens_nothing(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await with_app(rig, user)

    with pytest.raises(StoreUnavailable):
        await rig.sessions.open(an_opening(user))
    opened = await rig.sessions.open(an_opening(user, auth_method="password+totp"))

    assert isinstance(opened, Opened)
    assert opened.session.auth_method == "password+totp"


async def test_given_a_new_password_since_then_a_second_factor_opens_nothing_either(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    await rig.users.set_password(user.id, "other", SYSTEM, highest=Role.OWNER)

    with pytest.raises(StoreUnavailable):
        await rig.sessions.open(an_opening(user, auth_method="password+totp"))


async def test_given_a_person_who_is_deleted_or_erased_then_so_are_their_factors(rig: Rig) -> None:
    alice, bob = await rig.a_user("alice"), await rig.a_user("bob")
    await with_app(rig, alice)
    await with_app(rig, bob)

    await rig.users.delete(alice.id, SYSTEM, highest=Role.OWNER)
    await rig.users.erase(bob.id, SYSTEM, highest=Role.OWNER)

    assert await rig.factors.of(alice.id) == Factors()
    assert await rig.factors.of(bob.id) == Factors()
    with pytest.raises(NoSuchUser):
        await with_app(rig, bob)
