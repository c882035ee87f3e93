"""`GET` and `POST {mount}/login`: the page, its form, and the same step by JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from types import MappingProxyType
from typing import assert_never

import msgspec
from aiohttp import web

from sidecar.core.ports import StoreUnavailable
from sidecar.core.proof import Locked, TooLarge, WrongCredentials
from sidecar.core.session import Handle, Session
from sidecar.core.shapes import SignedInShape, session_shape
from sidecar.core.token import is_handle
from sidecar.core.verdict import Allow, SignIn
from sidecar.front.context import context_of
from sidecar.front.factor_answers import CODE_NEEDED, ENROL_NEEDED, needed_page, needed_problem
from sidecar.front.inputs import (
    ENTERED_NAME,
    LONGEST_NAME,
    SignInInput,
    check_handle,
    check_password_size,
    is_form,
    read_form,
    read_json,
)
from sidecar.front.problem import Problem, problem
from sidecar.front.replies import (
    door_reply,
    json_reply,
    language_of,
    problem_reply,
    see_other,
)
from sidecar.front.reset import REQUIRED, reset_path
from sidecar.front.services import SERVICES
from sidecar.login.client_hints import read_hints
from sidecar.login.entering import CapReached, IsBanned, MustChange, SignedIn, Visit
from sidecar.login.hashing import HashingBusy
from sidecar.login.pages import REASONS, SignInView
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_steps import NotAdmitted
from sidecar.login.second_factor import CodeNeeded, EnrolNeeded
from sidecar.login.steps import Credentials, SignInResult

# Not `Session`: a wrong password is no reason to clear what an open page knows.
CHALLENGE = {"WWW-Authenticate": 'Credentials realm="sign-in"'}
_NOTHING: Mapping[str, object] = MappingProxyType({})

_LABELS = {
    SignedIn: "signed_in",
    WrongCredentials: "invalid_credentials",
    IsBanned: "banned",
    Locked: "locked",
    CapReached: "session_limit",
    MustChange: REQUIRED,
    CodeNeeded: CODE_NEEDED,
    EnrolNeeded: ENROL_NEEDED,
}


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt, however it was sent."""

    credentials: Credentials
    return_to: str


async def show(request: web.Request) -> web.Response:
    """The sign-in page. A cookie that is of no use any more goes with it (case S-53)."""
    services = request.app[SERVICES]
    context = context_of(request)
    reason = request.query.get("reason", "")
    view = SignInView(
        return_to=services.pages.return_path(request.query.get("return_to")),
        reason=reason if reason in REASONS else "",
    )
    verdict = await services.signed_in(context.credential, forged=context.forged)
    stale = isinstance(verdict, SignIn) and (context.credential is not None or context.forged)
    if isinstance(verdict, SignIn) and verdict.because.code in REASONS and stale:
        view = SignInView(return_to=view.return_to, reason=verdict.because.code)
    elif isinstance(verdict, Allow) and verdict.session is not None:
        view = SignInView(return_to=view.return_to, signed_in_as=verdict.session.username)
    auto = services.providers.auto if services.providers is not None else None
    asked = view != SignInView(return_to=view.return_to) or stale or "local" in request.query
    if auto is not None and not asked:
        return see_other(request, services.pages.provider_address(auto, view.return_to))
    reply = door_reply(request, services.pages.sign_in(view, language_of(request)))
    if stale:
        reply.headers["Set-Cookie"] = services.cookies.clear_cookie()
    return reply


async def submit(request: web.Request) -> web.Response:
    """One attempt to sign in."""
    services = request.app[SERVICES]
    form = is_form(request)
    attempt = await (_from_form(request) if form else _from_json(request))
    if attempt is None:
        view = SignInView(
            return_to=return_path(request, None),
            username=request.get(ENTERED_NAME, ""),
            fault="empty",
        )
        return door_reply(request, services.pages.sign_in(view, language_of(request)), 400)
    try:
        result = await services.steps.sign_in(attempt.credentials, services.policy())
    except (HashingBusy, ProviderUnavailable, StoreUnavailable):
        services.count_login("unavailable")
        raise
    services.count_login(_LABELS.get(type(result), "other"))
    if form:
        return page_answer(request, attempt.return_to, attempt.credentials.username, result)
    return json_answer(request, attempt.return_to, result)


async def _from_form(request: web.Request) -> _Attempt | None:
    """Return the attempt, or None when the form was not filled in."""
    form = await read_form(request)
    username, password = form.get("username"), form.get("password")
    request[ENTERED_NAME] = username.strip()[:LONGEST_NAME]
    check_password_size(password)
    if not username.strip() or not password or len(username) > LONGEST_NAME:
        return None
    chosen = form.get("endSession")
    return _Attempt(
        await _credentials(request, username, password, chosen if is_handle(chosen) else None),
        return_path(request, form.get("return_to") or None),
    )


async def _from_json(request: web.Request) -> _Attempt:
    given = await read_json(request, SignInInput)
    check_password_size(given.password)
    check_handle(given.end_session, "endSession")
    return _Attempt(
        await _credentials(request, given.username, given.password, given.end_session),
        return_path(request, given.return_to),
    )


