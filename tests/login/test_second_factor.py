"""The second step: what opens nothing, what counts to the lock, and what is used up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM, Action
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.factors import ChallengeInvalid
from sidecar.core.policy import LockoutPolicy, Policy, SessionPolicy
from sidecar.core.proof import Locked, WrongCredentials
from sidecar.core.session import Limits
from sidecar.core.users import Role, User
from sidecar.login.entering import CapReached, IsBanned, MustChange, SignedIn
from sidecar.login.second_factor import (
    CodeNeeded,
    WrongSecond,
)
from tests.house import PASSWORD, House, a_house
from tests.login.attempts import attempt, signed_in
from tests.login.codes import STEP, code_of, with_app, wrong_code
from tests.login.second import VISIT, answer, challenge


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
async def alice(house: House) -> User:
    return await house.add("alice")


async def test_given_a_second_factor_when_the_password_is_right_then_nothing_opens_before_the_code(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)

    text = await challenge(house)

    assert await house.lifecycle.of_user(alice.id) == []
    entered = await answer(house, text, code_of(secret, house.clock.now()))
    assert isinstance(entered, SignedIn)
    assert entered.session.auth_method == "password+totp"
    assert house.counted.said == ["opened password+totp"]


async def test_given_a_wrong_password_then_nothing_tells_that_there_is_a_second_factor(
    house: House, alice: User
) -> None:
    await with_app(house, alice)
    await house.add("bob")

    results = [await attempt(house, name, "wrong") for name in ("alice", "bob", "nobody")]

    assert results == [WrongCredentials()] * 3


async def test_given_a_code_when_it_comes_again_then_it_is_used_up(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    code = code_of(secret, house.clock.now())
    assert isinstance(await answer(house, await challenge(house), code), SignedIn)

    again = await answer(house, await challenge(house), code)
    before = await answer(house, await challenge(house), code_of(secret, house.clock.now() - STEP))

    assert isinstance(again, WrongSecond)
    assert isinstance(before, WrongSecond)


async def test_given_one_challenge_when_it_is_answered_at_once_many_times_then_once_counts(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    text, code = await challenge(house), code_of(secret, house.clock.now())

    results = await asyncio.gather(*(answer(house, text, code) for _ in range(8)))

    assert sum(isinstance(one, SignedIn) for one in results) == 1
    assert results.count(ChallengeInvalid()) == 7


async def test_given_two_challenges_and_one_code_then_one_of_them_opens(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    texts = [await challenge(house) for _ in range(4)]
    code = code_of(secret, house.clock.now())

    results = await asyncio.gather(*(answer(house, text, code) for text in texts))

    assert sum(isinstance(one, SignedIn) for one in results) == 1
    assert len(await house.lifecycle.of_user(alice.id)) == 1


async def test_s_77_given_wrong_codes_then_they_lock_and_no_right_password_forgives_one(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)

    for _ in range(10):
        wrong = wrong_code(secret, house.clock.now())
        assert isinstance(await answer(house, await challenge(house), wrong), WrongSecond)

    assert isinstance(await attempt(house), Locked)
    entries = [
        entry
        async for entry in house.services.desk.audit.entries(EVERYTHING)
        if entry.action in (Action.LOGIN_FAILED, Action.USER_LOCKED)
    ]
    failed = [one for one in entries if one.reason == "invalid_code"]
    assert len(failed) == 10
    assert dict(failed[0].details) == {"method": "password+totp", "step": "sign_in"}
    assert failed[0].target.user_id == alice.id
    assert sum(one.action is Action.USER_LOCKED for one in entries) == 1


async def test_given_a_lock_when_a_challenge_from_before_is_answered_then_locked(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    house.policies.append(Policy(lockout=LockoutPolicy(failures=2)))
    text = await challenge(house)
    for _ in range(2):
        await attempt(house, "alice", "wrong")

    assert isinstance(await answer(house, text, code_of(secret, house.clock.now())), Locked)


async def test_given_a_whole_sign_in_then_failures_from_before_are_forgotten(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    for _ in range(9):
        await attempt(house, "alice", "wrong")

    entered = await answer(house, await challenge(house), code_of(secret, house.clock.now()))

    assert isinstance(entered, SignedIn)
    assert [await attempt(house, "alice", "wrong") for _ in range(9)] == [WrongCredentials()] * 9


async def test_given_nothing_entered_then_it_is_no_guess(house: House, alice: User) -> None:
    secret, _ = await with_app(house, alice)
    text = await challenge(house)

    for _ in range(12):
        blank = await answer(house, text, "  ")
        assert isinstance(blank, WrongSecond)
        text = blank.needed.challenge

    assert isinstance(await answer(house, text, code_of(secret, house.clock.now())), SignedIn)


async def test_given_a_recovery_code_then_it_opens_once_and_is_audited(
    house: House, alice: User
) -> None:
    _, codes = await with_app(house, alice)

    entered = await answer(house, await challenge(house), codes[3].upper().replace("-", " "))
    again = await answer(house, await challenge(house), codes[3])

    assert isinstance(entered, SignedIn)
    assert entered.session.auth_method == "password+recovery_code"
    assert isinstance(again, WrongSecond)
    actions = [one async for one in house.services.desk.audit.entries(EVERYTHING)]
    used = [one for one in actions if one.action is Action.USER_RECOVERY_CODE_USED]
    assert [one.details["left"] for one in used] == ["9"]


async def test_given_a_challenge_that_is_old_made_up_or_of_another_password_then_it_opens_nothing(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    text = await challenge(house)
    code = code_of(secret, house.clock.now())

    hashed = await house.hashing.hash_password("another lantern altogether")
    await house.users.set_password(alice.id, hashed, SYSTEM, highest=Role.OWNER)

    assert await answer(house, text, code) == ChallengeInvalid()
    assert await answer(house, "x" * 43, code) == ChallengeInvalid()
    offer = await house.services.account.enrolment.begin(alice.id, "alice")
    assert await answer(house, offer.challenge, code) == ChallengeInvalid()


async def test_given_a_challenge_of_who_has_no_factor_any_more_then_it_opens_nothing(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    text = await challenge(house)
    await house.services.factors.remove_all(alice.id, SYSTEM, highest=Role.OWNER)

    assert await answer(house, text, code_of(secret, house.clock.now())) == ChallengeInvalid()


async def test_given_a_ban_then_it_is_told_behind_the_code_alone(house: House, alice: User) -> None:
    secret, _ = await with_app(house, alice)
    await house.users.ban(alice.id, SYSTEM, "gone", highest=Role.OWNER)

    wrong = await answer(house, await challenge(house), wrong_code(secret, house.clock.now()))
    right = await answer(house, await challenge(house), code_of(secret, house.clock.now()))

    assert isinstance(wrong, WrongSecond)
    assert right == IsBanned()


async def test_s_85_given_a_password_that_must_be_changed_then_the_code_comes_first(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    hashed = await house.hashing.hash_password(PASSWORD)
    await house.users.set_password(alice.id, hashed, SYSTEM, highest=Role.OWNER, must_change=True)

    result = await answer(house, await challenge(house), code_of(secret, house.clock.now()))

    assert isinstance(result, MustChange)
    new = "seven herons over the weir"
    await house.services.reset_steps.finish(
        result.link.token, new, "203.0.113.9", house.policies[-1].password
    )
    assert isinstance(await attempt(house, "alice", new), CodeNeeded)


async def test_given_the_cap_then_own_sessions_are_shown_behind_the_code_and_one_may_end(
    house: House, alice: User
) -> None:
    house.policies.append(Policy(session=SessionPolicy(limits=Limits(max_per_user=1))))
    first = await signed_in(house)
    secret, codes = await with_app(house, alice)

    full = await answer(house, await challenge(house), code_of(secret, house.clock.now()))
    text = await challenge(house, end_session=first.handle)
    entered = await answer(house, text, codes[0])

    assert isinstance(full, CapReached)
    assert [one.handle for one in full.sessions] == [first.handle]
    assert isinstance(entered, SignedIn)
    assert await house.lifecycle.get(first.handle) is None


async def test_given_a_visit_then_where_it_is_from_is_that_of_the_answer(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    text = await challenge(house)
    moved = replace(VISIT, ip_address="198.51.100.7", user_agent="curl/8")

    entered = await answer(house, text, code_of(secret, house.clock.now()), moved)

    assert isinstance(entered, SignedIn)
    assert entered.session.ip_address == "198.51.100.7"


async def test_given_a_challenge_that_lapsed_then_it_opens_nothing(
    house: House, alice: User
) -> None:
    secret, _ = await with_app(house, alice)
    house.clock.moved = timedelta(minutes=-6)
    text = await challenge(house)
    house.clock.moved = timedelta()

    assert await answer(house, text, code_of(secret, house.clock.now())) == ChallengeInvalid()
