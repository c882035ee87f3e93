"""`POST {mount}/login/{provider}/backchannel-logout`: the provider itself ends what it opened.

Nobody is signed in here: what counts is the signature of the token. 200 is said when the sessions
have ended, 400 for what is no order, 503 when it could not be done, so that the provider sends it
again. Source: OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8.
"""

import json
import logging
from datetime import timedelta

from aiohttp import web

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.front.context import FROM_A_SERVER, context_of
from sidecar.front.inputs import is_form, read_form
from sidecar.front.provider_room import ProviderRoom
from sidecar.front.services import SERVICES
from sidecar.login.provider import LogoutOrder, NotProven, ProviderUnavailable

log = logging.getLogger(__name__)

NAME = f"{FROM_A_SERVER}provider_logout"
LARGEST = 16 * 1024
REMEMBERED = timedelta(minutes=15)
"""How long an order is known to have been carried out: longer than any is good for."""
_UNDER_WAY = timedelta(seconds=30)


async def end(request: web.Request) -> web.Response:
    """End the sessions that the logout token names."""
    services = request.app[SERVICES]
    room = services.providers
    provider = None if room is None else room.providers.get(request.match_info["provider"])
    if room is None or provider is None:
        raise web.HTTPNotFound
    address = context_of(request).client_ip
    if not room.patience.has_some(address):
        return _said(request, 429, "too_many_requests")
    if not is_form(request) or (request.content_length or LARGEST) > LARGEST:
        return _wrong(request, room, "request")
    token = (await read_form(request)).get("logout_token")
    try:
        order = await provider.read_logout(token)
    except ProviderUnavailable:
        return _said(request, 503, "temporarily_unavailable")
    if isinstance(order, NotProven):
        return _wrong(request, room, order.why)
    if not services.policy().ends_by(Ended.PROVIDER_LOGOUT):
        return _said(request, 501, "not_supported")
    if not await room.book.claim(order.once, _UNDER_WAY):
        return _wrong(request, room, "jti")
    ended = await _carry_out(room, order, Actor(ActorKind.PROVIDER, provider.name, "", address))
    log.info("provider_logout", extra={"provider": provider.name, "ended": ended})
    return _said(request, 200)


async def _carry_out(room: ProviderRoom, order: LogoutOrder, actor: Actor) -> int:
    """End the sessions. An order that could not be carried out may come again."""
    try:
        ended = await room.book.end(order.account, order.idp_sid, order.issued_at, actor)
        await room.book.keep(order.once, REMEMBERED)
    except StoreUnavailable:
        await room.book.release(order.once)  # a claim that stays lapses by itself, soon
        raise
    return ended


def _wrong(request: web.Request, room: ProviderRoom, why: str) -> web.Response:
    room.patience.lose_some(context_of(request).client_ip)
    log.warning(
        "provider_logout_refused",
        extra={"provider": request.match_info["provider"], "why": why},
    )
    return _said(request, 400, "invalid_request")


def _said(request: web.Request, status: int, error: str = "") -> web.Response:
    headers = dict(request.app[SERVICES].headers.data)
    if status in (429, 503):
        headers["Retry-After"] = "5"
    body = json.dumps({"error": error}).encode() if error else b""
    kind = "application/json" if error else None
    return web.Response(status=status, body=body, content_type=kind, headers=headers)
