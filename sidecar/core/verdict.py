"""What the gate is asked, and what it answers. Neither knows of any HTTP library."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sidecar.core.headers import RequestHead
from sidecar.core.policy import Route
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.token import Credential


class RequestFacts(NamedTuple):
    """All that a decision looks at.

    host: lower case, without port. path: canonical, without query. credential: None without a
    cookie of ours; `forged` when there was one that is not genuine. client_ip: empty if nobody
    knows it. head: for what is looked at only when something else is unusual.
    """

    method: str
    host: str
    path: str
    credential: Credential | None
    forged: bool = False
    client_ip: str = ""
    head: RequestHead | None = None


class Whence(NamedTuple):
    """Where a request to our own pages comes from."""

    client_ip: str = ""
    head: RequestHead | None = None


NOWHERE = Whence()


class Missing(StrEnum):
    """Why sign-in is asked for when no session of ours ended."""

    SESSION_MISSING = "session_missing"
    SESSION_INVALID = "session_invalid"

    @property
    def code(self) -> str:
        return self.value


class Allow(NamedTuple):
    """Let it pass; session is None on a public route without identity."""

    route: Route
    session: Session | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """401: the reason, for the body, the page, the metric and the log."""

    because: Ended | Missing


@dataclass(frozen=True, slots=True)
class Deny:
    """403: signed in, but not allowed here."""

    session: Session


@dataclass(frozen=True, slots=True)
class Unavailable:
    """503: the store is silent. Not the same as "no such session", ever."""


Verdict = Allow | SignIn | Deny | Unavailable
