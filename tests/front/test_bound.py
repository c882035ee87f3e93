"""A row of a table as a handler: where it is found. What it does is tested with the tables, in
`test_admin_mount.py` and `test_account_mount.py`."""

import pytest
from aiohttp import web

from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import Action
from sidecar.core.shapes import RevokedAnswer
from sidecar.core.users import Role
from sidecar.front.bound import Bound, bind

HANDLE = "h" * 30


async def nothing() -> None:
    """Do nothing."""


class Row(Bound):
    def desk(self, request: web.Request) -> None:
        """Work at nothing."""


def routed(*rows: ApiRoute) -> web.Application:
    app = web.Application()
    app.add_routes([bind("/m", Row(row)) for row in rows])
    return app


@pytest.mark.parametrize(
    ("path", "found"),
    [(f"/m/api/x/{HANDLE}", True), ("/m/api/x/short", False), ("/m/api/x/", False)],
)
def test_given_a_row_of_a_session_then_only_what_has_the_length_of_a_handle_is_its_id(
    path: str, *, found: bool
) -> None:
    row = ApiRoute(
        "DELETE",
        "/api/x/{id}",
        Role.USER,
        nothing,
        RevokedAnswer,
        "End it",
        action=Action.SESSION_REVOKED,
        target="session",
    )
    app = routed(row)

    matched = [one.get_info() for one in app.router.resources()]

    assert len(matched) == 1
    assert bool(matched[0]["pattern"].fullmatch(path)) is found


def test_given_a_row_that_answers_a_file_then_nobody_asks_for_its_head_alone() -> None:
    file = ApiRoute("GET", "/api/file", Role.USER, nothing, None, "Take it")
    shape = ApiRoute("GET", "/api/shape", Role.USER, nothing, RevokedAnswer, "Show it")

    methods = {
        (route.method, route.resource.canonical)
        for route in routed(file, shape).router.routes()
        if route.resource is not None
    }

    assert methods == {("GET", "/m/api/file"), ("GET", "/m/api/shape"), ("HEAD", "/m/api/shape")}
