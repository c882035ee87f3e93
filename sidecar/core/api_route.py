"""A route of our API as data: what it takes, who may, what it answers.

`admin/` and `account/` have a table of these. The front binds the tables to HTTP, `openapi.json`
describes them, and the tests walk them.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from sidecar.core.audit import Action
from sidecar.core.given import Given
from sidecar.core.users import Role

StepUp = Literal["end_sessions", "everyone", "roles"]


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One route.

    path: below the mount. role: the lowest that may. operation: takes the desk, the caller, what
    `{id}` and further places of the path name, and what `query` or `body` says. body_optional:
    without one, all of it has its default. action: what the act is in the audit log; routes that
    only read have none, but for those that read the log itself. target: what `{id}` names, or `own`
    for whoever asks. step_up: the key of the policy that says how fresh the proof must be, for
    every call; some operations ask for more. codes: of problems beyond those that every route has.
    as_forbidden: of those that are 403 here, and not elsewhere.
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    role: Role
    operation: Callable[..., Awaitable[object]]
    answer: type[Struct] | None
    summary: str
    query: type[Given] | None = None
    body: type[Given] | None = None
    body_optional: bool = False
    status: int = 200
    action: Action | None = None
    target: Literal["user", "session", "webhook", "alarm", "own"] = "user"
    step_up: StepUp | None = None
    codes: tuple[str, ...] = ()
    as_forbidden: tuple[str, ...] = ()

    @property
    def is_file(self) -> bool:
        """Say whether the answer is written while it is read, instead of being a shape."""
        return self.answer is None and self.status == 200

    @property
    def has_id(self) -> bool:
        return "{id}" in self.path

    @property
    def ids(self) -> tuple[str, ...]:
        """Return what the path leaves open, in its order: `id` first."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))
