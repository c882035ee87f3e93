"""`POST {mount}/login`: the first step of a sign-in, or the second, which answers a challenge.

Both are sent to one address: the page's form needs no script, and a program no second one.
"""

from typing import assert_never

import msgspec
from aiohttp import web

from sidecar.core.factors import ChallengeInvalid
from sidecar.core.ports import StoreUnavailable
from sidecar.core.proof import Locked
from sidecar.core.shapes import SignedInShape, session_shape
from sidecar.front import sign_in
from sidecar.front.factor_answers import needed_page, needed_problem
from sidecar.front.inputs import SecondInput, is_form, peek_json, read_form, read_json
from sidecar.front.problem import problem
from sidecar.front.replies import (
    door_reply,
    json_reply,
    language_of,
    page_reply,
    problem_reply,
)
from sidecar.front.services import SERVICES
from sidecar.login.entering import CapReached, IsBanned, MustChange, SignedIn
from sidecar.login.factor_pages import FactorPages
from sidecar.login.pages import SignInView
from sidecar.login.second_factor import EnrolNeeded, EnteredWith, SecondResult, WrongSecond

_LONGEST_CODE = 256
_LABELS: dict[type[object], str] = {
    SignedIn: "signed_in",
    EnteredWith: "signed_in",
    IsBanned: "banned",
    Locked: "locked",
    CapReached: "session_limit",
    MustChange: "password_change_required",
    WrongSecond: "invalid_code",
    EnrolNeeded: "invalid_code",
    ChallengeInvalid: "challenge_invalid",
}


async def submit(request: web.Request) -> web.Response:
    """One step of a sign-in."""
    if is_form(request):
        form = await read_form(request)
        if not form.get("challenge"):
            return await sign_in.submit(request)
        code = form.get("code").strip() or form.get("recovery").strip()
        given = SecondInput(
            challenge=form.get("challenge"), code=code, return_to=form.get("return_to") or None
        )
    elif "challenge" not in await peek_json(request):
        return await sign_in.submit(request)
    else:
        given = await read_json(request, SecondInput)
    return_to = sign_in.return_path(request, given.return_to)
    services = request.app[SERVICES]
    try:
        visit = await sign_in.visit_of(request, None)
        result = await services.second.answer(
            given.challenge, given.code[:_LONGEST_CODE], visit, services.policy()
        )
    except StoreUnavailable:
        services.count_login("unavailable")
        raise
    entered = result.result if isinstance(result, EnteredWith) else result
    services.count_login(_LABELS[type(entered)])
    answer = _page if is_form(request) else _json
    return answer(request, return_to, result)


def _json(request: web.Request, return_to: str, result: SecondResult) -> web.Response:
    match result:
        case EnteredWith(SignedIn() as signed_in, codes):
            return _opened(request, return_to, signed_in, codes)
        case EnteredWith(entered, codes):
            # The app counts already: its recovery codes are told now or never.
            return sign_in.json_answer(request, return_to, entered, {"recoveryCodes": codes})
        case SignedIn():
            return _opened(request, return_to, result, None)
        case WrongSecond(needed):
            return needed_problem(request, needed, "invalid_code")
        case EnrolNeeded():
            return needed_problem(request, result, "invalid_code")
        case ChallengeInvalid():
            return problem_reply(request, problem("challenge_invalid"))
        case IsBanned() | Locked() | CapReached() | MustChange():
            return sign_in.json_answer(request, return_to, result)
        case _:
            assert_never(result)


def _page(request: web.Request, return_to: str, result: SecondResult) -> web.Response:
    services = request.app[SERVICES]
    match result:
        case EnteredWith(entered, codes):
            onward = services.pages.login_address(return_to)
            if isinstance(entered, SignedIn):
                onward = return_to
            page = FactorPages(services.pages).recovery(codes, onward, language_of(request))
            reply = page_reply(request, page)
            if isinstance(entered, SignedIn):
                sign_in.set_cookies(request, reply, entered)
            return reply
        case WrongSecond(needed):
            return needed_page(request, needed, return_to, "wrong_code", 401)
        case EnrolNeeded():
            return needed_page(request, result, return_to, "wrong_code", 401)
        case ChallengeInvalid():
            view = SignInView(return_to=return_to, fault="challenge_invalid")
            page = services.pages.sign_in(view, language_of(request))
            return door_reply(request, page, 401)
        case SignedIn() | IsBanned() | Locked() | CapReached() | MustChange():
            return sign_in.page_answer(request, return_to, "", result)
        case _:
            assert_never(result)


def _opened(
    request: web.Request, return_to: str, entered: SignedIn, codes: tuple[str, ...] | None
) -> web.Response:
    services, session = request.app[SERVICES], entered.session
    limits = services.policy().limits_for(session.role)
    answer = SignedInShape(
        session=session_shape(session, limits, session.handle),
        redirect=return_to,
        recovery_codes=msgspec.UNSET if codes is None else codes,
    )
    reply = json_reply(request, answer)
    sign_in.set_cookies(request, reply, entered)
    return reply
