"""Setting up an app: shown once, counted from its first code, and only that of its person."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.factors import ChallengeInvalid, Enrolled, Factors, WrongCode
from sidecar.core.users import Role
from tests.house import House, a_house
from tests.login.codes import STEP, code_of, house_actor, with_app, wrong_code


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


async def test_given_an_offer_then_nothing_counts_before_the_first_code(house: House) -> None:
    user = await house.add("alice")
    enrolment = house.services.account.enrolment

    offer = await enrolment.begin(user.id, user.username)

    assert await house.services.factors.of(user.id) == Factors()
    assert "alice" in offer.uri
    assert "wiki.example.com" in offer.uri
    done = await enrolment.confirm(
        user.id, offer.challenge, code_of(offer.secret, house.clock.now()), house_actor(user)
    )
    assert isinstance(done, Enrolled)
    assert len(done.recovery_codes) == 10
    assert (await house.services.factors.of(user.id)).recovery_codes == 10


async def test_given_a_wrong_first_code_then_the_next_try_has_a_challenge_of_its_own(
    house: House,
) -> None:
    user = await house.add("alice")
    enrolment, actor = house.services.account.enrolment, house_actor(user)
    offer = await enrolment.begin(user.id, user.username)
    wrong = wrong_code(offer.secret, house.clock.now())

    again = await enrolment.confirm(user.id, offer.challenge, wrong, actor)

    assert isinstance(again, WrongCode)
    right = code_of(offer.secret, house.clock.now())
    assert await enrolment.confirm(user.id, offer.challenge, right, actor) == ChallengeInvalid()
    assert isinstance(await enrolment.confirm(user.id, again.challenge, right, actor), Enrolled)


async def test_given_somebody_elses_or_an_old_challenge_then_it_sets_nothing_up(
    house: House,
) -> None:
    alice, bob = await house.add("alice"), await house.add("bob")
    enrolment = house.services.account.enrolment
    offer = await enrolment.begin(alice.id, alice.username)
    code = code_of(offer.secret, house.clock.now())

    stolen = await enrolment.confirm(bob.id, offer.challenge, code, house_actor(bob))
    used_up = await enrolment.confirm(alice.id, offer.challenge, code, house_actor(alice))

    assert stolen == used_up == ChallengeInvalid()
    assert await house.services.factors.of(bob.id) == Factors()


async def test_given_an_app_when_another_is_set_up_then_it_replaces_the_first_and_keeps_the_codes(
    house: House,
) -> None:
    user = await house.add("alice")
    _, codes = await with_app(house, user)
    enrolment, actor = house.services.account.enrolment, house_actor(user)
    offer = await enrolment.begin(user.id, user.username)

    now = house.clock.now() + STEP
    done = await enrolment.confirm(user.id, offer.challenge, code_of(offer.secret, now), actor)

    assert done == Enrolled(())
    assert (await house.services.factors.of(user.id)).recovery_codes == len(codes)
    totp = await house.services.factors.totp(user.id)
    assert totp is not None
    assert totp.last_step > 0


async def test_given_a_person_who_is_gone_then_their_challenge_is_of_no_use(house: House) -> None:
    user = await house.add("alice")
    enrolment = house.services.account.enrolment
    offer = await enrolment.begin(user.id, user.username)
    await house.users.delete(user.id, SYSTEM, highest=Role.OWNER)

    code = code_of(offer.secret, house.clock.now())

    result = await enrolment.confirm(user.id, offer.challenge, code, house_actor(user))
    assert result == ChallengeInvalid()


async def test_given_nobody_with_a_factor_then_there_are_no_new_codes(house: House) -> None:
    user = await house.add("alice")
    enrolment = house.services.account.enrolment

    assert await enrolment.new_codes(user.id, house_actor(user)) is None
    _, before = await with_app(house, user)
    after = await enrolment.new_codes(user.id, house_actor(user))

    assert after is not None
    assert len(after) == 10
    assert set(before).isdisjoint(after)
