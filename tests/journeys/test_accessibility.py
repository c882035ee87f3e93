"""Every page that the server renders, for everybody: axe finds nothing, the keyboard reaches
everything, nothing scrolls sideways, in light and dark (WCAG 2.2 AA); in English, with the long
words of German, in Japanese without spaces, and from right to left."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Error, Page

from tests.journeys.browser import chromium, hearing, tab
from tests.journeys.gallery import SCENES, Gallery

pytestmark = pytest.mark.asyncio(loop_scope="module")

_LANGUAGES = {"de": "de-DE", "ar": "ar-EG"}
"""The one with the longest words, and the one from right to left: every other page in each, as to
show one takes seconds; the German ones are turned round in the end."""
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_WIDE, _PHONE = 1280, 360
_ZOOMED, _NARROWEST = 640, 320
"""What is left of 1280 pixels at 200 % and at 400 % (WCAG 1.4.4, 1.4.10)."""

# Of a group of radio buttons the keyboard visits one; the arrow keys do the rest.
_TO_REACH = """() => {
  const names = [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden])')]
    .filter(one => one.checkVisibility())
    .map(one => one.type === 'radio' ? one.name : one.outerHTML);
  return [...new Set(names)];
}"""
_FOCUSED = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    name: one.type === 'radio' ? one.name : one.outerHTML,
    isSeen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
      && box.width > 0 && box.top >= 0 && box.bottom <= innerHeight,
  };
}"""
_CLIPPED = """() => [...document.querySelectorAll(
    'h1, p, label, a, button, summary, b, .note, code')]
  .filter(one => one.checkVisibility() && one.getClientRects().length)
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1
    || one.getBoundingClientRect().left < -1)
  .map(one => one.outerHTML)"""


@pytest.fixture(scope="module")
def gallery() -> Iterator[Gallery]:
    gallery = Gallery()
    try:
        gallery.start()
        asyncio.run(gallery.fill())
        yield gallery
    finally:
        gallery.remove()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_browser() -> AsyncIterator[Browser]:
    """One for all the pages; each has a profile of its own."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(
    shared_browser: Browser, gallery: Gallery, language: str, scene: str
) -> AsyncIterator[Page]:
    """A page of ours, shown, and nothing that the browser had to complain about."""
    async with _tab(shared_browser, language) as page:
        await SCENES[scene](gallery, page)
        yield page


@asynccontextmanager
async def _tab(browser: Browser, language: str) -> AsyncIterator[Page]:
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    def failed(error: Error) -> None:
        complaints.append(str(error))

    async with tab(browser, locale=_LANGUAGES[language]) as page:
        with hearing(page, console=heard, pageerror=failed):
            yield page
        # That an error page has the status of an error is what it is for.
        assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


async def _is_too_wide(page: Page, width: int) -> bool:
    await page.set_viewport_size({"width": width, "height": 720})
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))


async def _walk(page: Page) -> None:
    """Go through the page by the tabulator, and see where one is at each step."""
    to_reach = set(await page.evaluate(_TO_REACH))
    assert to_reach
    reached = set()
    for _ in range(2 * len(to_reach) + 2):  # it may begin in the middle, at what has the focus
        await page.keyboard.press("Tab")
        focused = await page.evaluate(_FOCUSED)
        if focused["name"] in to_reach:
            assert focused["isSeen"], focused["name"]
            reached.add(focused["name"])
    assert reached == to_reach


@pytest.mark.parametrize(("language", "scene"), [*zip(cycle(_LANGUAGES), SCENES, strict=False)])
async def test_given_a_page_then_axe_finds_nothing_and_everybody_can_use_it(
    page: Page, language: str
) -> None:
    axe = Axe()
    root = page.locator("html")
    assert await root.get_attribute("lang") == language
    assert await root.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")

    for scheme in _SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (_WIDE, _PHONE):
            assert not await _is_too_wide(page, width), width
            found = await axe.run(page)
            assert found.violations_count == 0, (scheme, width, found.generate_report())
    await _walk(page)
    for width in (_ZOOMED, _NARROWEST):
        assert not await _is_too_wide(page, width), width
        assert await page.evaluate(_CLIPPED) == []
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not await _is_too_wide(page, _ZOOMED)
    assert await page.evaluate(_CLIPPED) == []
    await page.evaluate("document.documentElement.style.fontSize = ''")
    await page.evaluate("document.documentElement.dir = 'rtl'")
    assert not await _is_too_wide(page, _PHONE)
    assert await page.evaluate(_CLIPPED) == []
