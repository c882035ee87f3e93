"""`POST {mount}/logout` ends the caller's session; `GET` only asks, for applications that can offer
no more than a link."""

from aiohttp import web

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
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
    if isinstance(verdict, Allow) and verdict.session is not None:
        session = verdict.session
        actor = Actor(ActorKind.USER, session.user_id, session.username, context.client_ip)
        await services.sessions.end(session.handle, Ended.SIGNED_OUT, actor)
    if is_form(request) or wants_page(request):
        address = services.pages.login_address(reason=Ended.SIGNED_OUT.code)
        reply = see_other(request, address)
    else:
        reply = empty_reply(request)
    reply.headers["Set-Cookie"] = services.cookies.clear_cookie()
    if request.query.get("forget") == "1":
        reply.headers["Clear-Site-Data"] = FORGOTTEN
    return reply
