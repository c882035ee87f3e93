"""`GET` and `POST {mount}/reset`: the page behind a one-time link, and what its form sends.

The token stands behind the `#`, where no server, log or Referer gets to see it; the page's script
takes it from there. So without scripts the page can only say so.
"""

from datetime import timedelta
from types import MappingProxyType
from typing import assert_never
from urllib.parse import quote, urlsplit

from aiohttp import web

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry
from sidecar.core.client_network import network_of
from sidecar.core.people import ResetLink
from sidecar.core.proof import TooLarge
from sidecar.core.return_to import HOME
from sidecar.front.context import context_of
from sidecar.front.inputs import Input, Secret, read_json
from sidecar.front.problem import FieldFault, invalid_input, problem
from sidecar.front.replies import (
    empty_reply,
    language_asked_of,
    language_of,
    page_reply,
    problem_reply,
)
from sidecar.front.services import SERVICES
from sidecar.login.reset_steps import LinkInvalid, PasswordSet, Weak

REQUIRED = "password_change_required"
TRIED_AGAIN = timedelta(minutes=10)
"""So long are further links of no use, of the same client, no other act."""


class ResetInput(Input, frozen=True):
    token: Secret
    new: Secret


async def show(request: web.Request) -> web.Response:
    """The page to set a new password. reason: the code of the 403 that led here."""
    services = request.app[SERVICES]
    page = services.pages.reset(
        services.policy().password,
        services.pages.return_path(request.query.get("return_to")),
        required=request.query.get("reason") == REQUIRED,
        language=language_of(request),
    )
    reply = page_reply(request, page)
    reply.headers.update(services.headers.sending)
    return reply


async def submit(request: web.Request) -> web.Response:
    """204, and the link is used up; 400 for a weak password, 410 for a link of no use."""
    services = request.app[SERVICES]
    given = await read_json(request, ResetInput)
    result = await services.reset_steps.finish(
        given.token,
        given.new,
        context_of(request).client_ip,
        services.policy().password,
        [urlsplit(services.public_url).hostname or ""],
    )
    match result:
        case PasswordSet():
            return empty_reply(request)
        case LinkInvalid():
            await _note(request)
            return problem_reply(request, problem("reset_invalid"))
        case Weak(weaknesses):
            sentences = services.pages.weaknesses(weaknesses, language_asked_of(request))
            faults = (FieldFault("new", sentence) for sentence in sentences)
            return problem_reply(request, invalid_input(*faults))
        case TooLarge():
            return problem_reply(request, problem("payload_too_large"))
        case _:
            assert_never(result)


async def _note(request: web.Request) -> None:
    """Enter that a link of no use was tried, for each client once in a while: whose it was meant to
    be, nobody knows, and anybody may try."""
    address = context_of(request).client_ip
    entry = AuditEntry(
        Action.USER_PASSWORD_CHANGED,
        Actor(ActorKind.USER, ip_address=address),
        count=0,
        reason="reset_invalid",
        outcome="refused",
        details=MappingProxyType({"by": "reset_link"}),
    )
    await request.app[SERVICES].desk.audit.write_once(entry, network_of(address), TRIED_AGAIN)


def reset_path(mount: str, link: ResetLink, return_to: str) -> str:
    """Return where somebody goes on whose password has to be changed first."""
    back = f"&return_to={quote(return_to, safe='/')}" if return_to != HOME else ""
    return f"{mount}/reset?reason={REQUIRED}{back}#{link.token}"
