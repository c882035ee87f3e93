"""Error bodies (RFC 9457): one table of codes, one way to write them, with or without aiohttp.

`code` is the stable word that clients and tests look at; title and detail are for people. Nothing
of the request is repeated but its path, and no text of an exception ever gets in.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType

MEDIA_TYPE = "application/problem+json"

_DETAILS = {
    "invalid_input": (400, "The request has missing or invalid members."),
    "signal_untimely": (400, "The signal was made more than five minutes ago, or in the future."),
    "invalid_credentials": (401, "The username or the password is wrong."),
    "signal_not_genuine": (401, "The signature is not that of a source that is known here."),
    "session_missing": (401, "Sign in to use this application."),
    "session_invalid": (401, "The session is not valid. Sign in again."),
    "session_revoked": (401, "The session was ended. Sign in again."),
    "session_signed_out": (401, "You signed out. Sign in again."),
    "session_idle": (401, "The session ended because it was not used. Sign in again."),
    "session_expired": (401, "The session reached its longest duration. Sign in again."),
    "invalid_code": (401, "The code is wrong, or was used before."),
    "challenge_invalid": (401, "The challenge was used, or is too old. Sign in again."),
    "banned": (403, "This account is blocked. Ask your administrator."),
    "cross_site_request": (403, "Only pages of this origin may do this."),
    "password_change_required": (403, "Choose a new password at the address in `url` first."),
    "signal_not_allowed": (403, "The settings do not let this source end that."),
    "second_factor_required": (403, "The password is right. Send a code of the second factor too."),
    "second_factor_enrolment_required": (403, "Set up the app in `totp` first; send its code."),
    "forbidden": (403, "You are signed in, but this is for others."),
    "not_admitted": (403, "Your account may not use this application."),
    "reauth_required": (403, "Enter your password again, then do this once more."),
    "not_found": (404, "There is nothing here."),
    "method_not_allowed": (405, "This method is not for this address."),
    "request_timeout": (408, "The body of the request took too long to arrive."),
    "user_exists": (409, "Somebody has this username already."),
    "factor_required": (409, "The policy asks you for a second factor. This is your last one."),
    "factor_missing": (409, "There are no recovery codes without a second factor."),
    "last_owner": (409, "Nobody else is an owner who may sign in: there must be one."),
    "current_session": (409, "This is the session that you are using. Sign out to end it."),
    "count_changed": (409, "Other sessions match now than you have seen. Nothing was ended."),
    "alarm_resolved": (409, "The alarm is over: there is nothing to take on any more."),
    "session_limit": (409, "You have as many sessions as are allowed. End one of them first."),
    "agent_limit": (409, "As many agents act for you as are allowed. End one of them first."),
    "webhook_disabled": (409, "The endpoint is disabled: it gets nothing."),
    "too_many_webhooks": (409, "There are as many endpoints as may be. Delete one of them first."),
    "reset_invalid": (410, "This link cannot be used: it works once, and for 30 minutes."),
    "payload_too_large": (413, "The request is larger than any that makes sense here."),
    "upgrade_required": (426, "This address speaks WebSocket, and nothing else."),
    "too_many_requests": (429, "Too much that made no sense came from there. Try again later."),
    "locked": (429, "Too many attempts to sign in. Try again later."),
    "internal_error": (500, "Something went wrong on our side."),
    "signals_off": (501, "The policy has signals switched off."),
    "store_unavailable": (503, "Sessions cannot be checked now."),
    "provider_unavailable": (503, "The directory cannot be asked now. Try again shortly."),
    "too_many_connections": (503, "Too many are connected at this moment. Try again shortly."),
    "sign_in_busy": (503, "Too many people sign in at this moment. Try again shortly."),
}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """field: the member's name as the client wrote it, with dots for nesting."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """headers: fields that the answer needs besides the common ones. members: further members."""

    code: str
    status: int
    detail: str
    errors: Sequence[FieldFault] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    members: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def problem(
    code: str,
    *,
    status: int | None = None,
    errors: Sequence[FieldFault] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Problem:
    """Return the problem of that code. status: where one code answers with several.

    A code that is not in the table is a mistake of ours and raises KeyError.
    """
    usual, detail = _DETAILS[code]
    return Problem(
        code, usual if status is None else status, detail, errors, headers or {}, members or {}
    )


def invalid_input(*faults: FieldFault) -> Problem:
    """400: says of each member what is wrong with it, and repeats none of them."""
    return problem("invalid_input", errors=faults)


def problem_body(what: Problem, instance: str, request_id: str) -> bytes:
    """Return the body: ASCII JSON, so that no text from outside can break it."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(what.status).phrase,
        "status": what.status,
        "detail": what.detail,
        "code": what.code,
        "instance": instance,
        "requestId": request_id,
    }
    if what.errors:
        body["errors"] = [{"field": one.field, "message": one.message} for one in what.errors]
    body.update(what.members)
    return json.dumps(body).encode("ascii")
