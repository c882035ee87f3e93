"""A role that needs a second factor: an app is set up before anything opens."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.factors import ChallengeInvalid, Factors
from sidecar.core.policy import MfaPolicy, Policy
from sidecar.core.users import Role, User
from sidecar.login.entering import SignedIn
from sidecar.login.second_factor import (
    CodeNeeded,
    EnrolNeeded,
    EnteredWith,
)
from tests.house import House, a_house
from tests.login.attempts import attempt
from tests.login.codes import code_of, with_app, wrong_code
from tests.login.second import answer

REQUIRED = Policy(mfa=MfaPolicy(roles={Role.ADMIN: "required"}))


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
async def alice(house: House) -> User:
    return await house.add("alice")


async def test_given_a_role_that_needs_one_then_an_app_is_set_up_before_anything_opens(
    house: House,
) -> None:
    house.policies.append(REQUIRED)
    admin = await house.add("adam", Role.ADMIN)

    needed = await attempt(house, "adam")
    assert isinstance(needed, EnrolNeeded)
    assert await house.lifecycle.of_user(admin.id) == []
    wrong = await answer(
        house, needed.offer.challenge, wrong_code(needed.offer.secret, house.clock.now())
    )
    assert isinstance(wrong, EnrolNeeded)
    assert wrong.offer.secret == needed.offer.secret
    assert await house.services.factors.of(admin.id) == Factors()
    done = await answer(
        house, wrong.offer.challenge, code_of(needed.offer.secret, house.clock.now())
    )

    assert isinstance(done, EnteredWith)
    assert isinstance(done.result, SignedIn)
    assert done.result.session.auth_method == "password+totp"
    assert len(done.recovery_codes) == 10
    assert isinstance(await attempt(house, "adam"), CodeNeeded)


async def test_given_a_role_that_needs_none_and_one_where_they_are_off_then_the_password_is_enough(
    house: House, alice: User
) -> None:
    off = MfaPolicy(mode="off", roles={Role.ADMIN: "required"})
    house.policies.append(Policy(mfa=off))

    assert isinstance(await attempt(house), SignedIn)
    await with_app(house, alice)
    assert isinstance(await attempt(house), CodeNeeded)


async def test_given_two_windows_that_set_up_then_the_second_cannot_replace_the_first(
    house: House,
) -> None:
    house.policies.append(REQUIRED)
    await house.add("adam", Role.ADMIN)
    needed = [await attempt(house, "adam") for _ in range(2)]
    offers = [one.offer for one in needed if isinstance(one, EnrolNeeded)]
    assert len(offers) == 2

    results = [
        await answer(house, one.challenge, code_of(one.secret, house.clock.now())) for one in offers
    ]

    assert isinstance(results[0], EnteredWith)
    assert results[1] == ChallengeInvalid()
