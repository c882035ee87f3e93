"""Software at our own pages and API: kept out before any route is looked for."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from sidecar.core.policy import Policy, Route
from sidecar.core.session import Agent, Handle, Kind
from sidecar.core.token import BEARER, Token
from sidecar.core.users import Role
from tests.plane import MOUNT, Plane, a_plane
from tests.wires import Answer, ScriptedUpstream, a_request, an_upstream

POLICIES = [Policy(), Policy(routes=(Route(allow="anyone"),))]


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    async with an_upstream() as upstream:
        yield upstream


async def a_token(plane: Plane, *scopes: str, lasts: timedelta = timedelta(hours=1)) -> Token:
    expires_at = datetime.now(UTC) + lasts
    agent = Agent("release bot", scopes or ("* /**",), expires_at, Handle("p" * 30))
    facts = {"kind": Kind.AGENT, "role": Role.OWNER, "agent": agent}
    return await plane.seed(**facts)


async def ask(plane: Plane, target: str, *fields: str, method: str = "GET") -> Answer:
    client = await plane.client()
    await client.send(a_request(target, *fields, method=method))
    answer = await client.answer(method)
    client.close()
    return answer


def app() -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="for people")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    return app


@pytest.mark.parametrize("policy", POLICIES, ids=["signed in", "anyone"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/session"),
        ("GET", "/api/sessions"),
        ("POST", "/api/agents"),
        ("DELETE", "/api/sessions"),
        ("POST", "/api/password"),
        ("GET", "/api/admin/users"),
        ("POST", "/api/admin/agents"),
        ("GET", "/admin/"),
        ("GET", "/live"),
        ("POST", "/logout"),
    ],
)
async def test_given_an_owners_agent_when_it_asks_our_own_api_then_403(
    redis_url: str, upstream: ScriptedUpstream, policy: Policy, method: str, path: str
) -> None:
    async with a_plane(redis_url, upstream, policy=policy, app=app()) as plane:
        token = await a_token(plane)

        answer = await ask(plane, MOUNT + path, f"Authorization: Bearer {token}", method=method)

    assert (answer.status, json.loads(answer.body)["code"]) == (403, "forbidden")
    assert upstream.connections == []


@pytest.mark.parametrize("kind", ["rubbish", "a cookie's", "over"])
async def test_given_a_token_of_no_use_when_it_comes_to_our_own_api_then_401(
    redis_url: str, upstream: ScriptedUpstream, kind: str
) -> None:
    async with a_plane(redis_url, upstream, app=app()) as plane:
        token = {
            "rubbish": "sst_1.k1.x.y.z",
            "a cookie's": BEARER + await plane.seed(),
            "over": await a_token(plane, lasts=timedelta(0)),
        }[kind]

        answer = await ask(plane, f"{MOUNT}/api/sessions", f"Authorization: Bearer {token}")

    expected = "session_expired" if kind == "over" else "session_invalid"
    assert (answer.status, json.loads(answer.body)["code"]) == (401, expected)


async def test_given_an_agents_token_when_it_is_put_into_the_cookie_then_it_is_worth_nothing(
    redis_url: str, upstream: ScriptedUpstream
) -> None:
    async with a_plane(redis_url, upstream, app=app()) as plane:
        token = await a_token(plane)

        for value in (token, token.removeprefix(BEARER)):
            answer = await ask(plane, "/wiki", f"Cookie: sidecar={value}")

            assert (answer.status, json.loads(answer.body)["code"]) == (401, "session_invalid")


async def test_given_an_agent_when_it_asks_the_application_then_it_learns_of_both_and_no_token(
    redis_url: str, upstream: ScriptedUpstream
) -> None:
    async with a_plane(redis_url, upstream) as plane:
        token = await a_token(plane, "GET /wiki/**")
        fields = (f"Authorization: bearer {token}", "X-Forwarded-Actor: root", "Cookie: a=1")

        allowed = await ask(plane, "/wiki/home", *fields)
        beyond = await ask(plane, "/elsewhere", *fields)

    assert (allowed.status, beyond.status) == (200, 403)
    (head,) = upstream.heads
    assert b"\r\nX-Forwarded-User: alice\r\n" in head
    assert head.lower().count(b"x-forwarded-actor:") == 1
    assert b"\r\nX-Forwarded-Actor: release bot\r\n" in head
    assert b"\r\nCookie: a=1\r\n" in head
    assert b"sst_" not in head
    assert b"uthorization" not in head


async def test_given_a_proxy_that_asks_for_an_agent_then_the_same_gate_answers_with_both(
    redis_url: str, upstream: ScriptedUpstream
) -> None:
    async with a_plane(redis_url, upstream, trusted=["127.0.0.1"]) as plane:
        bearer = f"Authorization: Bearer {await a_token(plane, 'GET /wiki/**')}"

        allowed = await ask(plane, f"{MOUNT}/auth", "X-Original-URI: /wiki/x", bearer)
        beyond = await ask(plane, f"{MOUNT}/auth", "X-Original-URI: /x", bearer)

    assert allowed.status == 200
    assert allowed.fields["x-forwarded-user"] == "alice"
    assert allowed.fields["x-forwarded-actor"] == "release bot"
    assert "authorization" not in allowed.fields
    assert beyond.status == 403


async def test_given_a_store_that_is_silent_when_an_agent_asks_our_own_api_then_503(
    redis_url: str, upstream: ScriptedUpstream
) -> None:
    async with a_plane(redis_url, upstream, app=app(), deadline=0.2) as plane:
        token = await a_token(plane)
        await plane.store.close()

        answer = await ask(plane, f"{MOUNT}/api/sessions", f"Authorization: Bearer {token}")

    assert answer.status == 503
