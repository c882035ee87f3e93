"""`{mount}/login/{provider}`: to an identity provider, and `…/callback`: back from it.

Going there changes nothing but the cookie of sign-ins under way. Coming back opens a session only
in the browser that went, in a window of its own, and once (ASVS 5.0 7.6.2; cases S-84, S-85).
"""

import logging
import secrets
from datetime import timedelta
from typing import assert_never

from aiohttp import web

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.opening import ProviderEnded
from sidecar.core.ports import StoreUnavailable
from sidecar.core.proof import Locked
from sidecar.core.return_to import HOME
from sidecar.core.session import Handle
from sidecar.core.token import is_handle
from sidecar.front.context import context_of
from sidecar.front.inputs import read_form
from sidecar.front.provider_room import ProviderRoom, Underway, underway
from sidecar.front.replies import door_reply, language_of, see_other
from sidecar.front.services import SERVICES
from sidecar.front.sign_in import set_cookies, visit_of, whole_seconds
from sidecar.login.entering import CapReached, IsBanned, SignedIn
from sidecar.login.pages import Fault, Offered, SignInView
from sidecar.login.pending import LASTS, Pending, flow_of
from sidecar.login.provider import (
    Flow,
    NotProven,
    Proven,
    Provider,
    ProviderUnavailable,
    Returned,
)
from sidecar.login.provider_steps import METHOD, NotAdmitted, ProviderResult

log = logging.getLogger(__name__)

_LONGEST_CODE = 4096
_LABELS = {
    SignedIn: "signed_in",
    IsBanned: "banned",
    Locked: "locked",
    CapReached: "session_limit",
}


async def start(request: web.Request) -> web.Response:
    """Send the browser to the provider. `fresh=1`: to prove anew who they are."""
    services = request.app[SERVICES]
    return_to = services.pages.return_path(request.query.get("return_to"))
    return await _go(request, return_to, None, fresh=request.query.get("fresh") == "1")


async def start_at_limit(request: web.Request) -> web.Response:
    """The same, to end one of their own sessions with it. The provider says again who they are."""
    form = await read_form(request)
    chosen = form.get("endSession")
    return_to = request.app[SERVICES].pages.return_path(form.get("return_to") or None)
    return await _go(request, return_to, Handle(chosen) if is_handle(chosen) else None)


async def finish(request: web.Request) -> web.Response:
    """Open the session, if the provider says who they are and they may in."""
    room, provider = _room(request), _provider(request)
    services = request.app[SERVICES]
    before = underway(request, room, services.cookies, services.clock.now())
    pending = _pending(request, provider, before) if _is_window(request) else None
    if pending is None or not await room.book.claim(f"state\n{pending.state}", 2 * LASTS):
        return _door(request, "provider_stale", 400)
    try:
        reply = await _finish(request, provider, pending, flow_of(pending, before.key))
    except ProviderUnavailable:
        services.count_login("unavailable")
        reply = _silent(request, pending.return_to)
    except StoreUnavailable:
        services.count_login("unavailable")
        raise
    left = [one for one in before.entries if one.state != pending.state]
    reply.headers.add("Set-Cookie", before.write(left, services.cookies))
    return reply


async def _go(
    request: web.Request, return_to: str, end_session: Handle | None, *, fresh: bool = False
) -> web.Response:
    room, provider, services = _room(request), _provider(request), request.app[SERVICES]
    now = services.clock.now()
    before = underway(request, room, services.cookies, now)
    state = secrets.token_urlsafe(16)
    pending = Pending(state, provider.name, now, return_to, end_session, fresh)
    try:
        address = await provider.begin(flow_of(pending, before.key))
    except ProviderUnavailable:
        services.count_login("unavailable")
        return _silent(request, return_to)
    reply = see_other(request, address)
    reply.headers.add("Set-Cookie", before.write([*before.entries, pending], services.cookies))
    return reply


