"""An untouched tab goes to the sign-in page when its session ends, whoever ends it.

The first journey is the product document MM-T938 as it is written: several devices stay visible, an
admin revokes, and nobody touches anything.
"""

import pytest
from playwright.async_api import Browser

from tests.journeys.console.tabs import Console
from tests.journeys.tabs.stage import TAURI, Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")

PHONE = {
    "user_agent": (
        "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/138.0.0.0 Mobile Safari/537.36"
    ),
    "viewport": {"width": 412, "height": 915},
    "is_mobile": True,
    "has_touch": True,
}


async def test_mm_t938_given_three_devices_when_an_admin_revokes_then_all_are_at_the_sign_in_page(
    browser: Browser, stage: Stage
):
    kim, admin = stage.person(), stage.person("admin")
    async with (
        stage.browser(browser, stage.sign_in(kim)) as desktop,
        stage.browser(browser, stage.sign_in(kim), **PHONE) as phone,
        stage.browser(browser, stage.sign_in(kim), user_agent=TAURI) as tauri,
        stage.browser(browser, stage.sign_in(admin)) as office,
    ):
        tabs = [await seat.tab("?channel=town-square") for seat in (desktop, phone, tauri)]
        console = Console(stage.product.public, await office.context.new_page())
        await console.go(f"/users?q={kim}")
        await console.menu(_Named(kim), "logout-all")
        await console.confirms("end-all-of")

        for tab in tabs:
            await tab.is_at_sign_in(path="/desk?channel=town-square")

        await tabs[1].signs_in(kim)
        assert tabs[1].page.url.endswith("/desk?channel=town-square")
        assert [seat.faults for seat in (desktop, phone, tauri)] == [[], [], []]


class _Named:
    def __init__(self, name: str) -> None:
        self.name = name
