import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from aiohttp import ClientError, web

from sidecar.core.token import Credential
from sidecar.core.verdict import NOWHERE, Verdict, Whence
from sidecar.front.middleware import answer_failures
from tests.house import PASSWORD, Client, House, Visitor, a_house, served


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Client]:
    """A house whose check of sessions breaks in a way that nobody foresaw."""

    async def broken(
        credential: Credential | None,
        *,
        forged: bool = False,
        whence: Whence = NOWHERE,
        active: bool = False,
    ) -> Verdict:
        return _fall()

    async with a_house(redis_url) as house:
        services = replace(house.services, signed_in=broken)
        async with served(replace(house, services=services)) as serving:
            yield serving


def _fall() -> NoReturn:
    raise ZeroDivisionError("a text that belongs in no answer")


async def test_given_a_mistake_of_ours_then_500_says_nothing_of_it(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = await Visitor(client).sign_in()

    body = await response.text()
    assert response.status == 500
    assert (await response.json(content_type=None))["code"] == "internal_error"
    assert "belongs in no answer" not in body
    assert [record.message for record in caplog.records] == ["request_failed"]
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("left", [True, False])
async def test_given_a_broken_line_then_it_is_no_fault_of_ours_only_if_the_client_left(
    redis_url: str, caplog: pytest.LogCaptureFixture, left: bool
) -> None:
    answers: list[asyncio.Task[web.StreamResponse]] = []

    async def break_off(request: web.Request) -> NoReturn:
        if left:
            assert request.transport is not None
            request.transport.abort()
            for _ in range(3):
                await asyncio.sleep(0)
        raise ConnectionResetError

    @web.middleware
    async def watch(request: web.Request, handler: Any) -> web.StreamResponse:
        answer = asyncio.create_task(answer_failures(request, break_off))
        answers.append(answer)
        return await asyncio.shield(answer)  # the test server cancels when a client leaves

    async with a_house(redis_url) as house, served(house, watch) as client:
        with caplog.at_level(logging.ERROR):
            with suppress(ClientError):
                await Visitor(client).get("/login")
            (answer,) = await asyncio.gather(*answers)

    assert answer.status == (499 if left else 500)
    assert [record.message for record in caplog.records] == ([] if left else ["request_failed"])


async def test_given_a_mistake_of_ours_then_a_person_gets_a_page_with_the_request(
    client: Client,
) -> None:
    response = await Visitor(client).get("/login", Accept="text/html")

    assert response.status == 500
    assert "request-1" in await response.text()


async def test_s_60_given_another_site_then_it_is_refused_before_any_session_is_looked_at(
    client: Client,
) -> None:
    response = await Visitor(client, headers={"Origin": "https://evil.example"}).post("/logout")

    assert response.status == 403


async def test_given_a_bearer_token_and_no_cookie_then_no_origin_is_needed(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        agent = Visitor(client, headers={"Authorization": "Bearer sst_x"})

        assert (await agent.post("/api/reauth", {"password": "x"})).status == 401
        agent.cookie = f"{house.services.cookies.name}=x"
        assert (await agent.post("/api/reauth", {"password": "x"})).status == 403


async def test_given_the_form_from_another_site_then_the_sign_in_page_is_shown(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        await _add(house)
        foreign = Visitor(client, headers={"Origin": "https://evil.example"})

        response = await foreign.post("/login", {"username": "alice"}, form=True)

        assert response.status == 403
        assert "This did not come from the sign-in page." in await response.text()


async def test_given_a_form_that_is_refused_unread_then_the_way_back_stays(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        foreign = Visitor(client, headers={"Origin": "https://evil.example"})

        response = await foreign.post("/login?return_to=/a/b", {"username": "alice"}, form=True)

        page = await response.text()
        assert 'name="return_to" value="/a/b"' in page
        assert 'action="/_sidecar/login?return_to=/a/b"' in page
        assert "alice" not in page


async def test_given_a_form_that_is_too_large_then_the_name_stays(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        form = {"username": "alice", "password": "x" * 9_000}

        response = await Visitor(client).post("/login", form, form=True)

        assert response.status == 413
        assert 'value="alice"' in await response.text()


async def test_given_a_mistake_of_ours_at_the_form_then_nobody_is_told_to_fill_it_in(
    client: Client,
) -> None:
    visitor = Visitor(client, headers={"Sec-Fetch-Site": "same-origin"})
    response = await visitor.post(
        "/login", {"username": "alice", "password": PASSWORD}, form=True, Accept="text/html"
    )

    assert response.status == 500
    assert "Enter your username" not in await response.text()


async def _add(house: House) -> None:
    await house.add("alice")
