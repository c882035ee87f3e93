"""The pages in Chromium: they work with and without scripts, and no browser reads a return path as
another host (cases S-82, S-87)."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.return_to import safe_return_to
from sidecar.core.session import Limits
from tests.core.hostile_return_paths import HOSTILE, ODD_BUT_OURS
from tests.house import MOUNT, PASSWORD, Client, House, Visitor, a_house, served
from tests.journeys.browser import chromium

_WATCH = (
    "window.refused = []; document.addEventListener('securitypolicyviolation',"
    " event => window.refused.push(event.violatedDirective))"
)


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    policy = Policy(session=SessionPolicy(limits=Limits(max_per_user=2)))
    async with a_house(redis_url, policy, public_url="http://127.0.0.1") as built:
        await built.add("alice")
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def a_page(browser: Browser, *, scripts: bool = True, width: int = 1280) -> Page:
    context = await browser.new_context(
        java_script_enabled=scripts, viewport={"width": width, "height": 720}, locale="en-GB"
    )
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    page.set_default_timeout(20_000)
    return page


def address(client: Client, path: str) -> str:
    return f"http://{client.host}:{client.port}{MOUNT}{path}"


@pytest.mark.parametrize("scripts", [True, False])
async def test_given_a_browser_then_signing_in_works_with_and_without_scripts(
    browser: Browser, client: Client, house: House, scripts: bool
) -> None:
    page = await a_page(browser, scripts=scripts)
    await page.goto(address(client, "/login?return_to=/projects/atlas"))

    await page.fill("#username", "alice")
    await page.fill("#password", PASSWORD)
    await page.click("[type=submit]")
    await page.wait_for_url("**/projects/atlas")

    cookies = await page.context.cookies()
    names = house.services.cookies
    assert {cookie["name"] for cookie in cookies} == {names.name, names.device_name}
    assert all(cookie["httpOnly"] for cookie in cookies)
    assert {cookie["sameSite"] for cookie in cookies} == {"Lax"}


async def test_given_the_cap_then_a_person_ends_one_session_with_the_keyboard_alone(
    browser: Browser, client: Client, house: House
) -> None:
    for _ in range(2):
        visitor = Visitor(client, headers={"Sec-Fetch-Site": "same-origin"})
        assert (await visitor.sign_in()).status == 200
    page = await a_page(browser, width=360)
    await page.goto(address(client, "/login"))
    await expect(page.locator("#username")).to_be_focused()
    await page.keyboard.type("alice")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[name=endSession]")

    assert PASSWORD not in await page.content()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"http://{client.host}:{client.port}/")

    known = await house.users.find("alice")
    assert known is not None
    assert len(await house.lifecycle.of_user(known.user.id)) == 2


async def test_s_87_given_any_page_then_the_browser_refuses_nothing_on_it_and_none_scrolls(
    browser: Browser, client: Client
) -> None:
    page = await a_page(browser, width=360)

    for path in ("/login?return_to=/" + "a" * 300, "/login?reason=session_idle", "/logout", "/no"):
        await page.goto(address(client, path))
        assert await page.evaluate("window.refused") == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_given_a_shown_password_then_it_can_be_hidden_again(
    browser: Browser, client: Client
) -> None:
    page = await a_page(browser)
    await page.goto(address(client, "/login"))

    await page.click("[data-shows]")
    shown = await page.get_attribute("#password", "type")
    await page.click("[data-shows]")

    assert shown == "text"
    assert await page.get_attribute("#password", "type") == "password"


async def test_s_82_given_the_corpus_then_the_browsers_own_parser_stays_on_this_host(
    browser: Browser, client: Client
) -> None:
    page = await a_page(browser)
    await page.goto(address(client, "/login"))
    answers = [safe_return_to(value) for value in HOSTILE + ODD_BUT_OURS]

    elsewhere = await page.evaluate(
        "answers => answers.filter(one => new URL(one, location.href).origin !== location.origin)",
        answers,
    )

    assert elsewhere == []
