import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind, Target
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.policy import DeviceRule, Policy, SessionPolicy
from sidecar.core.proof import Locked, TooLarge, WrongCredentials
from sidecar.core.session import Handle, Kind, Limits
from sidecar.core.users import Role
from sidecar.login.entering import CapReached, IsBanned, Visit
from sidecar.login.hashing import Hashing, HashingBusy
from sidecar.login.steps import Credentials, SignInSteps
from tests.house import PASSWORD, House, a_house
from tests.login.attempts import attempt, signed_in

CREDENTIALS = Credentials("alice", PASSWORD, Visit("203.0.113.9"))
TWO_SESSIONS = Policy(session=SessionPolicy(limits=Limits(max_per_user=2)))


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


async def test_given_the_right_password_then_a_session_opens(house: House) -> None:
    user = await house.add("alice")

    session = await signed_in(house, user_agent="curl/8")

    assert session.user_id == user.id
    assert session.ip_address == "203.0.113.9"
    assert session.device.label == "curl"
    assert await house.lifecycle.get(session.handle) == session


async def test_given_a_rule_for_the_device_then_the_session_carries_its_label(house: House) -> None:
    await house.add("alice")
    rule = DeviceRule("atlas/*", "Atlas for desktops", "desktop_app")
    house.policies.append(Policy(devices=(rule,)))

    session = await signed_in(house, user_agent="Atlas/2.0")

    assert session.device.label == "Atlas for desktops"
    assert session.kind is Kind.DESKTOP


async def test_s_76_given_an_unknown_a_wrong_and_a_banned_name_then_nothing_tells_them_apart(
    house: House,
) -> None:
    await house.add("alice")
    banned = await house.add("mallory")
    await house.users.ban(banned.id, SYSTEM, "gone", highest=Role.OWNER)

    results = [await attempt(house, name, "wrong") for name in ("alice", "mallory", "nobody")]

    assert results == [WrongCredentials()] * 3
    failures = [one for one in await house.audit() if "login.failed" in str(one)]
    assert len(failures) == 3


async def test_given_a_wrong_password_then_whose_name_was_typed_is_the_target_and_not_the_actor(
    house: House,
) -> None:
    user = await house.add("alice")

    await attempt(house, "alice", "wrong")
    await attempt(house, "nobody", "wrong")

    failed = [
        entry
        async for entry in house.services.desk.audit.entries(EVERYTHING)
        if entry.action is Action.LOGIN_FAILED
    ]
    assert [entry.actor for entry in failed] == [
        Actor(ActorKind.USER, ip_address="203.0.113.9")
    ] * 2
    assert {entry.target for entry in failed} == {Target(user.id, "alice"), Target(None, "nobody")}


async def test_given_a_banned_person_with_the_right_password_then_they_are_told(
    house: House,
) -> None:
    user = await house.add("alice")
    await house.users.ban(user.id, SYSTEM, "gone", highest=Role.OWNER)

    assert await attempt(house) == IsBanned()
    assert await house.lifecycle.of_user(user.id) == []


async def test_given_ten_failures_then_even_the_right_password_is_locked_for_any_name(
    house: House,
) -> None:
    await house.add("alice")

    for name in ("alice", "nobody"):
        tries = [await attempt(house, name, "wrong") for _ in range(10)]
        assert tries == [WrongCredentials()] * 10
        locked = await attempt(house, name)
        assert isinstance(locked, Locked)
        assert timedelta(minutes=14) < locked.retry_after <= timedelta(minutes=15)


async def test_s_12_given_other_spellings_of_a_name_then_they_share_lock_and_person(
    house: House,
) -> None:
    user = await house.add("Alice")

    for number in range(10):
        spelling = ("alice", "ALICE ", "Ａｌｉｃｅ")[number % 3]
        assert await attempt(house, spelling, "wrong") == WrongCredentials()

    assert isinstance(await attempt(house, "alice"), Locked)
    await house.throttle.unlock("aLiCe", SYSTEM)
    assert (await signed_in(house, " alice ")).user_id == user.id


async def test_given_a_success_then_the_name_starts_anew(house: House) -> None:
    await house.add("alice")

    for _ in range(2):
        for _ in range(9):
            await attempt(house, password="wrong")
        await signed_in(house)


async def test_s_77_given_a_hundred_guesses_at_once_then_ten_are_verified(house: House) -> None:
    await house.add("alice")

    results = await asyncio.gather(
        *(
            attempt(house, password="wrong", ip_address=f"203.0.113.{number}")
            for number in range(100)
        )
    )

    assert results.count(WrongCredentials()) == 10
    assert sum(isinstance(result, Locked) for result in results) == 90


