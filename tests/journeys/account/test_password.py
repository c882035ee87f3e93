"""Another password, and out of everywhere: what both leave behind on each device."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.account.home import SECURITY, Home
from tests.journeys.console.tabs import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="package")

NEW = "a harbour under the lantern"


async def test_given_the_current_password_when_it_is_changed_then_only_this_device_stays(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name) as phone:
        await laptop.go()
        await laptop.sees(2)
        before = await home.session_of(laptop)
        await laptop.changes_password(PASSWORD, NEW)

        await expect(laptop.page.get_by_text("Your password is changed.")).to_be_visible()
        await expect(laptop.page.get_by_label("New password")).to_have_value("")
        await laptop.sees(1)
        await phone.is_refused()
        assert await laptop.is_let_in()
        assert await home.session_of(laptop) != before
        async with home.device(browser, name, password=NEW) as again:
            assert await again.is_let_in()


async def test_given_mistakes_then_the_page_says_which_and_nothing_is_changed(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name) as phone:
        await laptop.go()
        fault, current, new = (
            laptop.page.locator("[data-fault]"),
            laptop.page.get_by_label("Current password"),
            laptop.page.get_by_label("New password"),
        )

        await laptop.changes_password("", NEW)
        await expect(fault).to_have_text("Fill this in.")
        await expect(current).to_be_focused()

        await laptop.changes_password(PASSWORD, "short")
        await expect(fault).to_have_text("Use at least 12 characters.")
        await expect(new).to_be_focused()
        await expect(new).to_have_attribute("aria-invalid", "true")

        await laptop.changes_password("not my password", NEW)
        await expect(fault).to_have_text("The password is wrong.")
        await expect(current).to_be_focused()
        assert await phone.is_let_in()

        await laptop.changes_password(PASSWORD, NEW)
        await expect(laptop.page.get_by_text("Your password is changed.")).to_be_visible()
        await expect(fault).to_be_hidden()
        await phone.is_refused()


async def test_given_the_passwords_shown_when_they_are_sent_then_they_are_hidden_again(
    home: Home, browser: Browser
) -> None:
    async with home.device(browser, home.person()) as laptop:
        await laptop.go()
        await laptop.page.get_by_label("Show the passwords").check()
        new = laptop.page.get_by_label("New password")
        await expect(new).to_have_attribute("type", "text")

        await laptop.changes_password("not my password", NEW)

        await expect(new).to_have_attribute("type", "password")


async def test_given_three_devices_when_one_signs_out_everywhere_then_all_are_and_it_forgets(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name) as phone,
        home.device(browser, name) as tablet,
    ):
        await phone.go()
        await laptop.go()
        await laptop.page.evaluate("localStorage.draft = 'a secret'; sessionStorage.draft = 'too'")
        await laptop.page.get_by_role("button", name="Sign out everywhere").click()
        await laptop.dialog.get_by_role("button", name="Sign out everywhere").click()

        await laptop.is_at_sign_in("session_signed_out")
        kept = await laptop.page.evaluate("[localStorage.draft, sessionStorage.draft]")
        assert kept == [None, None]
        await laptop.is_refused("session_missing")
        await phone.is_at_sign_in("session_revoked")
        await tablet.is_refused()


async def test_given_signed_out_everywhere_when_somebody_goes_back_then_nothing_is_shown(
    home: Home, browser: Browser
) -> None:
    async with home.device(browser, home.person()) as laptop:
        await laptop.go()
        await laptop.page.get_by_role("button", name="Sign out everywhere").click()
        await laptop.dialog.get_by_role("button", name="Sign out everywhere").click()
        await laptop.is_at_sign_in("session_signed_out")

        await laptop.go(SECURITY)

        await laptop.page.wait_for_url(re.compile(r"/login\?return_to="))
        await expect(laptop.sessions).to_have_count(0)
