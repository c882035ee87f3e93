"""Software that acts for people, on a real Redis: it opens as far as may be."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.agents import AgentLimit, CreatorGone
from sidecar.core.listing import SessionFilter
from sidecar.core.opening import AtLimit
from sidecar.core.policy import AgentPolicy
from sidecar.core.reasons import Ended
from sidecar.core.session import Kind, Limits
from sidecar.core.token import BEARER, read_token
from sidecar.core.users import Role
from tests.store.delegating import ask, delegate
from tests.store.rig import Rig, a_rig, an_opening
from tests.store.seeds import ADMIN

HOUR = timedelta(hours=1)


@pytest.fixture(params=[1, 64])
async def rig(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with a_rig(redis_url, request.param) as rig:
        yield rig


async def test_given_a_person_when_they_delegate_then_the_token_is_the_agents_and_no_cookie(
    rig: Rig,
) -> None:
    creator = (await rig.open(await rig.a_user())).session

    done = await delegate(rig, creator)

    credential = read_token(done.token, rig.ring.accepted, BEARER)
    assert credential is not None
    assert credential.handle == done.session.handle
    assert credential.secret_hash == done.session.secret_hash
    assert read_token(done.token, rig.ring.accepted) is None
    assert read_token(done.token.removeprefix(BEARER), rig.ring.accepted) is None
    assert done.token not in repr(done)
    assert await rig.sessions.get(done.session.handle) == done.session
    assert rig.counts.openings == {"password": 1, "agent": 1}


async def test_given_a_delegation_when_it_is_done_then_the_log_has_what_was_given_to_whom(
    rig: Rig,
) -> None:
    creator = (await rig.open(await rig.a_user())).session

    done = await delegate(rig, creator)

    entry = (await rig.entries())[-1]
    assert entry.action.value == "agent.created"
    assert entry.target.handle == done.session.handle
    assert entry.target.username == "alice"
    assert entry.details == {
        "agent": "bot",
        "kind": "agent",
        "scopes": "GET /wiki/**\n* /orders/*",
    }


@pytest.mark.parametrize(
    ("asked", "lasts"), [(HOUR, HOUR), (None, 2 * HOUR), (timedelta(days=900), 2 * HOUR)]
)
async def test_given_a_lifetime_when_it_is_more_than_the_policy_has_then_it_is_cut_to_that(
    rig: Rig, asked: timedelta | None, lasts: timedelta
) -> None:
    rig.use_session_policy(limits=Limits(absolute_lifetime=2 * HOUR))
    creator = (await rig.open(await rig.a_user(role=Role.ADMIN))).session

    session = (await delegate(rig, creator, "service", lifetime=asked)).session

    assert session.agent is not None
    assert session.agent.expires_at == session.created_at + lasts
    assert await rig.sessions.get(session.handle) == session


async def test_given_an_old_session_when_it_delegates_then_the_agent_does_not_outlive_it(
    rig: Rig,
) -> None:
    creator = (await rig.open(await rig.a_user())).session
    await rig.age(creator.handle, old=23 * HOUR)

    agent = (await delegate(rig, creator)).session
    service = (await delegate(rig, creator, "service")).session

    assert agent.agent is not None
    assert service.agent is not None
    assert agent.agent.expires_at - agent.created_at <= HOUR
    assert service.agent.expires_at - service.created_at == 24 * HOUR


async def test_given_ten_agents_when_one_more_is_asked_for_then_it_is_refused_and_audited(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, agents=AgentPolicy(max_per_user=2))
    creator = (await rig.open(await rig.a_user())).session
    await delegate(rig, creator)
    await delegate(rig, creator, "service")

    assert await ask(rig, creator) == AgentLimit()

    entry = (await rig.entries())[-1]
    assert (entry.action.value, entry.outcome, entry.reason) == (
        "agent.created",
        "refused",
        "agent_limit",
    )


async def test_given_agents_when_their_person_signs_in_then_no_cap_of_people_counts_them(
    rig: Rig,
) -> None:
    rig.use_session_policy(limits=Limits(max_per_user=2))
    user = await rig.a_user()
    creator = (await rig.open(user)).session
    for kind in ("agent", "service", "agent"):
        await delegate(rig, creator, kind)

    await rig.open(user)

    assert isinstance(await rig.sessions.open(an_opening(user)), AtLimit)


async def test_given_a_session_that_ended_when_it_delegates_then_nothing_is_opened(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    creator = (await rig.open(user)).session
    await rig.sessions.end(creator.handle, Ended.REVOKED, ADMIN)

    assert await ask(rig, creator) == CreatorGone()
    assert await rig.sessions.of_user(user.id) == []


async def test_given_an_agent_when_it_delegates_then_nothing_is_opened(rig: Rig) -> None:
    creator = (await rig.open(await rig.a_user())).session
    agent = (await delegate(rig, creator)).session

    assert await ask(rig, agent) == CreatorGone()


async def test_given_both_kinds_when_they_are_listed_by_kind_then_each_is_there(rig: Rig) -> None:
    creator = (await rig.open(await rig.a_user())).session
    agent = (await delegate(rig, creator)).session
    service = (await delegate(rig, creator, "service")).session

    for kind, session in ((Kind.AGENT, agent), (Kind.SERVICE, service)):
        page = await rig.lists.page(SessionFilter(kind=kind))
        assert list(page.sessions) == [session]
        assert page.total == 1
