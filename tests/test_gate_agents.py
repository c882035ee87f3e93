"""What the gate answers to software that acts for a person."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from sidecar.core.policy import Route
from sidecar.core.reasons import Ended
from sidecar.core.session import Agent, Handle, Kind, Session
from sidecar.core.token import Credential
from sidecar.core.users import Role
from sidecar.core.verdict import Allow, Deny, Missing, SignIn, Whence
from sidecar.store.dial import PoolDial
from sidecar.store.wire import Wire
from tests.gates import ADMINS, PUBLIC, House
from tests.store.seeds import NOW


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    client = Redis.from_url(redis_url)
    wire = Wire(PoolDial(client), 5.0, lambda up: None, lambda seconds: None)
    await wire.start()
    yield House(client, wire)
    await wire.close()
    await client.aclose()


async def an_agent(house: House, *scopes: str, role: Role = Role.USER) -> Session:
    agent = Agent("bot", scopes, NOW + timedelta(minutes=30), Handle("p" * 30))
    return await house.seed(kind=Kind.AGENT, role=role, agent=agent)


async def test_given_an_agent_when_a_scope_covers_its_request_then_it_passes_and_is_told_of(
    house: House,
):
    agent = await an_agent(house, "GET /wiki/**")

    verdict = await house.admit("/wiki/home", agent)

    assert verdict == Allow(Route(), agent)
    assert house.heard.agents == [(agent.handle, "/**", True)]
    assert house.heard.touched == [agent.handle]


@pytest.mark.parametrize(("method", "path"), [("POST", "/wiki/home"), ("GET", "/wikis")])
async def test_given_an_agent_when_no_scope_covers_its_request_then_403_and_no_activity(
    house: House, method: str, path: str
):
    agent = await an_agent(house, "GET /wiki/**")

    verdict = await house.admit(path, agent, method=method)

    assert verdict == Deny(agent)
    assert house.heard.agents == [(agent.handle, "/**", False)]
    assert house.heard.touched == []


async def test_given_every_scope_when_its_person_may_not_go_there_then_neither_may_the_agent(
    house: House,
):
    agent = await an_agent(house, "* /**")

    assert await house.admit("/admin/users", agent) == Deny(agent)
    assert house.heard.agents == [(agent.handle, ADMINS.path, False)]


async def test_given_an_admins_agent_when_only_the_person_may_go_there_then_the_scope_decides(
    house: House,
):
    agent = await an_agent(house, "GET /admin/reports", role=Role.ADMIN)

    assert await house.admit("/admin/reports", agent) == Allow(ADMINS, agent)
    assert await house.admit("/admin/users", agent) == Deny(agent)


async def test_given_a_public_path_when_an_agent_asks_beyond_its_scopes_then_it_is_nobody(
    house: House,
):
    agent = await an_agent(house, "GET /wiki/**")

    assert await house.admit("/pub/x", agent) == Allow(PUBLIC, None)
    assert (await house.admit("/hello/x", agent)).session is None  # type: ignore[union-attr]


async def test_given_its_own_time_is_over_when_an_agent_asks_then_401(house: House):
    agent = await an_agent(house, "* /**")
    house.heard.instant = NOW + timedelta(minutes=30)

    assert await house.admit("/wiki", agent) == SignIn(Ended.LIFETIME_EXCEEDED)
    assert house.heard.ended == [(agent.handle, Ended.LIFETIME_EXCEEDED)]


async def test_given_an_agent_when_our_own_pages_ask_who_it_is_then_it_is_nobody(house: House):
    agent = await an_agent(house, "* /**", role=Role.OWNER)
    credential = Credential(agent.handle, agent.secret_hash)

    found = await house.gate.signed_in(credential, whence=Whence("192.0.2.1"), active=True)

    assert found == SignIn(Missing.SESSION_INVALID)
    assert house.heard.touched == []
