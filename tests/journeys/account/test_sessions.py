"""Somebody looks after their sessions, on the page at a path of the application."""

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.account.home import PHONE, SECURITY, Home
from tests.journeys.console.tabs import PASSWORD
from tests.journeys.running import MOUNT
from tests.login.test_device import MAC_WEBVIEW

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_a_guest_then_the_page_leads_through_sign_in_and_the_application_sees_nothing(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()

    await page.goto(f"{home.product.public}{SECURITY}")
    await page.wait_for_url(f"**{MOUNT}/login?return_to={SECURITY}")
    await page.fill("#username", name)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{SECURITY}")

    await expect(page.get_by_role("heading", name="Sign-in and security")).to_be_visible()
    assert not home.upstream.requests(SECURITY)
    await context.close()


async def test_given_two_devices_then_the_page_says_which_is_which_and_where(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name, ip="198.51.100.4", user_agent=PHONE),
    ):
        await laptop.go()
        await laptop.sees(2)

        first, second = laptop.rows.nth(0), laptop.rows.nth(1)
        await expect(first.get_by_text("Current", exact=True)).to_be_visible()
        await expect(first.get_by_role("button")).to_have_count(0)
        await expect(second).to_contain_text("Safari on iOS")
        await expect(second).to_contain_text("198.51.100.4")
        await expect(second.get_by_text(PHONE)).to_be_hidden()
        await second.get_by_text("What it calls itself").click()
        await expect(second.get_by_text(PHONE)).to_be_visible()
        heads = laptop.sessions.get_by_role("columnheader")
        assert await heads.all_inner_texts() == [
            "Device",
            "Created",
            "Last active",
            "IP address",
            "Actions",
        ]


async def test_given_devices_without_a_name_then_the_page_calls_them_so_in_its_language(
    home: Home, browser: Browser
) -> None:
    name, ip = home.person(), "2001:db8:1:4444:5555:6666:7777:8888"
    async with (
        home.device(browser, name, locale="de-DE", user_agent="-", ip=ip) as laptop,
        home.device(browser, name, user_agent=MAC_WEBVIEW),
    ):
        await laptop.go()
        await laptop.sees(2)

        labels = await laptop.sessions.locator("[part=device]").all_inner_texts()
        assert labels == ["Unbekanntes Gerät", "Desktop-Programm unter macOS"]
        await expect(laptop.rows.first.locator("[part=address]")).to_have_text(ip)


async def test_given_another_device_when_it_is_revoked_then_it_is_out_and_this_one_is_not(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name, ip="198.51.100.4", user_agent=PHONE) as phone,
    ):
        await laptop.go()
        await laptop.revoke_buttons.first.click()
        await expect(laptop.dialog).to_contain_text("Safari on iOS")
        await expect(laptop.dialog).to_contain_text("198.51.100.4")
        await laptop.dialog.get_by_role("button", name="Revoke").click()

        await laptop.sees(1)
        await expect(laptop.sessions).to_contain_text("Safari on iOS, 198.51.100.4, is signed out.")
        await expect(laptop.revoke_buttons).to_have_count(0)
        await expect(laptop.sessions.get_by_text("Revoke all other")).to_be_hidden()
        await phone.is_refused()
        assert await laptop.is_let_in()


async def test_given_a_question_when_it_is_left_by_escape_then_nothing_ends_and_the_focus_is_back(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name) as other:
        await laptop.go()
        await laptop.revoke_buttons.first.focus()
        await laptop.page.keyboard.press("Enter")
        await expect(laptop.dialog.get_by_role("button", name="Keep it")).to_be_focused()
        await laptop.page.keyboard.press("Escape")

        await expect(laptop.dialog).to_have_count(0)
        await expect(laptop.revoke_buttons.first).to_be_focused()
        assert await other.is_let_in()


async def test_given_three_devices_when_all_others_are_revoked_by_keyboard_then_one_stays(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name) as phone,
        home.device(browser, name) as tablet,
    ):
        await laptop.go()
        await laptop.sees(3)
        keyboard = laptop.page.keyboard
        button = laptop.sessions.get_by_role("button", name="Revoke all other sessions")
        for _ in range(20):
            await keyboard.press("Tab")
            if await button.evaluate("one => one.getRootNode().activeElement === one"):
                break
        await keyboard.press("Enter")
        await expect(laptop.dialog).to_contain_text("2 other sessions end at once")
        await keyboard.press("Tab")
        await keyboard.press("Enter")

        await laptop.sees(1)
        await expect(laptop.sessions).to_contain_text("2 sessions have ended.")
        await phone.is_refused()
        await tablet.is_refused()
        assert await laptop.is_let_in()


async def test_given_an_open_page_when_somebody_signs_in_elsewhere_then_it_shows_by_itself(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop:
        await laptop.go()
        await expect(laptop.sessions).to_contain_text("on this device only")

        async with home.device(browser, name, user_agent=PHONE) as phone:
            await laptop.sees(2)
            await phone.page.request.post(
                f"{home.product.public}{MOUNT}/logout", headers={"Origin": home.product.public}
            )
            await laptop.sees(1)


async def test_given_an_open_page_when_its_own_session_is_revoked_then_it_is_at_sign_in_untouched(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name) as phone:
        await phone.go()
        await phone.sees(2)
        await laptop.go()
        await laptop.revoke_buttons.first.click()
        await laptop.dialog.get_by_role("button", name="Revoke").click()

        await phone.is_at_sign_in("session_revoked")
        assert f"return_to={SECURITY.replace('/', '%2F')}" in phone.page.url


async def test_given_a_policy_that_asks_for_proof_when_one_is_revoked_then_the_password_is_asked(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name) as other:
        await home.obey('[step_up]\nend_sessions = "1s"\n')
        try:
            await laptop.go()
            await laptop.page.wait_for_timeout(1_100)
            await laptop.revoke_buttons.first.click()
            await laptop.dialog.get_by_role("button", name="Revoke").click()
            asked = laptop.dialog.filter(has_text="Confirm that it is you")
            await asked.get_by_label("Password").fill("wrong")
            await laptop.page.keyboard.press("Enter")
            await expect(asked).to_contain_text("The password is wrong.")
            assert await other.is_let_in()
            await asked.get_by_label("Password").fill(PASSWORD)
            await laptop.page.keyboard.press("Enter")

            await laptop.sees(1)
            await other.is_refused()
        finally:
            await home.obey("")
