import json

import pytest

from sidecar.front.problem import FieldFault, invalid_input, problem, problem_body


def test_given_a_problem_then_its_body_has_every_member_of_the_contract() -> None:
    body = json.loads(problem_body(problem("locked"), "/_sidecar/login", "r-1"))

    assert body == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "Too many attempts to sign in. Try again later.",
        "code": "locked",
        "instance": "/_sidecar/login",
        "requestId": "r-1",
    }


def test_given_bad_input_then_each_fault_is_named() -> None:
    what = invalid_input(FieldFault("username", "Enter a text."))

    body = json.loads(problem_body(what, "/x", "r-1"))

    assert body["status"] == 400
    assert body["errors"] == [{"field": "username", "message": "Enter a text."}]


def test_given_further_members_then_they_stand_beside_the_others() -> None:
    what = problem("session_limit", members={"sessions": [{"id": "h"}]})

    assert json.loads(problem_body(what, "/x", "r-1"))["sessions"] == [{"id": "h"}]


def test_s_88_given_a_path_with_anything_in_it_then_the_body_is_one_line_of_ascii() -> None:
    body = problem_body(problem("not_found"), '/"\r\n\x1b[31m\u2028<script>\ud800', "r-1")

    assert body.isascii()
    assert b"\n" not in body
    assert json.loads(body)["instance"].startswith('/"\r\n')


def test_given_a_code_that_nobody_wrote_down_then_it_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        problem("no_such_code")
