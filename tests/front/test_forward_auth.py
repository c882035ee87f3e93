import json

import pytest

from tests.plane import Plane, a_plane
from tests.wires import Answer, a_request, an_upstream

AUTH = "/_sidecar/auth"
TRUSTED = ["127.0.0.1"]


async def ask(plane: Plane, *fields: str, target: str = AUTH, method: str = "GET") -> Answer:
    client = await plane.client()
    await client.send(a_request(target, *fields, method=method))
    answer = await client.answer(method)
    client.close()
    return answer


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        (("X-Original-URI: /wiki?q=1", "X-Original-Method: GET"), AUTH),
        (
            ("X-Forwarded-Uri: /wiki", "X-Forwarded-Method: GET", "X-Forwarded-Host: w.example"),
            AUTH,
        ),
        ((), AUTH + "/wiki?q=1"),
    ],
)
async def test_given_each_dialect_when_a_proxy_asks_then_the_same_gate_answers(
    redis_url: str, fields: tuple[str, ...], target: str
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, trusted=TRUSTED) as plane:
        token = await plane.seed(username="alice", email="alice@example.com")
        cookie = f"Cookie: a=1; sidecar={token}"

        allowed = await ask(plane, *fields, cookie, target=target)
        refused = await ask(plane, *fields, "Accept: text/html", target=target)

    assert (allowed.status, allowed.body) == (200, b"")
    assert allowed.fields["x-forwarded-user"] == "alice"
    assert allowed.fields["x-forwarded-email"] == "alice@example.com"
    assert allowed.fields["x-sidecar-assertion"].count(".") == 2
    assert allowed.fields["cache-control"] == "no-store"
    assert allowed.fields["cookie"] == "a=1"
    assert (refused.status, json.loads(refused.body)["code"]) == (401, "session_missing")
    assert upstream.connections == []


async def test_given_a_public_path_when_a_proxy_asks_then_it_passes_as_nobody(redis_url: str):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, trusted=TRUSTED) as plane:
        token = await plane.seed()

        answer = await ask(plane, "X-Original-URI: /pub/x", f"Cookie: sidecar={token}")

    assert answer.status == 200
    assert "x-forwarded-user" not in answer.fields


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((), "forwarded_uri_missing"),
        (("X-Original-URI: /pub/../wiki",), "target_with_dot_segments"),
        (("X-Original-URI: wiki",), "target_form_not_supported"),
        (("X-Original-URI: /pub/x", "X-Forwarded-Uri: /wiki"), "forwarded_uri_contradictory"),
        (("X-Forwarded-Uri: /pub/x", "X-Forwarded-Host: a b"), "host_invalid"),
    ],
)
async def test_given_a_question_with_two_readings_when_a_proxy_asks_then_400(
    redis_url: str, fields: tuple[str, ...], code: str
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, trusted=TRUSTED) as plane:
        answer = await ask(plane, *fields)

    assert (answer.status, json.loads(answer.body)["code"]) == (400, code)


async def test_given_somebody_who_is_no_trusted_proxy_when_they_ask_then_401_whatever_they_say(
    redis_url: str,
):
    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, trusted=["192.0.2.1"]) as plane,
    ):
        token = await plane.seed()

        public = await ask(plane, "X-Original-URI: /pub/x")
        signed_in = await ask(plane, "X-Original-URI: /wiki", f"Cookie: sidecar={token}")

    assert (public.status, signed_in.status) == (401, 401)


async def test_given_no_trusted_proxies_when_somebody_asks_then_there_is_no_forward_auth(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        answer = await ask(plane, "X-Original-URI: /pub/x")

    assert answer.status == 404


async def test_given_a_store_that_is_gone_when_a_proxy_asks_then_503_and_never_401(redis_url: str):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, trusted=TRUSTED) as plane:
        token = await plane.seed()
        await plane.store.close()

        answer = await ask(plane, "X-Original-URI: /wiki", f"Cookie: sidecar={token}")

    assert answer.status == 503
    assert "set-cookie" not in answer.fields


async def test_given_a_mistake_of_ours_when_a_proxy_asks_then_500_and_never_200(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, trusted=TRUSTED) as plane:
        token = await plane.seed()

        def broken(session: object) -> bytes:
            raise KeyError("no signing key")

        monkeypatch.setattr(plane.server.walk._identity, "block", broken)
        answer = await ask(plane, "X-Original-URI: /wiki", f"Cookie: sidecar={token}")

    assert answer.status == 500


async def test_given_another_method_when_a_proxy_asks_then_the_route_of_that_method_counts(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream, trusted=TRUSTED) as plane:
        head = await ask(plane, "X-Original-URI: /pub/x", method="HEAD")
        post = await ask(plane, "X-Original-URI: /wiki", "X-Original-Method: POST", method="GET")

    assert (head.status, post.status) == (200, 401)
