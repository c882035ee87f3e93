import json

import pytest

from tests.plane import a_plane
from tests.wires import Answer, a_request, an_upstream

BROWSER = ("Sec-Fetch-Mode: navigate", "Accept: text/html", "Accept-Language: en")
OLD_BROWSER = ("Accept: text/html,*/*",)


async def ask(redis_url: str, *fields: str, target: str = "/wiki?q=<b>", **how: str) -> Answer:
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request(target, *fields, **how))  # type: ignore[arg-type]  # method, version
        answer = await client.answer(how.get("method", "GET"))
    assert upstream.connections == []
    return answer


async def test_given_a_program_when_it_may_not_pass_then_it_gets_a_problem_it_can_read(
    redis_url: str,
):
    answer = await ask(redis_url)

    assert answer.status == 401
    assert answer.fields["content-type"] == "application/problem+json"
    assert answer.fields["www-authenticate"] == "Session"
    assert answer.fields["cache-control"] == "no-store"
    assert answer.fields["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.fields
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Sign in to use this application.",
        "code": "session_missing",
        "instance": "/wiki",
        "requestId": "r1",
    }


@pytest.mark.parametrize("fields", [BROWSER, OLD_BROWSER])
async def test_given_a_browser_on_its_way_to_a_page_when_it_may_not_pass_then_it_gets_a_page(
    redis_url: str, fields: tuple[str, ...]
):
    answer = await ask(redis_url, *fields)

    assert answer.status == 401
    assert answer.fields["content-type"] == "text/html; charset=utf-8"
    assert answer.fields["www-authenticate"] == "Session"
    assert "default-src 'none'" in answer.fields["content-security-policy"]
    assert b"/_sidecar/login" in answer.body
    assert b"<b>" not in answer.body


@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin", "websocket"])
async def test_given_a_script_of_a_page_when_it_may_not_pass_then_it_gets_a_problem(
    redis_url: str, mode: str
):
    answer = await ask(redis_url, f"Sec-Fetch-Mode: {mode}", "Accept: text/html")

    assert answer.fields["content-type"] == "application/problem+json"


async def test_given_head_when_it_may_not_pass_then_only_the_head_of_the_answer_comes(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/wiki", method="HEAD") + a_request("/wiki"))

        bare, whole = await client.answer("HEAD"), await client.answer()

    assert (bare.status, bare.fields["content-length"]) == (401, str(len(whole.body)))


async def test_given_a_cookie_of_no_use_when_it_is_refused_then_it_is_taken_away(redis_url: str):
    answer = await ask(redis_url, "Cookie: sidecar=1.k1.x.y.z")

    assert json.loads(answer.body)["code"] == "session_invalid"
    assert answer.fields["set-cookie"] == "sidecar=; Max-Age=0; HttpOnly; SameSite=Lax; Path=/"


@pytest.mark.parametrize(
    ("version", "fields", "connection"),
    [
        ("1.1", (), None),
        ("1.1", ("Connection: close",), "close"),
        ("1.0", (), "close"),
        ("1.0", ("Connection: keep-alive",), "keep-alive"),
    ],
)
async def test_given_a_refusal_when_the_client_would_stay_or_leave_then_it_is_told_what_happens(
    redis_url: str, version: str, fields: tuple[str, ...], connection: str | None
):
    answer = await ask(redis_url, *fields, version=version)

    assert answer.status == 401
    assert answer.fields.get("connection") == connection


@pytest.mark.parametrize(
    ("fields", "how", "status", "code"),
    [
        (("Host: other.example",), {}, 400, "malformed_request"),
        (("Expect: tea",), {}, 417, "expectation_failed"),
        ((), {"method": "TRACE"}, 405, "method_not_allowed"),
        (("X-A: \xff",), {}, 400, "field_not_utf8"),
        (("Transfer-Encoding: gzip, chunked",), {"method": "POST"}, 501, None),
        ((), {"target": "/a/../b"}, 400, "target_with_dot_segments"),
    ],
)
async def test_given_a_request_that_is_at_fault_when_it_is_refused_then_the_code_says_how(
    redis_url: str, fields: tuple[str, ...], how: dict[str, str], status: int, code: str | None
):
    target = how.pop("target", "/wiki")
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        request = a_request(target, *fields, **how)  # type: ignore[arg-type]  # the method
        await client.send(request.replace("\xff".encode(), b"\xff"))
        answer = await client.answer()

        assert await client.is_closed()
    assert answer.status == status
    assert answer.fields["connection"] == "close"
    assert ("allow" in answer.fields) is (status == 405)
    assert code is None or json.loads(answer.body)["code"] == code
    assert upstream.connections == []


async def test_given_an_upstream_that_is_not_there_when_a_browser_asks_then_the_page_says_so(
    redis_url: str,
):
    async def close_at_once(wire):
        await wire.head()

    async with an_upstream(close_at_once) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        await client.send(a_request("/pub/x", *BROWSER))

        answer = await client.answer()

    assert answer.status == 502
    assert answer.fields["content-type"] == "text/html; charset=utf-8"
    assert b"r1" in answer.body


@pytest.mark.parametrize(
    ("cookie", "language"),
    [
        ("a=1; sidecar-language=ar", "ar"),
        ("sidecar-language=xx", "de"),
        ("sidecar-language=ar; sidecar-language=ja", "de"),
        ("__Host-sidecar-language=ar", "de"),
        ("sidecar-language=\xff", "de"),
    ],
)
async def test_given_a_language_that_was_chosen_then_the_page_of_a_refusal_is_in_it(
    redis_url: str, cookie: str, language: str
):
    fields = (*BROWSER[:2], "Accept-Language: xx, de-AT;q=0.8, en;q=0.3", f"Cookie: {cookie}")

    answer = await ask(redis_url, *fields)

    assert answer.status == 401
    assert f'<html lang="{language}"'.encode() in answer.body
    assert "cookie" in answer.fields["vary"].lower()
