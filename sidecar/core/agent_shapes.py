"""What the API of agents is given and what it answers, for people and for admins alike. A token is
in one answer only: that to whoever made it."""

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import UNSET, Meta, UnsetType

from sidecar.core.agents import AgentLimit, CreatorGone, Delegated, Delegation
from sidecar.core.call_refusal import CallRefused, invalid
from sidecar.core.caller import Caller
from sidecar.core.given import END, Given
from sidecar.core.policy import Policy
from sidecar.core.routes import RouteTable
from sidecar.core.scopes import LONGEST_SCOPE, MOST_SCOPES, is_beyond, scope_fault
from sidecar.core.session import Session
from sidecar.core.shapes import Page, SessionShape, Shape, session_shape
from sidecar.core.spans import read_span

LONGEST_NAME = 64
_LEAST = timedelta(seconds=1)
_LONGEST_SECONDS = 10 * 365 * 86_400

Seconds = Annotated[int, Meta(ge=1, le=_LONGEST_SECONDS, description="Seconds.")]
Span = Annotated[
    str, Meta(pattern=f"^[0-9]{{1,9}}(ms|s|m|h|d){END}", description="A number and a unit.")
]
Name = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_NAME, description="What it is called in lists.")
]
Scopes = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=LONGEST_SCOPE)], ...],
    Meta(
        min_length=1,
        max_length=MOST_SCOPES,
        description="What it may ask for: methods and a path pattern.",
        examples=[["GET /reports/**", "GET,POST /orders/*"]],
    ),
]


class NewAgentBody(Given, frozen=True):
    """expires_in: after so long it ends; left out, or more than may be: as long as may be."""

    name: Name
    scopes: Scopes
    expires_in: Seconds | Span | UnsetType = UNSET


class AgentList(Page, frozen=True):
    items: tuple[SessionShape, ...]


class AgentAnswer(Shape, frozen=True):
    """token: `sst_…`, for `Authorization: Bearer`. Nobody is told it again."""

    agent: SessionShape
    token: str


def lifetime_of(body: NewAgentBody) -> timedelta | None:
    """Return how long it shall live; None: as long as may be. Raises CallRefused."""
    given = body.expires_in
    if isinstance(given, UnsetType):
        return None
    if isinstance(given, int):
        return timedelta(seconds=given)
    try:
        span = read_span(given)
    except ValueError:
        raise invalid("expiresIn", 'Give seconds, or a time such as "8h".') from None
    if span < _LEAST:
        raise invalid("expiresIn", "Give one second at least.")
    return span


def check_agent(
    body: NewAgentBody, session: Session, policy: Policy, host: str, mount: str
) -> None:
    """Raises CallRefused: invalid_input for what no scope is, forbidden for one that leads where
    the person may not go, or to our own pages, where no agent ever gets."""
    if not body.name.isprintable() or body.name != body.name.strip():
        raise invalid("name", "Use visible characters only, and no blanks around them.")
    faults = {
        f"scopes.{number}": fault
        for number, scope in enumerate(body.scopes)
        if (fault := scope_fault(scope))
    }
    if faults:
        raise CallRefused("invalid_input", faults=faults)
    routes = RouteTable(policy.routes)
    if any(_is_ours(scope, mount) for scope in body.scopes) or any(
        is_beyond(scope, session, routes, host) for scope in body.scopes
    ):
        raise CallRefused("forbidden")


def delegation_of(
    caller: Caller,
    body: NewAgentBody,
    kind: Literal["agent", "service"],
    policy: Policy,
    public_url: str,
    mount: str,
) -> Delegation:
    """Return what is asked for. Raises CallRefused."""
    check_agent(body, caller.session, policy, urlsplit(public_url).hostname or "", mount)
    scopes = tuple(dict.fromkeys(body.scopes))
    return Delegation(caller.session, caller.actor, kind, body.name, scopes, lifetime_of(body))


def agent_answer(done: Delegated | AgentLimit | CreatorGone, policy: Policy) -> AgentAnswer:
    """Return what whoever asked is told. Raises CallRefused."""
    if isinstance(done, AgentLimit):
        raise CallRefused("agent_limit")
    if isinstance(done, CreatorGone):
        raise CallRefused("forbidden")
    limits = policy.limits_for(done.session.role)
    return AgentAnswer(agent=session_shape(done.session, limits, None), token=done.token)


def _is_ours(scope: str, mount: str) -> bool:
    path = scope.partition(" ")[2]
    return path == mount or path.startswith(f"{mount}/")
