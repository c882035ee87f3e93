"""The page behind a one-time link, in Chromium: it takes the token along and leaves it nowhere."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route

from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role
from tests.house import MOUNT, Client, House, Visitor, a_house, served
from tests.journeys.browser import chromium

NEW = "seven herons over the weir"
_WATCH = (
    "window.refused = []; document.addEventListener('securitypolicyviolation',"
    " event => window.refused.push(event.violatedDirective))"
)


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url, public_url="http://127.0.0.1") as built:
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def a_page(browser: Browser, *, scripts: bool = True) -> Page:
    context = await browser.new_context(java_script_enabled=scripts, locale="en-GB")
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    page.set_default_timeout(20_000)
    return page


async def a_link(house: House, client: Client) -> str:
    known = await house.users.find("alice")
    user = known.user if known is not None else await house.add("alice")
    link = await house.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)
    return f"http://{client.host}:{client.port}{MOUNT}/reset#{link.token}"


async def choose(page: Page, password: str) -> None:
    await page.fill("#new", password)
    await page.press("#new", "Enter")


async def test_given_a_link_when_a_password_is_chosen_then_it_is_set_and_the_token_is_gone(
    browser: Browser, client: Client, house: House
) -> None:
    page = await a_page(browser)
    link = await a_link(house, client)
    await page.goto(link)

    assert page.url == link.partition("#")[0]
    await choose(page, "alice-alice")
    await page.wait_for_selector("[data-says=weak]:not([hidden])")
    assert "Use at least 12 characters." in await page.inner_text("[data-says=weak]")
    assert await page.get_attribute("#new", "aria-invalid") == "true"
    await choose(page, NEW)
    await page.wait_for_selector("#done:not([hidden])")

    assert await page.evaluate("document.activeElement.textContent") == "Your password is set"
    assert await page.evaluate("window.refused") == []
    assert await page.input_value("#new") == ""
    assert await page.get_attribute("#done a", "href") == f"{MOUNT}/login"
    assert (
        await Visitor(client, headers={"Origin": "http://127.0.0.1"}).sign_in(password=NEW)
    ).status == 200


async def test_given_a_used_link_and_none_then_the_page_says_that_it_cannot_be_used(
    browser: Browser, client: Client, house: House
) -> None:
    page = await a_page(browser)
    link = await a_link(house, client)
    await house.users.finish_reset(link.partition("#")[2], "phc", "")

    await page.goto(link)
    await page.wait_for_selector("#invalid:not([hidden])")

    assert not await page.is_visible("#choose")
    assert await page.evaluate("document.activeElement.textContent") == "This link cannot be used"
    assert await page.get_attribute("#invalid a", "href") == f"{MOUNT}/login"
    fresh = await a_link(house, client)
    async with page.expect_navigation():
        await page.goto(fresh)
    await page.wait_for_selector("#new")
    await page.reload()
    await page.wait_for_selector("#invalid:not([hidden])")


async def test_given_a_link_that_is_used_while_its_page_is_open_then_the_page_says_so(
    browser: Browser, client: Client, house: House
) -> None:
    page = await a_page(browser)
    link = await a_link(house, client)
    await page.goto(link)
    await page.wait_for_selector("#new")
    await house.users.finish_reset(link.partition("#")[2], "phc", "")

    await choose(page, NEW)

    await page.wait_for_selector("#invalid:not([hidden])")
    assert not await page.is_visible("#new")


async def test_given_a_server_that_is_not_there_for_a_look_then_the_form_is_shown_all_the_same(
    browser: Browser, client: Client, house: House
) -> None:
    page = await a_page(browser)
    await page.route("**/reset", _unless_sent, times=2)

    await page.goto(await a_link(house, client))
    await choose(page, NEW)

    await page.wait_for_selector("#done:not([hidden])")


async def _unless_sent(route: Route) -> None:
    """Let the page come, and what it sends by itself not go."""
    if route.request.method == "POST":
        await route.abort()
    else:
        await route.continue_()


async def test_given_no_scripts_then_the_page_says_so_and_offers_no_form(
    browser: Browser, client: Client, house: House
) -> None:
    page = await a_page(browser, scripts=False)

    await page.goto(await a_link(house, client))

    assert "needs scripts" in await page.inner_text("main")
    assert not await page.is_visible("form")
