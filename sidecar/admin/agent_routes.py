"""The routes of agents and services, as rows of the same kind as `routes.py` has."""

from sidecar.admin import agents
from sidecar.core.agent_shapes import AgentAnswer, AgentList, NewAgentBody
from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import Action
from sidecar.core.shapes import RevokedAnswer
from sidecar.core.users import Role

_ALL = "/api/admin/agents"

AGENT_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        "GET",
        _ALL,
        Role.VIEWER,
        agents.list_agents,
        AgentList,
        "List agents and services that act for people",
        query=agents.AgentsQuery,
    ),
    ApiRoute(
        "POST",
        _ALL,
        Role.ADMIN,
        agents.create_service,
        AgentAnswer,
        "Make a service that acts for you; answers its token, this once",
        body=NewAgentBody,
        status=201,
        action=Action.AGENT_CREATED,
        target="own",
        step_up="roles",
        codes=("agent_limit",),
    ),
    ApiRoute(
        "DELETE",
        f"{_ALL}/{{id}}",
        Role.ADMIN,
        agents.disable_agent,
        RevokedAnswer,
        "Disable an agent or a service: ends its session",
        action=Action.SESSION_REVOKED,
        target="session",
        step_up="end_sessions",
        codes=("not_found",),
    ),
)
