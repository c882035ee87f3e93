"""The account page and the element: for whom, in which words, and under which policy."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sidecar.core.policy import PasswordPolicy, Policy
from tests.house import Client, House, Visitor, a_house, served

PAGE = "/account/security"
WIDGET = "/widgets/user-sessions.js"


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        object.__setattr__(built.services, "account_path", "/app/settings/security")
        await built.add("alice")
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def visitor(client: Client) -> Visitor:
    visitor = Visitor(client)
    assert (await visitor.sign_in()).status == 200
    return visitor


async def test_given_somebody_signed_in_then_the_page_is_theirs_and_under_its_policy(
    visitor: Visitor,
) -> None:
    response = await visitor.get(PAGE)

    page = await response.text()
    assert response.status == 200
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'; style-src 'self'" in policy
    assert "connect-src 'self' wss://wiki.example.com;" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "<user-sessions>" in page
    assert "alice" in page
    assert "$" not in page
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


async def test_given_a_path_of_the_application_then_the_page_is_there_too(
    house: House, client: Client, visitor: Visitor
) -> None:
    headers = {"Cookie": visitor.cookie}

    there = await client.get("/app/settings/security", headers=headers)
    beside = await client.get("/app/settings/security/more", headers=headers)
    posted = await client.post("/app/settings/security", headers=visitor.headers | headers)

    assert (there.status, beside.status, posted.status) == (200, 404, 405)
    assert "<user-sessions>" in await there.text()


@pytest.mark.parametrize("path", ["/_sidecar/account/security", "/app/settings/security"])
async def test_given_a_guest_then_the_page_leads_to_sign_in_and_back(
    path: str, client: Client
) -> None:
    response = await client.get(f"{path}?from=mail")

    page = await response.text()
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Session"
    assert f"return_to={path}%3Ffrom%3Dmail" in page
    assert "<user-sessions>" not in page


async def test_given_an_ended_session_then_its_cookie_goes_and_the_reason_is_told(
    client: Client, visitor: Visitor
) -> None:
    other = Visitor(client, visitor.cookie)
    await visitor.post("/logout")

    response = await other.get(PAGE)

    assert response.status == 401
    assert "reason=session_signed_out" in await response.text()
    assert other.cookie == ""


@pytest.mark.parametrize(
    ("asked", "language", "direction"),
    [("de-AT,de;q=0.9", "de", "ltr"), ("ar", "ar", "rtl"), ("xx", "en", "ltr")],
)
async def test_given_a_language_then_the_page_is_in_it(
    asked: str, language: str, direction: str, visitor: Visitor
) -> None:
    page = await (await visitor.get(PAGE, Accept_Language=asked)).text()

    assert f'<html lang="{language}" dir="{direction}"' in page


async def test_given_a_policy_then_the_page_says_the_shortest_length_beforehand(
    house: House, visitor: Visitor
) -> None:
    house.policies.append(replace(Policy(), password=PasswordPolicy(min_length=17)))

    page = await (await visitor.get(PAGE)).text()

    assert "Shortest length: 17 characters" in page


async def test_given_a_name_with_markup_then_it_is_text(house: House, client: Client) -> None:
    await house.add("<img src=x>")
    visitor = Visitor(client)
    await visitor.sign_in("<img src=x>")

    page = await (await visitor.get(PAGE)).text()

    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page


async def test_given_the_page_then_everything_it_names_is_there(visitor: Visitor) -> None:
    page = await (await visitor.get(PAGE)).text()

    for url in re.findall(r'(?:href|src)="/_sidecar([^"]+)"', page):
        assert (await visitor.get(url)).status == 200, url


async def test_given_the_element_then_anybody_gets_it_and_what_it_imports_is_kept_for_ever(
    client: Client,
) -> None:
    response = await Visitor(client).get(WIDGET)

    source = await response.text()
    assert response.status == 200
    assert response.content_type == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    imported = re.search(r'from "/_sidecar([^"]+)"', source)
    assert imported
    module = await Visitor(client).get(imported[1])
    assert module.status == 200
    assert "immutable" in module.headers["Cache-Control"]
    assert '"languages": ["ar", "de", "en", "es", "fr", "ja"]' in source


async def test_given_a_browser_that_has_the_element_then_304(client: Client) -> None:
    first = await Visitor(client).get(WIDGET)

    again = await Visitor(client).get(WIDGET, If_None_Match=first.headers["ETag"])
    other = await Visitor(client).get(WIDGET, If_None_Match='"another"')

    assert (again.status, other.status) == (304, 200)
