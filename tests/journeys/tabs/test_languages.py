"""The dialogs on a page of the application, in the language that was chosen for ours."""

import pytest
from playwright.async_api import Browser, expect

from tests.admin_ui.source import locale
from tests.journeys.running import MOUNT
from tests.journeys.tabs.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_a_language_chosen_on_our_pages_when_the_session_ends_then_the_dialog_has_it(
    browser: Browser, stage: Stage
):
    kim = stage.person()
    async with stage.browser(browser, stage.sign_in(kim), locale="ja-JP") as seat:
        page = await seat.context.new_page()
        await page.goto(f"{stage.product.public}{MOUNT}/logout")
        await page.click("summary")
        await page.get_by_role("button", name="Français").click()
        await expect(page.locator("html")).to_have_attribute("lang", "fr")

        tab = await seat.tab("?strict&reauth=overlay")
        stage.revoke(kim)

        await expect(tab.dialog).to_contain_text(locale("fr")["door.session_revoked"])
        await expect(tab.page.locator("session-sidecar")).to_have_attribute("lang", "fr")
        assert seat.faults == []


async def test_given_a_choice_that_is_none_when_the_session_ends_then_the_browser_is_asked(
    browser: Browser, stage: Stage
):
    kim = stage.person()
    async with stage.browser(browser, stage.sign_in(kim), locale="de-AT") as seat:
        url = stage.product.public
        await seat.context.add_cookies(
            [{"name": "sidecar-language", "value": "__proto__", "url": url}]
        )
        tab = await seat.tab("?strict&reauth=overlay")
        stage.revoke(kim)

        await expect(tab.dialog).to_contain_text(locale("de")["door.session_revoked"])
