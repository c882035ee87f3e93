"""Setting a new password with a link: what is asked in which order, and what stays good."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.passwords import WeakBecause, Weakness
from sidecar.core.policy import PasswordPolicy
from sidecar.core.proof import TooLarge
from sidecar.core.users import Role
from sidecar.login.entering import MustChange, SignedIn, Visit
from sidecar.login.hashing import HashingBusy
from sidecar.login.reset_steps import LinkInvalid, PasswordSet, ResetSteps, Weak
from sidecar.login.steps import Credentials
from tests.house import PASSWORD, House, a_house

NEW = "seven herons over the weir"
RULES = PasswordPolicy()


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
def steps(house: House) -> ResetSteps:
    return house.services.reset_steps


async def a_link(house: House, name: str = "alice") -> str:
    user = await house.add(name)
    return (await house.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)).token


async def test_given_a_link_when_a_good_password_is_chosen_then_it_signs_in(
    house: House, steps: ResetSteps
) -> None:
    token = await a_link(house)

    result = await steps.finish(token, NEW, "192.0.2.9", RULES)

    assert isinstance(result, PasswordSet)
    signing_in = house.services.steps
    credentials = Credentials("alice", NEW, Visit("192.0.2.9"))
    assert isinstance(await signing_in.sign_in(credentials, house.policies[-1]), SignedIn)
    assert await steps.finish(token, NEW, "192.0.2.9", RULES) == LinkInvalid()


async def test_given_a_password_that_must_be_changed_when_it_is_set_again_then_that_is_no_change(
    house: House, steps: ResetSteps
) -> None:
    user = await house.add("alice")
    hashed = await house.hashing.hash_password(PASSWORD)
    await house.users.set_password(user.id, hashed, SYSTEM, highest=Role.OWNER, must_change=True)
    token = (await house.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)).token

    again = await steps.finish(token, PASSWORD, "192.0.2.9", RULES)

    assert again == Weak((Weakness(WeakBecause.SAME),))
    assert isinstance(await steps.finish(token, NEW, "192.0.2.9", RULES), PasswordSet)


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("short", [WeakBecause.SHORT]),
        ("password123456", [WeakBecause.COMMON]),
        ("alice-alice-1", [WeakBecause.ABOUT]),
        ("wiki.example.com", [WeakBecause.ABOUT]),
    ],
)
async def test_given_a_weak_password_then_it_is_said_and_the_link_stays_good(
    house: House, steps: ResetSteps, password: str, because: list[WeakBecause]
) -> None:
    token = await a_link(house)

    result = await steps.finish(token, password, "", RULES, ["wiki.example.com"])

    assert isinstance(result, Weak)
    assert [weakness.because for weakness in result.weaknesses] == because
    assert isinstance(await steps.finish(token, NEW, "", RULES), PasswordSet)


async def test_given_a_link_of_no_use_then_the_password_is_not_even_looked_at(
    steps: ResetSteps,
) -> None:
    assert await steps.finish("nonsense", "short", "", RULES) == LinkInvalid()
    assert await steps.finish("nonsense", "x" * 2000, "", RULES) == TooLarge()


async def test_given_no_room_to_hash_then_the_link_stays_good(
    house: House, steps: ResetSteps
) -> None:
    token = await a_link(house)
    busy = ResetSteps(house.users, house.hashing)
    house.hashing.close()

    with pytest.raises(HashingBusy):
        await busy.finish(token, NEW, "", RULES)

    assert await house.users.resetting(token)


async def test_given_a_password_that_must_be_changed_when_it_is_right_then_no_session_opens(
    house: House, steps: ResetSteps
) -> None:
    user = await house.add("alice")
    known = await house.users.find("alice")
    assert known is not None
    await house.users.set_password(
        user.id, known.password_hash, SYSTEM, highest=Role.OWNER, must_change=True
    )
    credentials = Credentials("alice", PASSWORD, Visit("192.0.2.9"))

    result = await house.services.steps.sign_in(credentials, house.policies[-1])

    assert isinstance(result, MustChange)
    assert await house.lifecycle.of_user(user.id) == []
    assert isinstance(await steps.finish(result.link.token, NEW, "", RULES), PasswordSet)
    again = Credentials("alice", NEW, Visit("192.0.2.9"))
    signed_in = await house.services.steps.sign_in(again, house.policies[-1])
    assert isinstance(signed_in, SignedIn)
