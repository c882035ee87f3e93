"""What a scope is about, what is none, and what leads beyond what a person may."""

import pytest

from sidecar.core.policy import Route
from sidecar.core.routes import RouteTable
from sidecar.core.scopes import covers, is_beyond, scope_fault
from sidecar.core.users import Role
from tests.store.seeds import a_session

ADMINS = Route(path="/admin/**", allow="members", roles=frozenset({Role.ADMIN}))


@pytest.mark.parametrize(
    ("scope", "method", "path", "about"),
    [
        ("GET /reports/**", "GET", "/reports/2026/may", True),
        ("GET /reports/**", "HEAD", "/reports", True),
        ("GET /reports/**", "POST", "/reports/2026", False),
        ("GET /reports/**", "GET", "/reportsX", False),
        ("HEAD /reports", "GET", "/reports", False),
        ("GET,POST /orders/*", "POST", "/orders/7", True),
        ("GET,POST /orders/*", "POST", "/orders/7/close", False),
        ("* /wiki", "PROPFIND", "/wiki", True),
        ("* /wiki", "GET", "/wiki/", False),
    ],
)
def test_given_a_scope_when_a_request_comes_then_it_is_about_that_alone(
    scope: str, method: str, path: str, about: bool
):
    assert covers(["GET /elsewhere", scope], method, path) is about


def test_given_no_scope_when_a_request_comes_then_nothing_is_covered():
    assert not covers([], "GET", "/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GET",
        "/wiki",
        "get /wiki",
        "GET  /wiki",
        "GET,/wiki",
        "GET, POST /wiki",
        "GET wiki",
        "GET regex:/.*",
        "GET /a/../b",
        "GET /a?b",
        "GET /a;b",
        "GET /files**",
        "GET /a\n* /**",
    ],
)
def test_given_what_is_no_scope_when_it_is_checked_then_it_is_said_why(text: str):
    assert scope_fault(text) is not None


@pytest.mark.parametrize("text", ["GET /", "* /**", "GET,POST /a/*/b", "PROPFIND /dav/**"])
def test_given_a_scope_when_it_is_checked_then_nothing_is_wrong_with_it(text: str):
    assert scope_fault(text) is None


@pytest.mark.parametrize(
    ("scope", "role", "beyond"),
    [
        ("GET /admin/**", Role.USER, True),
        ("* /admin/users/*", Role.USER, True),
        ("GET /admin/**", Role.ADMIN, False),
        ("GET /wiki/**", Role.USER, False),
        ("* /**", Role.USER, False),  # of it each request decides
    ],
)
def test_given_a_scope_when_its_person_may_not_go_there_then_it_is_beyond(
    scope: str, role: Role, beyond: bool
):
    session = a_session(role=role)

    assert is_beyond(scope, session, RouteTable([ADMINS]), "app.example") is beyond
