"""What a right password that is not enough is answered with, member by member."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web

from sidecar.core.factors import Offer, Qr
from sidecar.front.factor_answers import needed_page, needed_problem
from sidecar.login.second_factor import CodeNeeded, EnrolNeeded
from tests.house import Client, House, a_house, served

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CODE = CodeNeeded("challenge-1", NOW)
ENROL = EnrolNeeded(Offer("challenge-2", "SECRET", "otpauth://x", Qr(29, "M4 4h1v1h-1z"), NOW))


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Client]:
    async def answer(request: web.Request) -> web.Response:
        needed = CODE if "code" in request.query else ENROL
        if "page" in request.query:
            return needed_page(request, needed, "/back", "wrong_code", 401)
        return needed_problem(request, needed, request.query.get("as", ""))

    @web.middleware
    async def instead(request: web.Request, handler: object) -> web.StreamResponse:
        return await answer(request)

    async with a_house(redis_url) as house, served(house, instead) as serving:
        assert isinstance(house, House)
        yield serving


async def test_given_what_is_needed_then_the_problem_has_the_challenge_and_the_offer(
    client: Client,
) -> None:
    code = json.loads(await (await client.get("/_sidecar/login?code")).text())
    enrol = json.loads(await (await client.get("/_sidecar/login?as=invalid_code")).text())

    assert (code["code"], code["challenge"]) == ("second_factor_required", "challenge-1")
    assert code["expiresAt"] == "2026-03-04T05:06:07.000Z"
    assert (enrol["code"], enrol["status"]) == ("invalid_code", 401)
    assert enrol["totp"]["qr"] == {"size": 29, "path": "M4 4h1v1h-1z"}
    assert enrol["challenge"] == "challenge-2"


async def test_given_what_is_needed_then_the_page_asks_for_it_and_says_what_was_wrong(
    client: Client,
) -> None:
    code = await client.get("/_sidecar/login?page&code")
    enrol = await client.get("/_sidecar/login?page")

    for response, challenge in ((code, "challenge-1"), (enrol, "challenge-2")):
        page = await response.text()
        assert response.status == 401
        assert f'value="{challenge}"' in page
        assert 'role="alert"' in page
        assert 'value="/back"' in page
