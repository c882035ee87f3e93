"""How our handlers answer: JSON, a problem, a page, a redirect; each with its header fields."""

from aiohttp import web

from sidecar.core.reasons import Ended
from sidecar.core.shapes import Shape
from sidecar.core.verdict import Missing
from sidecar.front.context import context_of
from sidecar.front.problem import MEDIA_TYPE, Problem, problem, problem_body
from sidecar.front.services import SERVICES

CHALLENGE = {"WWW-Authenticate": "Session"}


def json_reply(request: web.Request, shape: Shape, status: int = 200) -> web.Response:
    """A shape of the contract."""
    return web.Response(
        status=status,
        body=shape.json(),
        content_type="application/json",
        headers=request.app[SERVICES].headers.data,
    )


def empty_reply(request: web.Request) -> web.Response:
    """204."""
    return web.Response(status=204, headers=request.app[SERVICES].headers.data)


def problem_reply(request: web.Request, what: Problem) -> web.Response:
    """An error as problem JSON. Only the path is repeated: a query may hold what nobody should
    see."""
    return web.Response(
        status=what.status,
        body=problem_body(what, request.rel_url.raw_path, context_of(request).request_id),
        content_type=MEDIA_TYPE,
        headers={**request.app[SERVICES].headers.data, **what.headers},
    )


def page_reply(request: web.Request, page: str, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        text=page,
        content_type="text/html",
        headers=request.app[SERVICES].headers.page,
    )


def door_reply(request: web.Request, page: str, status: int = 200) -> web.Response:
    """The sign-in page or the page of the cap: their form leads on into the application."""
    reply = page_reply(request, page, status)
    reply.headers.update(request.app[SERVICES].headers.door)
    return reply


def see_other(request: web.Request, address: str) -> web.Response:
    """303 to an address of this origin."""
    headers = {**request.app[SERVICES].headers.page, "Location": address}
    return web.Response(status=303, headers=headers)


def sign_in_problem(because: Ended | Missing) -> Problem:
    """401 of a session that is not or no longer there."""
    return problem(because.code, headers=CHALLENGE)


def language_of(request: web.Request) -> str:
    """Return the language of the page that answers this."""
    cookie = "; ".join(request.headers.getall("Cookie", []))
    return request.app[SERVICES].pages.languages.of(
        cookie.encode("utf-8", "surrogateescape"), language_asked_of(request)
    )


def language_asked_of(request: web.Request) -> str:
    """Return the `Accept-Language` field alone. Our scripts set it to the language of their page,
    which may be another one than was chosen for ours."""
    return request.headers.get("Accept-Language", "")


def wants_page(request: web.Request) -> bool:
    """Say whether a person's browser is going to a page."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate"
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
