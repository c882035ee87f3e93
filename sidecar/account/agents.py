"""Software that acts for a person: they delegate it from a session of theirs, and end it.

Whoever asks is a person with a cookie. An agent never gets here, so that none makes another or
gives itself a wider scope (the front keeps bearer tokens out before a route is looked for).
"""

from sidecar.account.desk import AccountDesk
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
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.shapes import RevokedAnswer, session_shape
from sidecar.core.token import is_handle


async def list_own_agents(desk: AccountDesk, caller: Caller, query: Paged) -> AgentList:
    """What acts for whoever asks, the newest first: agents, and services they made."""
    found = [each for each in await desk.sessions.of_user(caller.user_id) if each.agent]
    limits = desk.policy().limits_for
    return AgentList(
        items=tuple(
            session_shape(session, limits(session.role), None)
            for session in found[query.offset : query.offset + query.limit]
        ),
        total=len(found),
        limit=query.limit,
        offset=query.offset,
    )


async def create_agent(desk: AccountDesk, caller: Caller, body: NewAgentBody) -> AgentAnswer:
    """Delegate: the answer is the only one that has the token."""
    policy = desk.policy()
    wanted = delegation_of(caller, body, "agent", policy, desk.public_url, desk.mount)
    done = await desk.agents.delegate(wanted)
    if isinstance(done, CreatorGone):
        await caller.confirm()
    return agent_answer(done, policy)


async def end_own_agent(desk: AccountDesk, caller: Caller, handle: str) -> RevokedAnswer:
    """Disable one of the caller's own; nothing tells whether another one is there."""
    known = Handle(handle)
    session = await desk.sessions.get(known) if is_handle(handle) else None
    if session is None or session.agent is None:
        raise CallRefused("not_found")
    if session.user_id != caller.user_id:
        raise CallRefused("not_found", is_act=True)
    if not await desk.sessions.end(known, Ended.AGENT_DISABLED, caller.actor):
        raise CallRefused("not_found")
    return RevokedAnswer(revoked=1)