def _pending(request: web.Request, provider: Provider, left: Underway) -> Pending | None:
    """Return what the browser had gone to this provider for; None: it did not, or long ago."""
    states = request.query.getall("state", [])
    if len(states) != 1:
        return None
    return next(
        (one for one in left.entries if one.state == states[0] and one.provider == provider.name),
        None,
    )


async def _finish(
    request: web.Request, provider: Provider, pending: Pending, flow: Flow
) -> web.Response:
    services, room = request.app[SERVICES], _room(request)
    query = request.query
    codes, issuers = query.getall("code", []), query.getall("iss", [])
    if "error" in query or len(codes) != 1 or len(issuers) > 1:
        log.info("provider_gave_no_code", extra={"provider": provider.name})
        return _door(request, "provider_denied", 403, pending.return_to)
    proven: Proven | NotProven = NotProven("code")
    if 0 < len(codes[0]) <= _LONGEST_CODE:
        proven = await provider.finish(Returned(codes[0], issuers[0] if issuers else None), flow)
    if isinstance(proven, NotProven):
        log.warning(
            "provider_sign_in_refused", extra={"provider": provider.name, "why": proven.why}
        )
        actor = Actor(ActorKind.USER, ip_address=context_of(request).client_ip)
        await room.book.refused(actor, "", METHOD, "not_proven")
        services.count_login("invalid_credentials")
        return _door(request, "provider", 401, pending.return_to)
    visit = await visit_of(request, pending.end_session)
    result = await room.steps.sign_in(provider, proven, visit, services.policy())
    services.count_login(_LABELS.get(type(result), "other"))
    return _answer(request, provider, pending, result)


def _answer(
    request: web.Request, provider: Provider, pending: Pending, result: ProviderResult
) -> web.Response:
    services, return_to = request.app[SERVICES], pending.return_to
    match result:
        case SignedIn():
            reply = see_other(request, return_to)
            set_cookies(request, reply, result)
            return reply
        case IsBanned():
            return _door(request, "banned", 403, return_to)
        case Locked(retry_after):
            reply = _door(request, "locked", 429, return_to, retry_after)
            reply.headers["Retry-After"] = whole_seconds(retry_after)
            return reply
        case NotAdmitted(why):
            log.info("provider_sign_in_refused", extra={"provider": provider.name, "why": why})
            return _door(request, "provider_refused", 403, return_to)
        case ProviderEnded():
            return _door(request, "provider", 401, return_to)
        case CapReached(sessions):
            page = services.pages.limit(
                sessions,
                "",
                return_to,
                services.clock.now(),
                language_of(request),
                provider=Offered(provider.name, provider.label),
            )
            return door_reply(request, page, 409)
        case _:
            assert_never(result)


def _silent(request: web.Request, return_to: str) -> web.Response:
    """503: the provider did not answer. Nobody was signed out by this."""
    reply = _door(request, "provider_silent", 503, return_to)
    reply.headers["Retry-After"] = "5"
    return reply


def _door(
    request: web.Request,
    fault: Fault,
    status: int,
    return_to: str = HOME,
    retry_after: timedelta = timedelta(),
) -> web.Response:
    """The sign-in page, and why it is shown again."""
    view = SignInView(return_to=return_to, fault=fault, retry_after=retry_after)
    page = request.app[SERVICES].pages.sign_in(view, language_of(request))
    return door_reply(request, page, status)


def _room(request: web.Request) -> ProviderRoom:
    """Raises HTTPNotFound where there are no providers."""
    room = request.app[SERVICES].providers
    if room is None:
        raise web.HTTPNotFound
    return room


def _provider(request: web.Request) -> Provider:
    """Raises HTTPNotFound."""
    provider = _room(request).providers.get(request.match_info["provider"])
    if provider is None:
        raise web.HTTPNotFound
    return provider


def _is_window(request: web.Request) -> bool:
    """Say whether a person is looking at what comes: no frame, no image, nothing fetched ahead."""
    fetched_ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    return not fetched_ahead and request.headers.get("Sec-Fetch-Dest", "document") == "document"