async def test_s_79_given_a_password_that_none_can_be_then_nothing_is_counted_or_computed(
    house: House,
) -> None:
    await house.add("alice")

    for _ in range(11):
        assert await attempt(house, password="x" * 1_048_576) == TooLarge()

    assert await signed_in(house) is not None


async def test_given_a_busy_pool_then_the_attempt_does_not_count(house: House) -> None:
    await house.add("alice")
    full = Hashing(threads=1, waiting=-1, memory_kib=64, passes=1)
    services = house.services
    second = house.services.second
    steps = SignInSteps(house.users, house.throttle, house.lifecycle, full, house.clock, second)

    for _ in range(11):
        with pytest.raises(HashingBusy):
            await steps.sign_in(CREDENTIALS, services.policy())

    full.close()
    assert await signed_in(house) is not None


async def test_given_a_pool_that_fills_up_meanwhile_then_the_attempt_does_not_count_either(
    house: House,
) -> None:
    await house.add("alice")

    class Filling(Hashing):
        async def verify_password(self, hash: str | None, password: str) -> bool:  # noqa: A002 - its name
            raise HashingBusy

    filling = Filling(memory_kib=64, passes=1)
    second = house.services.second
    steps = SignInSteps(house.users, house.throttle, house.lifecycle, filling, house.clock, second)

    for _ in range(11):
        with pytest.raises(HashingBusy):
            await steps.sign_in(CREDENTIALS, Policy())

    filling.close()
    assert await signed_in(house) is not None


async def test_given_the_cap_then_the_own_sessions_are_shown_and_one_may_end(house: House) -> None:
    await house.add("alice")
    house.policies.append(TWO_SESSIONS)
    first, second = await signed_in(house), await signed_in(house)

    refused = await attempt(house)
    assert isinstance(refused, CapReached)
    assert {one.handle for one in refused.sessions} == {first.handle, second.handle}
    third = await signed_in(house, end_session=first.handle)

    alive = {one.handle for one in await house.lifecycle.of_user(third.user_id)}
    assert alive == {second.handle, third.handle}


async def test_given_the_cap_and_a_wrong_password_then_no_session_is_shown(house: House) -> None:
    await house.add("alice")
    house.policies.append(TWO_SESSIONS)
    sessions = [await signed_in(house), await signed_in(house)]

    result = await attempt(house, password="wrong", end_session=sessions[0].handle)

    assert result == WrongCredentials()
    assert len(await house.lifecycle.of_user(sessions[0].user_id)) == 2


async def test_s_72_given_somebody_elses_session_to_end_then_it_stays(house: House) -> None:
    await house.add("alice")
    await house.add("bob")
    house.policies.append(TWO_SESSIONS)
    bobs = await signed_in(house, "bob")
    await signed_in(house)
    await signed_in(house)

    result = await attempt(house, end_session=bobs.handle)
    unknown = await attempt(house, end_session=Handle("z" * 30))

    assert isinstance(result, CapReached)
    assert isinstance(unknown, CapReached)
    assert await house.lifecycle.get(bobs.handle) is not None


async def test_given_the_owner_at_the_cap_then_the_oldest_session_makes_room(house: House) -> None:
    await house.add("root", Role.OWNER)
    house.policies.append(TWO_SESSIONS)
    first = await signed_in(house, "root")
    await signed_in(house, "root")

    await signed_in(house, "root")

    assert await house.lifecycle.get(first.handle) is None
    assert len(await house.lifecycle.of_user(first.user_id)) == 2


async def test_s_53_given_the_session_of_a_cookie_then_it_ends_and_frees_its_place(
    house: House,
) -> None:
    await house.add("alice")
    await house.add("mallory")
    house.policies.append(TWO_SESSIONS)
    planted = await signed_in(house, "mallory")
    await signed_in(house)
    own = await signed_in(house)

    again = await signed_in(house, replaces=own.handle)
    assert await house.lifecycle.get(own.handle) is None
    await signed_in(house, replaces=again.handle)
    await signed_in(house, end_session=None, replaces=planted.handle, username="mallory")

    assert await house.lifecycle.get(planted.handle) is None


async def test_given_a_hash_of_older_parameters_then_it_is_renewed_after_a_success(
    house: House,
) -> None:
    older = Hashing(memory_kib=32, passes=1)
    stored = await older.hash_password(PASSWORD)
    older.close()
    await house.users.add("alice", stored, Role.USER, SYSTEM, highest=Role.OWNER)

    await attempt(house, password="wrong")
    unchanged = await house.users.find("alice")
    await signed_in(house)
    known = await house.users.find("alice")

    assert unchanged is not None
    assert unchanged.password_hash == stored
    assert known is not None
    assert not house.hashing.needs_rehash(known.password_hash)
    assert await signed_in(house) is not None


def test_s_89_given_what_carries_a_secret_then_its_repr_does_not() -> None:
    assert PASSWORD not in repr(CREDENTIALS)
