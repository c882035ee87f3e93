"""The step-up of somebody with a second factor asks for both, and counts both."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.audit_log import EVERYTHING
from sidecar.core.proof import Locked, WrongCredentials
from sidecar.core.users import User
from sidecar.login.steps import CodeMissing, CodeWrong, Renewed
from tests.house import PASSWORD, House, a_house
from tests.login.attempts import signed_in
from tests.login.codes import code_of, with_app, wrong_code


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
async def alice(house: House) -> User:
    return await house.add("alice")


async def test_given_a_second_factor_then_the_step_up_asks_for_it_too(
    house: House, alice: User
) -> None:
    session = await signed_in(house)
    secret, codes = await with_app(house, alice)
    reauth, address = house.services.steps.reauthenticate, "203.0.113.9"
    now = house.clock.now()

    missing = await reauth(session, PASSWORD, address)
    wrong = await reauth(session, PASSWORD, address, wrong_code(secret, now))
    wrong_password = await reauth(session, "wrong", address, code_of(secret, now))
    right = await reauth(session, PASSWORD, address, code_of(secret, now))

    assert missing == CodeMissing()
    assert wrong == CodeWrong()
    assert wrong_password == WrongCredentials()
    assert isinstance(right, Renewed)
    assert isinstance(
        await reauth(session, PASSWORD, address, code_of(secret, now)), CodeWrong | WrongCredentials
    )
    renewed = await house.lifecycle.get(session.handle)
    assert renewed is not None
    assert isinstance(await reauth(renewed, PASSWORD, address, codes[0]), Renewed)


async def test_given_guesses_at_the_step_up_then_a_right_password_forgives_none(
    house: House, alice: User
) -> None:
    session = await signed_in(house)
    secret, _ = await with_app(house, alice)
    steps, address = house.services.steps, "203.0.113.9"

    for _ in range(9):
        wrong = wrong_code(secret, house.clock.now())
        assert await steps.reauthenticate(session, PASSWORD, address, wrong) == CodeWrong()
        await steps.prove(session, PASSWORD, address)
    last = wrong_code(secret, house.clock.now())
    assert await steps.reauthenticate(session, PASSWORD, address, last) == CodeWrong()

    locked = await steps.reauthenticate(
        session, PASSWORD, address, code_of(secret, house.clock.now())
    )
    assert isinstance(locked, Locked)
    entries = [one async for one in house.services.desk.audit.entries(EVERYTHING)]
    failed = [one for one in entries if one.reason == "invalid_code"]
    assert {one.details["step"] for one in failed} == {"reauth"}
