"""The last step of every sign-in: the same for whatever opened the session."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.audit import SYSTEM, Actor, ActorKind
from sidecar.core.opening import ProviderEnded
from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.provided import Account, ProviderSession
from sidecar.core.session import Limits
from sidecar.core.users import Role, User
from sidecar.login.entering import (
    BY_PASSWORD,
    CapReached,
    Entering,
    EnterResult,
    IsBanned,
    OpenedBy,
    SignedIn,
    Visit,
)
from sidecar.store.provider_book import StoredProviders
from tests.house import House, a_house

ONE_SESSION = Policy(session=SessionPolicy(limits=Limits(max_per_user=1)))
AT = datetime(2026, 12, 1, tzinfo=UTC)
THERE = ProviderSession("corp", Account("https://login.example.com", "s-1"), AT, "idp-1")
BY_PROVIDER = OpenedBy("oidc", THERE)


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url, ONE_SESSION) as built:
        yield built


async def enter(house: House, user: User, by: OpenedBy, visit: Visit | None = None) -> EnterResult:
    visit = visit or Visit("203.0.113.9", "curl/8")
    actor = Actor(ActorKind.USER, user.id, user.username, visit.ip_address)
    return await Entering(house.lifecycle).enter(user, actor, visit, house.policies[-1], by)


@pytest.mark.parametrize("by", [BY_PASSWORD, BY_PROVIDER])
async def test_given_somebody_who_proved_it_then_a_session_opens_that_says_how(
    house: House, by: OpenedBy
) -> None:
    result = await enter(house, await house.add("alice"), by)

    assert isinstance(result, SignedIn)
    assert result.session.auth_method == by.method
    assert result.session.device.label == "curl"
    assert house.counted.said == [f"opened {by.method}"]
    assert f'"method":"{by.method}"' in (await house.audit())[-1]["e"].replace(" ", "")


@pytest.mark.parametrize("by", [BY_PASSWORD, BY_PROVIDER])
async def test_given_the_cap_then_one_of_their_own_may_end_and_nobody_elses(
    house: House, by: OpenedBy
) -> None:
    alice, bob = await house.add("alice"), await house.add("bob")
    first, others = await enter(house, alice, by), await enter(house, bob, by)
    assert isinstance(first, SignedIn)
    assert isinstance(others, SignedIn)

    refused = await enter(house, alice, by, Visit("203.0.113.9", end_session=others.session.handle))
    let_in = await enter(house, alice, by, Visit("203.0.113.9", end_session=first.session.handle))

    assert isinstance(refused, CapReached)
    assert [one.handle for one in refused.sessions] == [first.session.handle]
    assert isinstance(let_in, SignedIn)
    assert await house.lifecycle.get(first.session.handle) is None
    assert await house.lifecycle.get(others.session.handle) is not None


@pytest.mark.parametrize("by", [BY_PASSWORD, BY_PROVIDER])
async def test_given_a_ban_meanwhile_then_nothing_opens(house: House, by: OpenedBy) -> None:
    user = await house.add("alice")
    await house.users.ban(user.id, SYSTEM, "gone", highest=Role.OWNER)

    assert isinstance(await enter(house, user, by), IsBanned)


async def test_given_a_provider_that_ended_it_meanwhile_then_nothing_opens(house: House) -> None:
    user = await house.add("alice")
    book = StoredProviders(house.database, lambda: house.policies[-1], house.counted)
    await book.end(THERE.account, THERE.idp_sid, AT, SYSTEM)

    assert await enter(house, user, BY_PROVIDER) == ProviderEnded()


async def test_given_a_proof_of_earlier_then_the_session_is_as_old_as_that(house: House) -> None:
    earlier = house.clock.now() - timedelta(minutes=20)

    result = await enter(house, await house.add("alice"), OpenedBy("oidc", THERE, earlier))

    assert isinstance(result, SignedIn)
    age = house.clock.now() - result.session.authenticated_at
    assert timedelta(minutes=20) <= age < timedelta(minutes=21)
