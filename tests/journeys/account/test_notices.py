"""A sign-in from a new device: the others are told, and one answer ends it or makes it known."""

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.journeys.account.home import PHONE, Device, Home
from tests.journeys.console.tabs import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="package")

NEW = "a harbour under the lantern"


def notices(device: Device) -> Locator:
    return device.page.locator("[data-notice]")


async def test_given_a_new_device_when_it_was_not_me_then_it_is_out_and_a_password_is_asked_for(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop:
        await laptop.go()
        await laptop.sees(1)
        await expect(notices(laptop)).to_have_count(0)
        async with home.device(browser, name, ip="198.51.100.66", user_agent=PHONE) as phone:
            await phone.go()
            await phone.sees(2)

            notice = notices(laptop)
            await expect(notice).to_contain_text("New sign-in: Safari on iOS")
            await expect(notice).to_contain_text("198.51.100.66")
            await expect(notices(phone)).to_have_count(0)
            await notice.get_by_role("button", name="This was not me").click()

            await expect(laptop.page.get_by_label("Current password")).to_be_focused()
            await expect(notice).to_contain_text("set another one now")
            await laptop.sees(1)
            await phone.is_at_sign_in("session_revoked")
            assert not await phone.is_let_in()
        await laptop.page.reload()
        await notices(laptop).get_by_role("button", name="Set a new password").click()
        await expect(laptop.page.get_by_label("Current password")).to_be_focused()
        await laptop.changes_password(PASSWORD, NEW)
        await expect(notices(laptop)).to_have_count(0)


async def test_given_a_new_device_when_it_was_me_then_it_stays_and_is_known_by_keyboard_alone(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name, user_agent=PHONE) as phone,
    ):
        await laptop.go()
        mine = notices(laptop).get_by_role("button", name="This was me")
        await mine.focus()
        await laptop.page.keyboard.press("Enter")

        done = laptop.page.get_by_text("Safari on iOS is known from now on.")
        await expect(done).to_be_focused()
        await expect(notices(laptop)).to_have_count(0)
        await laptop.page.reload()
        await laptop.sees(2)
        await expect(notices(laptop)).to_have_count(0)
        assert await phone.is_let_in()


async def test_given_two_new_devices_then_neither_page_offers_to_vouch_for_the_other(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name, user_agent=PHONE) as phone,
        home.device(browser, name) as tablet,
    ):
        await laptop.go()
        await expect(notices(laptop)).to_have_count(2)
        for device in (phone, tablet):
            await device.go()
            await expect(notices(device)).to_have_count(1)
            await expect(notices(device)).to_contain_text("on a device that you have used before")
            buttons = notices(device).get_by_role("button")
            await expect(buttons).to_have_text(["This was not me"])


async def test_given_a_policy_that_asks_for_proof_then_the_answer_waits_for_the_password(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    await home.obey('[step_up]\nend_sessions = "1s"\n')
    try:
        async with (
            home.device(browser, name) as laptop,
            home.device(browser, name, user_agent=PHONE) as phone,
        ):
            await laptop.go()
            await laptop.page.wait_for_timeout(1_100)
            await notices(laptop).get_by_role("button", name="This was not me").click()
            await laptop.dialog.get_by_role("button", name="Cancel").click()
            assert await phone.is_let_in()

            await notices(laptop).get_by_role("button", name="This was not me").click()
            await laptop.dialog.get_by_label("Password").fill(PASSWORD)
            await laptop.page.keyboard.press("Enter")

            await expect(laptop.page.get_by_label("Current password")).to_be_focused()
            await phone.is_refused()
    finally:
        await home.obey("")


async def test_given_a_narrow_dark_window_from_right_to_left_then_nothing_runs_out_of_it(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(
            browser,
            name,
            locale="ar",
            viewport={"width": 360, "height": 740},
            color_scheme="dark",
        ) as laptop,
        home.device(browser, name, user_agent=PHONE),
    ):
        await laptop.go()
        await expect(notices(laptop).get_by_role("button")).to_have_text(["كنت أنا", "لم أكن أنا"])

        root = laptop.page.locator("html")
        assert await root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        await expect(root).to_have_attribute("dir", "rtl")
