"""What stands around every handler of ours: the cross-site rule, and how failures are answered.

The order matters: nothing of the body is read and no session is looked at before the rule against
cross-site requests has spoken (cases S-60, S-83). This is the only place that catches everything.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from math import ceil

from aiohttp import web

from sidecar.core.origin import same_origin
from sidecar.core.ports import StoreUnavailable
from sidecar.core.return_to import HOME
from sidecar.front.bound import note_cross_site
from sidecar.front.context import FROM_A_SERVER, SAFE_METHODS, context_of
from sidecar.front.inputs import ENTERED_NAME, Refused, is_form
from sidecar.front.problem import Problem, problem
from sidecar.front.replies import (
    door_reply,
    language_of,
    page_reply,
    problem_reply,
    wants_page,
)
from sidecar.front.services import SERVICES
from sidecar.login.hashing import HashingBusy
from sidecar.login.pages import Fault, SignInView
from sidecar.login.provider import ProviderUnavailable

log = logging.getLogger(__name__)

_CLIENT_LEFT = 499
"""Nobody is there to be answered; that is no fault of ours (nginx's number for the access log)."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into an answer of the contract."""
    if _client_left(request):
        return web.Response(status=_CLIENT_LEFT)
    context_of(request)
    try:
        return await handler(request)
    except Refused as refused:
        return _failed(request, refused.what)
    except HashingBusy as busy:
        seconds = ceil(busy.retry_after.total_seconds())
        return _failed(request, problem("sign_in_busy", headers={"Retry-After": str(seconds)}))
    except StoreUnavailable:
        return _failed(request, problem("store_unavailable", headers={"Retry-After": "1"}))
    except ProviderUnavailable:
        return _failed(request, problem("provider_unavailable", headers={"Retry-After": "5"}))
    except web.HTTPMethodNotAllowed as wrong:
        allowed = ", ".join(sorted(wrong.allowed_methods))
        return _failed(request, problem("method_not_allowed", headers={"Allow": allowed}))
    except web.HTTPNotFound:
        return _failed(request, problem("not_found"))
    except Exception as failure:
        if _client_left(request) and isinstance(failure, ConnectionError):
            return web.Response(status=_CLIENT_LEFT)
        request_id = context_of(request).request_id
        log.exception("request_failed", extra={"request_id": request_id})
        return _failed(request, problem("internal_error"))


def _client_left(request: web.Request) -> bool:
    return request.transport is None


@web.middleware
async def refuse_cross_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let state-changing calls through only from our own pages."""
    if request.method in SAFE_METHODS or request.match_info.http_exception is not None:
        return await handler(request)
    if (request.match_info.route.name or "").startswith(FROM_A_SERVER):
        return await handler(request)
    services = request.app[SERVICES]
    context = context_of(request)
    site = request.headers.getall("Sec-Fetch-Site", [])
    believed = same_origin(
        ", ".join(request.headers.getall("Origin", [])) or None,
        site[0] if len(site) == 1 else None,
        services.public_url,
        has_cookie=context.credential is not None or context.forged,
        has_bearer=_has_bearer(request),
    )
    if not believed:
        log.info("cross_site_refused", extra={"request_id": context.request_id})
        await note_cross_site(request)
        return _failed(request, problem("cross_site_request"))
    return await handler(request)


def _has_bearer(request: web.Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and token.startswith("sst_")


_FAULTS: Mapping[str, Fault] = {
    "invalid_input": "empty",
    "payload_too_large": "large",
    "sign_in_busy": "busy",
    "store_unavailable": "store",
    "provider_unavailable": "provider_silent",
    "cross_site_request": "foreign",
}


def _failed(request: web.Request, what: Problem) -> web.Response:
    """Answer with the sign-in page (its form was sent), an error page, or problem JSON."""
    services = request.app[SERVICES]
    door = request.path == f"{services.mount}/login"
    fault = _FAULTS.get(what.code)
    if door and fault is not None and request.method == "POST" and is_form(request):
        view = SignInView(
            return_to=services.pages.return_path(request.query.get("return_to")),
            username=request.get(ENTERED_NAME, ""),
            fault=fault,
        )
        reply = door_reply(request, services.pages.sign_in(view, language_of(request)), what.status)
    elif wants_page(request) and not request.path.startswith(f"{services.mount}/api/"):
        request_id = context_of(request).request_id
        page = services.pages.error(
            what.status,
            what.code,
            request_id,
            language_of(request),
            what.detail,
            back=request.path_qs if request.method == "GET" and what.status != 405 else HOME,
        )
        reply = page_reply(request, page, what.status)
    else:
        return problem_reply(request, what)
    reply.headers.update(what.headers)
    return reply
