"""Part of `sidecar/login/steps.py`: what is computed and counted of attempts that lead nowhere."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.policy import LockoutPolicy, Policy
from sidecar.core.proof import Locked, WrongCredentials
from sidecar.core.users import Role
from sidecar.login.entering import IsBanned
from tests.house import House, a_house
from tests.login.attempts import attempt


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url, Policy(lockout=LockoutPolicy(failures=3, per_ip=5))) as built:
        yield built


@pytest.fixture
def hashed(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed to be verified."""
    passwords: list[str] = []
    verify = house.hashing.verify_password

    async def noted(stored: str | None, password: str) -> bool:
        passwords.append(password)
        return await verify(stored, password)

    monkeypatch.setattr(house.hashing, "verify_password", noted)
    return passwords


async def test_s_77_given_a_locked_name_when_it_is_tried_then_nothing_is_hashed(
    house: House, hashed: list[str]
) -> None:
    await house.add("alice")

    for number in range(3):
        assert await attempt(house, "alice", f"wrong{number}") == WrongCredentials()
    locked = [await attempt(house, "alice") for _ in range(5)]

    assert all(isinstance(each, Locked) for each in locked)
    assert hashed == ["wrong0", "wrong1", "wrong2"]


async def test_s_77_given_a_locked_address_when_it_tries_any_name_then_nothing_is_hashed(
    house: House, hashed: list[str]
) -> None:
    await house.add("alice")

    for number in range(5):
        assert await attempt(house, f"name{number}", "wrong") == WrongCredentials()

    assert isinstance(await attempt(house, "alice"), Locked)
    assert hashed == ["wrong"] * 5


async def test_s_76_given_a_name_that_nobody_has_when_it_is_tried_then_one_hash_is_computed(
    house: House, hashed: list[str]
) -> None:
    await house.add("alice")

    for name in ("alice", "nobody"):
        assert await attempt(house, name, f"guess for {name}") == WrongCredentials()

    assert hashed == ["guess for alice", "guess for nobody"]


async def test_given_a_banned_person_when_they_sign_in_again_and_again_then_that_counts_to_the_lock(
    house: House,
) -> None:
    user = await house.add("alice")
    await house.users.ban(user.id, SYSTEM, "gone", highest=Role.OWNER)

    assert [await attempt(house) for _ in range(3)] == [IsBanned()] * 3

    assert isinstance(await attempt(house), Locked)
