"""A person chooses the language of our pages, once for all of them."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from sidecar.login.language import NAMES
from tests.admin_ui.source import locale
from tests.journeys.browser import tab
from tests.journeys.gallery import PASSWORD, Gallery
from tests.journeys.running import MOUNT

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCOUNT = f"{MOUNT}/account/security"


@pytest.fixture(scope="module")
def gallery() -> Iterator[Gallery]:
    gallery = Gallery()
    try:
        gallery.start()
        gallery.product.add_user("omar", PASSWORD, "owner")
        yield gallery
    finally:
        gallery.remove()


@asynccontextmanager
async def a_tab(browser: Browser, language: str, *, scripts: bool = True) -> AsyncIterator[Page]:
    fields = {} if scripts else {"Accept-Language": language}
    size = {"width": 360, "height": 740}
    async with tab(
        browser, fields=fields, locale=language, java_script_enabled=scripts, viewport=size
    ) as page:
        yield page


async def choose(page: Page, name: str) -> None:
    await page.click("summary")
    async with page.expect_navigation():
        await page.get_by_role("button", name=name, exact=True).click()


async def is_in(page: Page, language: str) -> None:
    root = page.locator("html")
    await expect(root).to_have_attribute("lang", language)
    await expect(root).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")


async def test_given_arabic_chosen_before_signing_in_then_every_page_after_it_is_in_arabic(
    browser: Browser, gallery: Gallery
):
    arabic, german = locale("ar"), locale("de")
    async with a_tab(browser, "en-GB") as page:
        await page.goto(gallery.address(f"{MOUNT}/login?return_to={ACCOUNT}"))
        await is_in(page, "en")
        await choose(page, "العربية")
        await is_in(page, "ar")
        assert page.url == gallery.address(f"{MOUNT}/login?return_to={ACCOUNT}")

        await page.get_by_label(arabic["field.username"]).fill("omar")
        await page.fill("#password", PASSWORD)
        await page.click("[type=submit]")
        await page.wait_for_url(gallery.address(ACCOUNT))
        await is_in(page, "ar")
        await expect(page.get_by_role("heading", level=1)).to_have_text(arabic["own.title"])
        await expect(page.locator("user-sessions tbody tr")).to_have_count(1)
        await expect(page.locator("user-sessions thead")).to_contain_text(arabic["own.device"])
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        await page.goto(gallery.address(f"{MOUNT}/admin/"))
        await is_in(page, "ar")
        await expect(page.get_by_role("heading", level=1)).to_have_text(arabic["page.overview"])

        await page.goto(gallery.address(ACCOUNT))
        menu = page.get_by_label(arabic["preferences.language"])
        assert set(await menu.locator("option").all_text_contents()) == set(NAMES.values())
        await menu.select_option("de")
        await is_in(page, "de")
        await page.goto(gallery.address("/broken"))
        await is_in(page, "de")
        await page.goto(gallery.address(f"{MOUNT}/logout"))
        await page.get_by_role("button", name=german["preferences.sign_out"]).click()
        await page.wait_for_url(re.compile("/login"))
        await is_in(page, "de")


async def test_given_a_choice_then_the_application_hears_nothing_of_it(
    browser: Browser, gallery: Gallery
):
    async with a_tab(browser, "en-GB") as page:
        await page.goto(gallery.address(f"{MOUNT}/logout"))
        await choose(page, "Français")
        await gallery.attempt(page, "noor", PASSWORD, "/projects/atlas")

    (seen,) = gallery.upstream.requests("/projects/atlas")
    assert b"sidecar" not in b";".join(seen.all("cookie"))


@pytest.mark.parametrize("path", ["/broken", f"{MOUNT}/nothing-here?a=1"])
async def test_given_a_browser_without_scripts_then_an_error_comes_back_in_the_chosen_language(
    browser: Browser, gallery: Gallery, path: str
):
    async with a_tab(browser, "es-MX", scripts=False) as page:
        await page.goto(gallery.address(path))
        await is_in(page, "es")
        await choose(page, "日本語")
        await is_in(page, "ja")
        assert page.url == gallery.address(path)


async def test_given_the_page_of_a_reset_link_when_its_language_changes_then_the_link_is_kept(
    browser: Browser, gallery: Gallery
):
    french = locale("fr")
    async with a_tab(browser, "en-GB") as page:
        await gallery.attempt(page, "olga", PASSWORD)
        await page.wait_for_selector("#choose form:not([hidden])")
        await choose(page, "Français")
        await is_in(page, "fr")
        assert "#" not in page.url

        await page.get_by_label(french["field.new_password"]).fill("olga-olga")
        await page.click("[type=submit]")
        await expect(page.locator("[data-says=weak]")).to_contain_text(french["door.reset_weak"])
        await page.fill("#new", "another long and unusual passphrase")
        await page.click("[type=submit]")
        await expect(page.locator("#done h1")).to_have_text(french["door.reset_done"])


async def test_given_the_menu_then_escape_and_a_press_elsewhere_close_it(
    browser: Browser, gallery: Gallery
):
    async with a_tab(browser, "ar-EG") as page:
        await page.goto(gallery.address(f"{MOUNT}/login"))
        menu = page.locator("details.languages")
        for close in (lambda: page.keyboard.press("Escape"), lambda: page.click("h1")):
            await page.click("summary")
            await expect(menu).to_have_attribute("open", "")
            await close()
            await expect(menu).not_to_have_attribute("open", "")
