"""The second half of `sidecar/login/steps.py`: proving again who holds a session."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.audit import SYSTEM, Action
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.proof import Locked, WrongCredentials
from sidecar.core.reasons import Ended
from sidecar.core.users import Role
from sidecar.login.steps import Renewed, SessionEnded
from tests.house import PASSWORD, House, a_house
from tests.login.attempts import attempt, signed_in


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


async def test_given_the_password_again_then_the_session_has_a_new_secret(house: House) -> None:
    await house.add("alice")
    session = await signed_in(house)

    result = await house.services.steps.reauthenticate(session, PASSWORD, "203.0.113.9")

    assert isinstance(result, Renewed)
    renewed = await house.lifecycle.get(session.handle)
    assert renewed is not None
    assert renewed.secret_hash != session.secret_hash
    assert renewed.authenticated_at >= session.authenticated_at


async def test_given_a_wrong_password_when_it_is_proven_again_then_it_counts_to_the_lock(
    house: House,
) -> None:
    await house.add("alice")
    session = await signed_in(house)
    steps = house.services.steps

    for _ in range(10):
        result = await steps.reauthenticate(session, "wrong", "203.0.113.9")
        assert result == WrongCredentials()

    assert isinstance(await steps.reauthenticate(session, PASSWORD, "203.0.113.9"), Locked)
    actors = {
        entry.actor.username
        async for entry in house.services.desk.audit.entries(EVERYTHING)
        if entry.action in (Action.LOGIN_FAILED, Action.USER_LOCKED)
    }
    assert actors == {"alice"}
    assert isinstance(await attempt(house), Locked)
    assert await house.lifecycle.get(session.handle) is not None


async def test_given_a_session_that_ended_meanwhile_then_it_gets_no_secret(house: House) -> None:
    await house.add("alice")
    session = await signed_in(house)
    await house.lifecycle.end(session.handle, Ended.REVOKED, SYSTEM)

    result = await house.services.steps.reauthenticate(session, PASSWORD, "203.0.113.9")

    assert result == SessionEnded()


async def test_given_failures_before_when_it_is_proven_again_then_they_are_forgotten(
    house: House,
) -> None:
    await house.add("alice")
    session = await signed_in(house)
    steps = house.services.steps
    for _ in range(9):
        await steps.reauthenticate(session, "wrong", "203.0.113.9")

    assert isinstance(await steps.reauthenticate(session, PASSWORD, "203.0.113.9"), Renewed)

    again = [await steps.reauthenticate(session, "wrong", "203.0.113.9") for _ in range(2)]
    assert again == [WrongCredentials()] * 2


async def test_given_a_name_that_somebody_else_has_now_then_their_password_proves_nothing(
    house: House,
) -> None:
    user = await house.add("alice")
    session = await signed_in(house)
    await house.users.delete(user.id, SYSTEM, highest=Role.OWNER)
    await house.add("alice")

    result = await house.services.steps.reauthenticate(session, PASSWORD, "203.0.113.9")

    assert result == WrongCredentials()
