"""The answer to a right password that is not enough: a page, or a problem with a challenge."""

import msgspec
from aiohttp import web

from sidecar.core.factor_shapes import offer_shape
from sidecar.core.shapes import instant
from sidecar.front.problem import problem
from sidecar.front.replies import door_reply, language_of, problem_reply
from sidecar.front.services import SERVICES
from sidecar.login.factor_pages import CodeFault, FactorPages
from sidecar.login.second_factor import CodeNeeded, EnrolNeeded

CODE_NEEDED = "second_factor_required"
ENROL_NEEDED = "second_factor_enrolment_required"


def needed_problem(
    request: web.Request, needed: CodeNeeded | EnrolNeeded, code: str = ""
) -> web.Response:
    """403 with what to answer; 401 for a code that was wrong. code: of the problem, if not the
    usual one."""
    if isinstance(needed, CodeNeeded):
        until = instant(needed.expires_at)
        members: dict[str, object] = {"challenge": needed.challenge, "expiresAt": until}
        return problem_reply(request, problem(code or CODE_NEEDED, members=members))
    offer = msgspec.to_builtins(offer_shape(needed.offer))
    members = {"challenge": needed.offer.challenge, "totp": offer}
    return problem_reply(request, problem(code or ENROL_NEEDED, members=members))


def needed_page(
    request: web.Request,
    needed: CodeNeeded | EnrolNeeded,
    return_to: str,
    fault: CodeFault = "",
    status: int = 403,
) -> web.Response:
    """The page that asks for it."""
    pages, language = FactorPages(request.app[SERVICES].pages), language_of(request)
    if isinstance(needed, CodeNeeded):
        page = pages.code(needed.challenge, return_to, fault, language)
    else:
        page = pages.enrol(needed.offer, return_to, fault, language)
    return door_reply(request, page, status)
