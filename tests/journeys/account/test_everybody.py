"""The account page and the element for everybody: axe finds nothing, in light and dark, on a desk
and on a phone, in long German words and from right to left."""

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.account.home import EMBEDDED, PHONE, SECURITY, Home
from tests.journeys.console.everybody import is_page_for_everybody

pytestmark = pytest.mark.asyncio(loop_scope="package")

_SIDEWAYS = """one => [...one.shadowRoot.querySelectorAll('section *')]
  .filter(each => each.checkVisibility() && !each.closest('.hidden'))
  .filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
  })
  .map(each => each.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("language", ["de-DE", "ar-EG"])
@pytest.mark.parametrize("path", [SECURITY, EMBEDDED])
async def test_given_a_page_with_sessions_then_it_is_for_everybody(
    path: str, language: str, home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name, locale=language, bypass_csp=True) as laptop,
        home.device(browser, name, ip="2001:db8:1:4444:5555:6666:7777:8888", user_agent=PHONE),
    ):
        await laptop.go(path)
        await laptop.sees(2)
        await laptop.sessions.locator("summary").nth(1).click()

        await is_page_for_everybody(laptop.page)
        await laptop.page.set_viewport_size({"width": 360, "height": 800})
        assert await laptop.sessions.evaluate(_SIDEWAYS) == []
        await laptop.sessions.locator("button.danger").first.click()
        await expect(laptop.dialog).to_be_visible()
        await is_page_for_everybody(laptop.page)
