"""`GET` and `POST {mount}/login`: the page, its form, and the same step by JSON."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
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
from sidecar.login.entering import CapReached, IsBanned, SignedIn, Visit
from sidecar.login.hashing import HashingBusy
from sidecar.login.pages import REASONS, Fault, SignInView
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_steps import NotAdmitted
from sidecar.login.steps import Credentials, MustChange, SignInResult

# Not `Session`: a wrong password is no reason to clear what an open page knows.
_CHALLENGE = {"WWW-Authenticate": 'Credentials realm="sign-in"'}

_LABELS = {
    SignedIn: "signed_in",
    WrongCredentials: "invalid_credentials",
    IsBanned: "banned",
    Locked: "locked",
    CapReached: "session_limit",
    MustChange: REQUIRED,
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
            return_to=_return_to(request, None),
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
    return _page(request, attempt, result) if form else _json(request, attempt, result)


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
        _return_to(request, form.get("return_to") or None),
    )


async def _from_json(request: web.Request) -> _Attempt:
    given = await read_json(request, SignInInput)
    check_password_size(given.password)
    check_handle(given.end_session, "endSession")
    return _Attempt(
        await _credentials(request, given.username, given.password, given.end_session),
        _return_to(request, given.return_to),
    )


def _return_to(request: web.Request, given: str | None) -> str:
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


def _json(request: web.Request, attempt: _Attempt, result: SignInResult) -> web.Response:
    services = request.app[SERVICES]
    match result:
        case SignedIn(session):
            limits = services.policy().limits_for(session.role)
            shape = session_shape(session, limits, session.handle)
            reply = json_reply(request, SignedInShape(session=shape, redirect=attempt.return_to))
            set_cookies(request, reply, result)
            return reply
        case WrongCredentials():
            return problem_reply(request, problem("invalid_credentials", headers=_CHALLENGE))
        case IsBanned():
            return problem_reply(request, problem("banned"))
        case NotAdmitted():
            return problem_reply(request, problem("not_admitted"))
        case Locked(retry_after):
            return problem_reply(request, locked_problem(retry_after))
        case TooLarge():
            return problem_reply(request, problem("payload_too_large"))
        case MustChange(link):
            address = reset_path(services.mount, link, attempt.return_to)
            where = {"url": services.public_url + address}
            return problem_reply(request, problem(REQUIRED, members=where))
        case CapReached(sessions):
            members = {"sessions": [_shape(request, session) for session in sessions]}
            return problem_reply(request, problem("session_limit", members=members))
        case _:
            assert_never(result)


def _page(request: web.Request, attempt: _Attempt, result: SignInResult) -> web.Response:
    match result:
        case SignedIn():
            reply = see_other(request, attempt.return_to)
            set_cookies(request, reply, result)
            return reply
        case WrongCredentials():
            reply = _again(request, attempt, "wrong", 401)
            reply.headers.update(_CHALLENGE)
            return reply
        case IsBanned():
            return _again(request, attempt, "banned", 403)
        case NotAdmitted():
            return _again(request, attempt, "provider_refused", 403)
        case Locked(retry_after):
            reply = _again(request, attempt, "locked", 429, retry_after)
            reply.headers["Retry-After"] = whole_seconds(retry_after)
            return reply
        case TooLarge():
            return _again(request, attempt, "large", 413)
        case MustChange(link):
            mount = request.app[SERVICES].mount
            return see_other(request, reset_path(mount, link, attempt.return_to))
        case CapReached(sessions):
            services = request.app[SERVICES]
            page = services.pages.limit(
                sessions,
                attempt.credentials.username,
                attempt.return_to,
                services.clock.now(),
                language_of(request),
            )
            return door_reply(request, page, 409)
        case _:
            assert_never(result)


def _again(
    request: web.Request,
    attempt: _Attempt,
    fault: Fault,
    status: int,
    retry_after: timedelta = timedelta(),
) -> web.Response:
    """Show the sign-in page once more, with the name and without the password."""
    view = SignInView(
        return_to=attempt.return_to,
        username=attempt.credentials.username,
        fault=fault,
        retry_after=retry_after,
    )
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
