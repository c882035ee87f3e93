"""The port to the software that acts for people: what it takes to open its session.

An agent is delegated by a person from a session of theirs, and ends with it. A service is made by
an admin, acts for them, and outlives their sessions. Both are sessions: listed, limited, audited
and ended like those of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

from sidecar.core.audit import Actor
from sidecar.core.session import Session
from sidecar.core.token import Token


@dataclass(frozen=True, slots=True)
class Delegation:
    """creator: the session that asks for it, whose person it will act for. lifetime: None is as
    long as may be."""

    creator: Session
    actor: Actor
    kind: Literal["agent", "service"]
    name: str
    scopes: Sequence[str]
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Delegated:
    """The new session and the only copy of its token there will ever be."""

    session: Session
    token: Token = field(repr=False)


@dataclass(frozen=True, slots=True)
class AgentLimit:
    """Refused: as many act for the person as the policy allows."""


@dataclass(frozen=True, slots=True)
class CreatorGone:
    """Refused: the session that asked has ended meanwhile, or the person is another one by now."""


class Agents(Protocol):
    async def delegate(self, wanted: Delegation) -> Delegated | AgentLimit | CreatorGone:
        """Open a session of software, with its audit entry and its event, in one step.

        It lives no longer than asked for, than the policy's lifetime for the person's role, and, if
        it is an agent, than the session it is delegated from may.
        """
        ...
