"""Whose request it is; and what a signed-in person's page may ask: who am I, prove it again. And
the public keys."""

import json

from aiohttp import web

from sidecar.admin.people import shown
from sidecar.core.ports import StoreUnavailable
from sidecar.core.proof import Locked, TooLarge, WrongCredentials
from sidecar.core.session import Session, expires_at
from sidecar.core.shapes import OwnSessionShape, session_shape
from sidecar.core.verdict import Missing, SignIn, Unavailable
from sidecar.front.context import context_of, is_active
from sidecar.front.factor_answers import CODE_NEEDED
from sidecar.front.inputs import ReauthInput, Refused, check_password_size, read_json
from sidecar.front.problem import problem
from sidecar.front.replies import (
    CHALLENGE,
    empty_reply,
    json_reply,
    language_of,
    page_reply,
    problem_reply,
    sign_in_problem,
)
from sidecar.front.services import SERVICES
from sidecar.front.sign_in import locked_problem
from sidecar.login.steps import CodeMissing, CodeWrong, Renewed, SessionEnded

_JWKS_AGE = "public, max-age=300"


async def signed_in_session(request: web.Request) -> Session:
    """Return the caller's live session. Raises Refused (401) and StoreUnavailable (503)."""
    context = context_of(request)
    verdict = await request.app[SERVICES].signed_in(
        context.credential,
        forged=context.forged,
        whence=context.whence,
        active=is_active(request),
    )
    if isinstance(verdict, Unavailable):
        raise StoreUnavailable
    if isinstance(verdict, SignIn):
        raise Refused(sign_in_problem(verdict.because))
    if verdict.session is None:
        raise Refused(sign_in_problem(Missing.SESSION_MISSING))
    return verdict.session


async def session_or_door(request: web.Request) -> Session | web.Response:
    """Return the live session of whoever goes to a page, or what leads them to sign-in and back.

    To go to a page is activity. Raises StoreUnavailable (503).
    """
    services, context = request.app[SERVICES], context_of(request)
    verdict = await services.signed_in(
        context.credential, forged=context.forged, whence=context.whence, active=True
    )
    if isinstance(verdict, Unavailable):
        raise StoreUnavailable
    because = verdict.because if isinstance(verdict, SignIn) else Missing.SESSION_MISSING
    if not isinstance(verdict, SignIn) and verdict.session is not None:
        return verdict.session
    page = services.pages.needed(because.code, request.path_qs, language_of(request))
    reply = page_reply(request, page, 401)
    reply.headers.update(CHALLENGE)
    if because is not Missing.SESSION_MISSING:
        reply.headers["Set-Cookie"] = services.cookies.clear_cookie()
    return reply


async def show(request: web.Request) -> web.Response:
    """`GET /api/session`: the caller's session and who they are."""
    services = request.app[SERVICES]
    session = await signed_in_session(request)
    user = await services.directory.get(session.user_id)
    people = await shown(services.desk, [user] if user else [])
    if not people:
        raise Refused(sign_in_problem(Missing.SESSION_INVALID))
    limits = services.policy().limits_for(session.role)
    return json_reply(
        request,
        OwnSessionShape(
            session=session_shape(session, limits, session.handle),
            user=people[0],
        ),
    )


async def reauthenticate(request: web.Request) -> web.Response:
    """`POST /api/reauth`: 204 with a new cookie; the old one works for some seconds more.

    A wrong password is 403, not 401: the session itself is as good as before.
    """
    services = request.app[SERVICES]
    session = await signed_in_session(request)
    given = await read_json(request, ReauthInput)
    check_password_size(given.password)
    address = context_of(request).client_ip
    result = await services.steps.reauthenticate(session, given.password, address, given.code)
    match result:
        case Renewed(token):
            limits = services.policy().limits_for(session.role)
            left = expires_at(session, limits) - services.clock.now()
            reply = empty_reply(request)
            reply.headers["Set-Cookie"] = services.cookies.session_cookie(token, left)
            return reply
        case WrongCredentials():
            return problem_reply(request, problem("invalid_credentials", status=403))
        case CodeMissing():
            return problem_reply(request, problem(CODE_NEEDED))
        case CodeWrong():
            return problem_reply(request, problem("invalid_code", status=403))
        case Locked(retry_after):
            return problem_reply(request, locked_problem(retry_after))
        case TooLarge():
            return problem_reply(request, problem("payload_too_large"))
        case SessionEnded():
            return problem_reply(request, sign_in_problem(Missing.SESSION_INVALID))


async def public_keys(request: web.Request) -> web.Response:
    """`GET /.well-known/jwks.json`: the keys that verify our assertions. Meant for everybody."""
    services = request.app[SERVICES]
    return web.Response(
        body=json.dumps({"keys": list(services.public_keys())}).encode("ascii"),
        content_type="application/json",
        headers={**services.headers.data, "Cache-Control": _JWKS_AGE},
    )
