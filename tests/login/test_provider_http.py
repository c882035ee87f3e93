"""Calls to a provider: what is no answer, however it comes (case S-92)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_http import LARGEST_ANSWER, ProviderHttp


async def answer(request: web.Request) -> web.StreamResponse:
    match request.path:
        case "/seen":
            form = dict(await request.post())
            return web.json_response({"headers": dict(request.headers), "form": form})
        case "/large":
            return web.Response(text='{"a": "' + "x" * LARGEST_ANSWER + '"}')
        case "/elsewhere":
            return web.Response(status=302, headers={"Location": "/seen"})
        case "/slow":
            await asyncio.sleep(30)
        case "/cookie":
            return web.Response(text="{}", headers={"Set-Cookie": "a=b"})
        case "/denied":
            return web.json_response({"error": "invalid_grant"}, status=400)
        case "/broken":
            return web.json_response({}, status=500)
        case "/list":
            return web.json_response([1])
        case "/deep":
            return web.Response(text="[" * 100_000)
    return web.Response(text="no json")


@pytest.fixture
async def base() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def http() -> AsyncIterator[ProviderHttp]:
    made = ProviderHttp(0.5)
    yield made
    await made.close()


@pytest.mark.parametrize(
    "path", ["/large", "/elsewhere", "/slow", "/broken", "/list", "/deep", "/text"]
)
async def test_s_92_given_what_cannot_be_used_then_the_provider_is_not_there(
    base: str, http: ProviderHttp, path: str
) -> None:
    with pytest.raises(ProviderUnavailable):
        await http.get(base + path)


async def test_given_nobody_at_the_address_then_the_provider_is_not_there(
    http: ProviderHttp,
) -> None:
    with pytest.raises(ProviderUnavailable) as raised:
        await http.get(f"http://127.0.0.1:{unused_port()}/?secret=hunter2")

    assert "hunter2" not in str(raised.value)


async def test_given_a_refusal_then_it_is_an_answer(base: str, http: ProviderHttp) -> None:
    refused = await http.get(f"{base}/denied")

    assert (refused.status, refused.body["error"]) == (400, "invalid_grant")


async def test_given_a_form_then_it_arrives_with_the_secret_in_the_head(
    base: str, http: ProviderHttp
) -> None:
    seen = (await http.post(f"{base}/seen", {"code": "a&b"}, "Basic d2lraTpz")).body

    assert seen["form"] == {"code": "a&b"}
    assert seen["headers"]["Authorization"] == "Basic d2lraTpz"
    assert seen["headers"]["Accept-Encoding"] == "identity"


async def test_given_a_cookie_of_the_provider_then_it_is_not_kept(
    base: str, http: ProviderHttp
) -> None:
    await http.get(f"{base}/cookie")

    seen = (await http.get(f"{base}/seen", "at")).body

    assert "Cookie" not in seen["headers"]
    assert seen["headers"]["Authorization"] == "Bearer at"