def return_path(request: web.Request, given: str | None) -> str:
    value = given if given is not None else request.query.get("return_to")
    return request.app[SERVICES].pages.return_path(value)


async def visit_of(request: web.Request, end_session: Handle | None) -> Visit:
    """Return where the request is from. end_session: chosen at the cap."""
    context = context_of(request)
    verdict = await request.app[SERVICES].signed_in(context.credential, forged=context.forged)
    session = verdict.session if isinstance(verdict, Allow) else None
    return Visit(
        ip_address=context.client_ip,
        user_agent=request.headers.get("User-Agent", ""),
        replaces=session.handle if session is not None else None,
        end_session=end_session,
        hints=read_hints(request.headers),
        device_ids=request.app[SERVICES].cookies.device_ids(request.headers.get("Cookie")),
    )


async def _credentials(
    request: web.Request, username: str, password: str, end_session: str | None
) -> Credentials:
    chosen = Handle(end_session) if end_session is not None else None
    return Credentials(username, password, await visit_of(request, chosen))


def locked_problem(retry_after: timedelta) -> Problem:
    """429, and for how long it stays so."""
    return problem("locked", headers={"Retry-After": whole_seconds(retry_after)})


def json_answer(
    request: web.Request,
    return_to: str,
    result: SignInResult,
    more: Mapping[str, object] = _NOTHING,
) -> web.Response:
    """more: further members of a problem."""
    services = request.app[SERVICES]
    match result:
        case SignedIn(session):
            limits = services.policy().limits_for(session.role)
            shape = session_shape(session, limits, session.handle)
            reply = json_reply(request, SignedInShape(session=shape, redirect=return_to))
            set_cookies(request, reply, result)
            return reply
        case WrongCredentials():
            return problem_reply(request, problem("invalid_credentials", headers=CHALLENGE))
        case IsBanned():
            return problem_reply(request, problem("banned", members=more))
        case NotAdmitted():
            return problem_reply(request, problem("not_admitted", members=more))
        case Locked(retry_after):
            return problem_reply(request, locked_problem(retry_after))
        case TooLarge():
            return problem_reply(request, problem("payload_too_large"))
        case MustChange(link):
            address = reset_path(services.mount, link, return_to)
            where = {**more, "url": services.public_url + address}
            return problem_reply(request, problem(REQUIRED, members=where))
        case CapReached(sessions):
            shown = [_shape(request, session) for session in sessions]
            return problem_reply(
                request, problem("session_limit", members={**more, "sessions": shown})
            )
        case CodeNeeded() | EnrolNeeded():
            return needed_problem(request, result)
        case _:
            assert_never(result)


def page_answer(
    request: web.Request, return_to: str, username: str, result: SignInResult
) -> web.Response:
    """username: as it was entered; none where it was not asked for again."""
    services = request.app[SERVICES]
    view = SignInView(return_to=return_to, username=username)
    match result:
        case SignedIn():
            reply = see_other(request, return_to)
            set_cookies(request, reply, result)
            return reply
        case WrongCredentials():
            reply = _again(request, replace(view, fault="wrong"), 401)
            reply.headers.update(CHALLENGE)
            return reply
        case IsBanned():
            return _again(request, replace(view, fault="banned"), 403)
        case NotAdmitted():
            return _again(request, replace(view, fault="provider_refused"), 403)
        case Locked(retry_after):
            view = replace(view, fault="locked", retry_after=retry_after)
            reply = _again(request, view, 429)
            reply.headers["Retry-After"] = whole_seconds(retry_after)
            return reply
        case TooLarge():
            return _again(request, replace(view, fault="large"), 413)
        case MustChange(link):
            return see_other(request, reset_path(services.mount, link, return_to))
        case CapReached(sessions):
            page = services.pages.limit(
                sessions,
                username or sessions[0].username,
                return_to,
                services.clock.now(),
                language_of(request),
            )
            return door_reply(request, page, 409)
        case CodeNeeded() | EnrolNeeded():
            return needed_page(request, result, return_to)
        case _:
            assert_never(result)


def _again(request: web.Request, view: SignInView, status: int) -> web.Response:
    """Show the sign-in page once more, with the name and without the password."""
    page = request.app[SERVICES].pages.sign_in(view, language_of(request))
    return door_reply(request, page, status)


def set_cookies(request: web.Request, reply: web.Response, signed_in: SignedIn) -> None:
    """Give the browser what it is known by from now on."""
    services = request.app[SERVICES]
    policy, cookies = services.policy(), services.cookies
    lifetime = policy.limits_for(signed_in.session.role).absolute_lifetime
    reply.headers["Set-Cookie"] = cookies.session_cookie(signed_in.token, lifetime)
    if signed_in.device_ids:
        known = cookies.device_cookie(signed_in.device_ids, policy.new_devices.remembered)
        reply.headers.add("Set-Cookie", known)


def _shape(request: web.Request, session: Session) -> object:
    limits = request.app[SERVICES].policy().limits_for(session.role)
    return msgspec.to_builtins(session_shape(session, limits, None))


def whole_seconds(span: timedelta) -> str:
    return str(max(ceil(span.total_seconds()), 1))
