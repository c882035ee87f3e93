"""Software that acts for people, for admins: all of it, and services of their own.

A service is an agent that no session of a person holds up: it acts for the admin who made it, with
no more than they may, until it is over, is disabled, or its admin is banned, gets another role or
another password.
"""

from typing import Literal

from msgspec import UNSET, UnsetType

from sidecar.admin.desk import Desk
from sidecar.core.agent_shapes import (
    AgentAnswer,
    AgentList,
    NewAgentBody,
    agent_answer,
    delegation_of,
)
from sidecar.core.agents import CreatorGone
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.given import Paged
from sidecar.core.listing import SessionFilter
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Kind, Session
from sidecar.core.shapes import RevokedAnswer, session_shape
from sidecar.core.token import is_handle


class AgentsQuery(Paged, frozen=True):
    """kind: left out, both are listed: services, then agents."""

    kind: Literal["agent", "service"] | UnsetType = UNSET


async def list_agents(desk: Desk, _: Caller, query: AgentsQuery) -> AgentList:
    """Agents and services of everybody, of each kind the newest first."""
    kinds = (Kind.SERVICE, Kind.AGENT) if query.kind is UNSET else (Kind(query.kind),)
    items: list[Session] = []
    total, offset = 0, query.offset
    for kind in kinds:
        room = max(query.limit - len(items), 1)
        page = await desk.lists.page(SessionFilter(kind=kind), offset=offset, limit=room)
        items += page.sessions[: query.limit - len(items)]
        total += page.total
        offset = max(offset - page.total, 0)
    policy = desk.policy()
    return AgentList(
        items=tuple(session_shape(each, policy.limits_for(each.role), None) for each in items),
        total=total,
        limit=query.limit,
        offset=query.offset,
    )


async def create_service(desk: Desk, caller: Caller, body: NewAgentBody) -> AgentAnswer:
    """Make a service that acts for whoever asks; the answer is the only one that has the token."""
    policy = desk.policy()
    wanted = delegation_of(caller, body, "service", policy, desk.public_url, desk.mount)
    done = await desk.agents.delegate(wanted)
    if isinstance(done, CreatorGone):
        await caller.confirm()
    return agent_answer(done, policy)


async def disable_agent(desk: Desk, caller: Caller, handle: str) -> RevokedAnswer:
    """End an agent or a service, whosever it is."""
    known = Handle(handle)
    session = await desk.sessions.get(known) if is_handle(handle) else None
    if session is None or session.agent is None:
        raise CallRefused("not_found")
    if not await desk.sessions.end(known, Ended.AGENT_DISABLED, caller.actor):
        raise CallRefused("not_found")
    return RevokedAnswer(revoked=1)
