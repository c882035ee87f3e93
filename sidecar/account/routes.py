"""Every route of self-service, in one table. Whoever is signed in may: it is all their own."""

from sidecar.account.agents import create_agent, end_own_agent, list_own_agents
from sidecar.account.factor_routes import FACTOR_ROUTES
from sidecar.account.notices import confirm_notice, disown_notice, list_notices
from sidecar.account.password import OwnPasswordBody, change_own_password
from sidecar.account.sessions import end_other_sessions, end_own_session, list_own_sessions
from sidecar.core.agent_shapes import AgentAnswer, AgentList, NewAgentBody
from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import Action
from sidecar.core.given import Paged
from sidecar.core.shapes import NoticeAnswer, NoticeList, OwnSessionList, RevokedAnswer
from sidecar.core.users import Role

ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        "GET",
        "/api/sessions",
        Role.USER,
        list_own_sessions,
        OwnSessionList,
        "List your live sessions, the current one first",
        query=Paged,
    ),
    ApiRoute(
        "DELETE",
        "/api/sessions/{id}",
        Role.USER,
        end_own_session,
        RevokedAnswer,
        "End one of your other sessions",
        action=Action.SESSION_REVOKED,
        target="session",
        step_up="end_sessions",
        codes=("not_found", "current_session"),
    ),
    ApiRoute(
        "DELETE",
        "/api/sessions",
        Role.USER,
        end_other_sessions,
        RevokedAnswer,
        "End all of your sessions but the current one",
        action=Action.SESSION_REVOKED,
        target="own",
        step_up="end_sessions",
    ),
    ApiRoute(
        "GET",
        "/api/notices",
        Role.USER,
        list_notices,
        NoticeList,
        "List the devices that are new to you, except the one that you ask from",
        query=Paged,
    ),
    ApiRoute(
        "POST",
        "/api/notices/{id}/confirm",
        Role.USER,
        confirm_notice,
        NoticeAnswer,
        "Say that a new device is yours",
        action=Action.DEVICE_CONFIRMED,
        target="session",
        codes=("not_found",),
    ),
    ApiRoute(
        "POST",
        "/api/notices/{id}/disown",
        Role.USER,
        disown_notice,
        NoticeAnswer,
        "Say that a new device is not yours; ends every session from there",
        action=Action.DEVICE_DISOWNED,
        target="session",
        step_up="end_sessions",
        codes=("not_found",),
    ),
    ApiRoute(
        "GET",
        "/api/agents",
        Role.USER,
        list_own_agents,
        AgentList,
        "List the software that acts for you",
        query=Paged,
    ),
    ApiRoute(
        "POST",
        "/api/agents",
        Role.USER,
        create_agent,
        AgentAnswer,
        "Let software act for you; answers its token, this once. It ends with your session",
        body=NewAgentBody,
        status=201,
        action=Action.AGENT_CREATED,
        target="own",
        codes=("forbidden", "agent_limit"),
    ),
    ApiRoute(
        "DELETE",
        "/api/agents/{id}",
        Role.USER,
        end_own_agent,
        RevokedAnswer,
        "Disable software that acts for you: ends its session",
        action=Action.SESSION_REVOKED,
        target="session",
        step_up="end_sessions",
        codes=("not_found",),
    ),
    ApiRoute(
        "POST",
        "/api/password",
        Role.USER,
        change_own_password,
        None,
        "Change your password; ends all of your sessions but the current one",
        body=OwnPasswordBody,
        status=204,
        action=Action.USER_PASSWORD_CHANGED,
        target="own",
        codes=("locked", "payload_too_large", "sign_in_busy"),
        as_forbidden=("invalid_credentials",),
    ),
    *FACTOR_ROUTES,
)
