"""The dialogs on a page of the application: to sign in again over it, and before the idle end."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.journeys.tabs.stage import PASSWORD, Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")

OVERLAY = "?strict&reauth=overlay"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def hasty() -> AsyncIterator[Stage]:
    """A product whose sessions are idle after some seconds."""
    stage = Stage('idle_timeout = "12s"')
    yield stage
    stage.remove()


async def test_given_a_form_half_filled_in_when_the_session_ends_then_one_signs_in_over_it(
    browser: Browser, stage: Stage
):
    kim = stage.person()
    async with stage.browser(browser, stage.sign_in(kim)) as seat:
        tab, other = await seat.tab(OVERLAY), await seat.tab(OVERLAY)
        await tab.page.get_by_label("Note").fill("half a thought")

        stage.revoke(kim)
        await expect(tab.dialog).to_contain_text("Your session was ended")
        await expect(other.dialog).to_be_visible()
        await expect(tab.dialog.get_by_label("Username")).to_have_value(kim)
        await expect(tab.dialog.get_by_label("Password")).to_be_focused()

        await tab.page.keyboard.type("not the password")
        await tab.page.keyboard.press("Enter")
        await expect(tab.dialog.get_by_role("alert")).to_contain_text("is wrong")
        await tab.page.keyboard.type(PASSWORD)
        await tab.page.keyboard.press("Enter")

        await expect(tab.dialog).to_have_count(0)
        await expect(other.dialog).to_have_count(0)
        await expect(tab.page.get_by_label("Note")).to_have_value("half a thought")
        await tab.is_here()
        stage.revoke(kim)
        await expect(tab.dialog).to_be_visible()
        assert seat.faults == []


async def test_given_the_dialog_when_keys_are_used_then_the_focus_stays_in_it_and_it_stays(
    browser: Browser, stage: Stage
):
    kim = stage.person()
    async with stage.browser(browser, stage.sign_in(kim)) as seat:
        tab = await seat.tab(OVERLAY)
        await tab.page.evaluate(
            "() => addEventListener('keydown', event => document.title += event.key)"
        )
        stage.revoke(kim)
        await expect(tab.dialog).to_be_visible()

        for key in ("Escape", "Tab", "Tab", "Tab", "Escape", "Shift+Tab", "x"):
            await tab.page.keyboard.press(key)
            inside = await tab.page.evaluate(
                "() => [null, document.body].includes(document.activeElement)"
                " || document.activeElement.localName === 'session-sidecar'"
            )
            assert inside, key

        await expect(tab.dialog).to_be_visible()
        await expect(tab.page).to_have_title("Desk")


async def test_given_a_page_that_takes_away_what_is_not_its_own_then_the_dialog_comes_back(
    browser: Browser, stage: Stage
):
    kim = stage.person()
    async with stage.browser(browser, stage.sign_in(kim)) as seat:
        tab = await seat.tab(OVERLAY)
        stage.revoke(kim)
        await expect(tab.dialog).to_be_visible()

        await tab.page.evaluate("() => document.querySelector('session-sidecar').remove()")

        await expect(tab.dialog).to_be_visible()
        await expect(tab.dialog.get_by_label("Password")).to_be_focused()


async def test_given_a_tab_in_which_somebody_signed_out_then_no_other_keeps_showing_its_page(
    browser: Browser, stage: Stage
):
    kim = stage.person()
    async with stage.browser(browser, stage.sign_in(kim)) as seat:
        one, other = await seat.tab(OVERLAY), await seat.tab(OVERLAY)

        await one.page.goto(f"{stage.product.public}/_sidecar/logout")
        await one.page.get_by_role("button", name="Sign out").click()

        await other.is_at_sign_in("session_signed_out", f"/desk{OVERLAY}")


async def test_given_nobody_at_work_when_the_idle_end_is_near_then_one_is_asked_and_may_stay(
    browser: Browser, hasty: Stage
):
    kim = hasty.person()
    async with hasty.browser(browser, hasty.sign_in(kim)) as seat:
        tab, other = await seat.tab("?strict"), await seat.tab("?strict")
        await expect(tab.dialog).to_contain_text("Are you still there?")
        await expect(tab.dialog).to_contain_text(re.compile(r"signed out in 0:0\d"))
        await expect(other.dialog).to_be_visible()
        await expect(tab.dialog.get_by_role("button", name="Stay signed in")).to_be_focused()

        await tab.page.keyboard.press("Enter")

        for one in (tab, other):
            await expect(one.dialog).to_have_count(0)
        await tab.page.wait_for_timeout(5_000)  # longer than it would have been
        await tab.is_here()
        assert seat.faults == []

        await tab.is_at_sign_in("session_idle", "/desk?strict")
        await other.is_at_sign_in(None, "/desk?strict")


async def test_given_work_in_another_tab_when_the_idle_end_was_near_then_nobody_is_asked_any_more(
    browser: Browser, hasty: Stage
):
    kim = hasty.person()
    async with hasty.browser(browser, hasty.sign_in(kim)) as seat:
        tab, other = await seat.tab(), await seat.tab()
        await expect(tab.dialog).to_be_visible()

        await other.go("?at=work")

        await expect(tab.dialog).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "words", "direction"),
    [
        ("de-DE", "Zum Weitermachen anmelden", "ltr"),
        ("fr-FR", "Connectez-vous pour continuer", "ltr"),
        ("es-ES", "Inicie sesión para continuar", "ltr"),
        ("ja-JP", "続けるにはサインインしてください", "ltr"),
        ("ar", "سجّل الدخول للمتابعة", "rtl"),
    ],
)
async def test_given_a_language_when_the_session_ends_then_the_dialog_speaks_it(
    browser: Browser, stage: Stage, language: str, words: str, direction: str
):
    kim = stage.person()
    size = {"width": 360, "height": 640}
    async with stage.browser(
        browser, stage.sign_in(kim), locale=language, viewport=size, color_scheme="dark"
    ) as seat:
        tab = await seat.tab(OVERLAY)

        stage.revoke(kim)

        await expect(tab.dialog).to_contain_text(words)
        assert (
            await tab.dialog.evaluate("dialog => getComputedStyle(dialog).direction") == direction
        )
        assert await tab.dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
        assert await tab.page.evaluate("() => document.documentElement.scrollWidth <= 360")
