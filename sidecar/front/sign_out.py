"""`POST {mount}/logout` ends the caller's session; `GET` only asks, for applications that can offer
no more than a link."""

import logging
from typing import NamedTuple

from aiohttp import web

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.verdict import Allow, Unavailable
from sidecar.front.context import context_of
from sidecar.front.inputs import is_form
from sidecar.front.replies import (
    empty_reply,
    language_of,
    page_reply,
    see_other,
    wants_page,
)
from sidecar.front.services import SERVICES
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_steps import METHOD

log = logging.getLogger(__name__)

FORGOTTEN = '"cache", "storage"'
"""What a browser forgets of this origin when it is asked to (`Clear-Site-Data`). Not the cookies:
it would take those of sites beside this one along."""


async def ask(request: web.Request) -> web.Response:
    """The page with the button. It changes nothing."""
    services = request.app[SERVICES]
    context = context_of(request)
    verdict = await services.signed_in(context.credential, forged=context.forged)
    session = verdict.session if isinstance(verdict, Allow) else None
    username = session.username if session is not None else ""
    return page_reply(request, services.pages.sign_out(username, language_of(request)))


async def end(request: web.Request) -> web.Response:
    """Sign out. Done twice it is still done; while the store is silent it is not, and says so
    (503), because a cookie that is gone would look like a session that is. forget: what this
    browser keeps of the application goes too."""
    services = request.app[SERVICES]
    context = context_of(request)
    verdict = await services.signed_in(context.credential, forged=context.forged)
    if isinstance(verdict, Unavailable):
        raise StoreUnavailable
    onward: Onward | None = None
    if isinstance(verdict, Allow) and verdict.session is not None:
        session = verdict.session
        onward = await _onward(request, session)
        actor = Actor(ActorKind.USER, session.user_id, session.username, context.client_ip)
        await services.sessions.end(session.handle, Ended.SIGNED_OUT, actor)
    if onward is not None and (is_form(request) or wants_page(request)):
        page = services.pages.signed_out_here(*onward, language_of(request))
        reply = page_reply(request, page)
    elif is_form(request) or wants_page(request):
        address = services.pages.login_address(reason=Ended.SIGNED_OUT.code)
        reply = see_other(request, address)
    else:
        reply = empty_reply(request)
    reply.headers["Set-Cookie"] = services.cookies.clear_cookie()
    if request.query.get("forget") == "1":
        reply.headers["Clear-Site-Data"] = FORGOTTEN
    return reply


class Onward(NamedTuple):
    """Where at the provider somebody signs out too. label: what it is called."""

    label: str
    address: str


async def _onward(request: web.Request, session: Session) -> Onward | None:
    """Return where to sign out next, if the session was opened from a provider that wants that.

    It is a page that leads there: a redirect after a form would be held against `form-action`.
    """
    room = request.app[SERVICES].providers
    if room is None or session.auth_method != METHOD:
        return None
    there = await room.book.of_session(session.handle)
    provider = room.providers.get(there.provider) if there is not None else None
    if provider is None:
        return None
    try:
        address = await provider.sign_out_address()
    except ProviderUnavailable:  # signed out here, in any case
        log.warning("provider_sign_out_left_out", extra={"provider": provider.name})
        return None
    return Onward(provider.label, address) if address is not None else None
