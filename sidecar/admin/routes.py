"""Every route of the admin API, in one table: what it takes, who may, what it answers.

The front binds the table to HTTP, `openapi.json` describes it, and the tests walk it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from sidecar.admin import (
    answers,
    audit,
    events,
    given,
    overview,
    people,
    people_acts,
    policy,
    revoke,
    sessions,
)
from sidecar.core.audit import Action
from sidecar.core.shapes import UserShape
from sidecar.core.users import Role

StepUp = Literal["end_sessions", "everyone", "roles"]


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """One route.

    path: below the mount. operation: takes the desk, the caller, what `{id}` names (if the path
    has it), and what `query` or `body` says. action: what the act is in the audit log; routes
    that only read have none. target: what `{id}` names. step_up: the key of the policy that says
    how fresh the proof must be, for every call; some operations ask for more. codes: of problems
    beyond those that every route has.
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    role: Role
    operation: Callable[..., Awaitable[object]]
    answer: type[Struct] | None
    summary: str
    query: type[given.Given] | None = None
    body: type[given.Given] | None = None
    status: int = 200
    action: Action | None = None
    target: Literal["user", "session"] = "user"
    step_up: StepUp | None = None
    codes: tuple[str, ...] = ()

    @property
    def has_id(self) -> bool:
        return "{id}" in self.path


_SESSIONS = "/api/admin/sessions"
_USERS = "/api/admin/users"
_PERSON = f"{_USERS}/{{id}}"
_RANK = ("not_found", "forbidden", "last_owner")

ROUTES: tuple[AdminRoute, ...] = (
    AdminRoute(
        "GET",
        _SESSIONS,
        Role.VIEWER,
        sessions.list_sessions,
        answers.SessionList,
        "List live sessions",
        query=given.SessionsQuery,
    ),
    AdminRoute(
        "GET",
        f"{_SESSIONS}/ended",
        Role.VIEWER,
        sessions.list_ended,
        answers.EndedList,
        "List sessions that ended, the last one first",
        query=given.EndedQuery,
    ),
    AdminRoute(
        "DELETE",
        _SESSIONS,
        Role.ADMIN,
        revoke.revoke_of_user,
        answers.RevokedAnswer,
        "End all sessions of one person",
        query=given.OfUserQuery,
        action=Action.SESSION_REVOKED,
        step_up="end_sessions",
        codes=("not_found",),
    ),
    AdminRoute(
        "DELETE",
        f"{_SESSIONS}/{{id}}",
        Role.ADMIN,
        revoke.revoke_session,
        answers.RevokedAnswer,
        "End one session",
        action=Action.SESSION_REVOKED,
        target="session",
        step_up="end_sessions",
        codes=("not_found",),
    ),
    AdminRoute(
        "POST",
        f"{_SESSIONS}/revoke",
        Role.ADMIN,
        revoke.revoke_matching,
        answers.RevokedAnswer,
        "End all sessions that match, or everyone's",
        body=given.RevokeBody,
        action=Action.SESSION_REVOKED,
        step_up="end_sessions",
        codes=("count_changed", "reauth_required"),
    ),
    AdminRoute(
        "GET",
        _USERS,
        Role.VIEWER,
        people.list_users,
        answers.UserList,
        "List people by name",
        query=given.UsersQuery,
    ),
    AdminRoute(
        "POST",
        _USERS,
        Role.ADMIN,
        people.create_user,
        UserShape,
        "Add a person",
        body=given.NewUserBody,
        status=201,
        action=Action.USER_CREATED,
        codes=("user_exists", "reauth_required", "payload_too_large", "sign_in_busy"),
    ),
    AdminRoute(
        "GET",
        _PERSON,
        Role.VIEWER,
        people.show_user,
        UserShape,
        "Show one person",
        codes=("not_found",),
    ),
    AdminRoute(
        "PATCH",
        _PERSON,
        Role.ADMIN,
        people.change_user,
        UserShape,
        "Change a person; another role, or a group less, ends their sessions",
        body=given.UserChangeBody,
        action=Action.USER_UPDATED,
        codes=(*_RANK, "reauth_required"),
    ),
    AdminRoute(
        "DELETE",
        _PERSON,
        Role.ADMIN,
        people.delete_user,
        UserShape,
        "Delete a person and end their sessions; answers who it was",
        action=Action.USER_DELETED,
        step_up="end_sessions",
        codes=_RANK,
    ),
    AdminRoute(
        "POST",
        f"{_PERSON}/ban",
        Role.ADMIN,
        people_acts.ban_user,
        UserShape,
        "Ban a person and end their sessions",
        body=given.BanBody,
        action=Action.USER_BANNED,
        step_up="end_sessions",
        codes=_RANK,
    ),
    AdminRoute(
        "POST",
        f"{_PERSON}/unban",
        Role.ADMIN,
        people_acts.unban_user,
        UserShape,
        "Lift a ban",
        action=Action.USER_UNBANNED,
        codes=_RANK[:2],
    ),
    AdminRoute(
        "POST",
        f"{_PERSON}/unlock",
        Role.ADMIN,
        people_acts.unlock_user,
        UserShape,
        "Forget a person's failed sign-ins",
        action=Action.USER_UNLOCKED,
        codes=_RANK[:2],
    ),
    AdminRoute(
        "POST",
        f"{_PERSON}/password",
        Role.ADMIN,
        people_acts.set_password,
        UserShape,
        "Set a person's password and end their sessions",
        body=given.PasswordBody,
        action=Action.USER_PASSWORD_CHANGED,
        step_up="end_sessions",
        codes=(*_RANK[:2], "payload_too_large", "sign_in_busy"),
    ),
    AdminRoute(
        "POST",
        f"{_PERSON}/password-reset",
        Role.ADMIN,
        people_acts.begin_reset,
        answers.ResetAnswer,
        "Make a link, good once, with which a person sets a new password",
        action=Action.USER_PASSWORD_RESET_STARTED,
        codes=_RANK[:2],
    ),
    AdminRoute(
        "GET",
        "/api/admin/audit",
        Role.VIEWER,
        audit.read_audit,
        answers.AuditList,
        "Read the audit log, the newest first",
        query=given.AuditQueryGiven,
    ),
    AdminRoute(
        "GET",
        "/api/admin/audit/export",
        Role.VIEWER,
        audit.export_audit,
        None,
        "Take the audit log away as a file",
        query=given.ExportQuery,
    ),
    AdminRoute(
        "GET",
        "/api/admin/events",
        Role.VIEWER,
        events.read_events,
        answers.EventList,
        "Read what happened since, oldest first",
        query=given.EventsQuery,
    ),
    AdminRoute(
        "GET",
        "/api/admin/overview",
        Role.VIEWER,
        overview.show_overview,
        overview.OverviewAnswer,
        "Show the numbers that the console opens with",
    ),
    AdminRoute(
        "GET",
        "/api/admin/policy",
        Role.VIEWER,
        policy.show_policy,
        policy.PolicyAnswer,
        "Show the policy in force, and where each value came from",
    ),
)
