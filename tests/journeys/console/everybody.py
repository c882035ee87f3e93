"""A page as everybody meets it: light and dark, on a desk and on a phone."""

import json
from collections.abc import Iterable
from itertools import cycle

from axe_playwright_python.async_playwright import Axe
from axe_playwright_python.base import AxeResults
from playwright.async_api import Page

from tests.journeys.console.tabs import Console

LANGUAGES = {"en": "en-GB", "ar": "ar-EG"}
"""From left to right and from right to left."""


def in_turn(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pair languages with names, every other one: a page costs seconds, and has one layout for
    both ways of writing. What is long in German, `test_accessibility.py` looks for."""
    return list(zip(cycle(LANGUAGES), names, strict=False))


_DESK, _PHONE = 1440, 360
_ALL = {"resultTypes": ["violations"]}
_COLOURS = _ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}
"""What is right in light can only be wrong in dark by its colours."""

_SIDEWAYS = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.checkVisibility() && !one.closest('.hidden, .skip, svg'))
  .filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
  })
  .map(one => one.outerHTML.slice(0, 200))"""


async def is_for_everybody(console: Console) -> None:
    await is_page_for_everybody(console.page)


async def is_page_for_everybody(page: Page) -> None:
    """Axe finds nothing at any size and in any colours; a phone need not be scrolled sideways."""
    await page.evaluate(Axe().axe_script)
    for width in (_DESK, _PHONE):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
        await _finds_nothing(page, _ALL)
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        await _finds_nothing(page, _COLOURS)
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url
    assert await page.evaluate(_SIDEWAYS) == [], page.url
    await page.set_viewport_size({"width": _DESK, "height": 900})


async def _finds_nothing(page: Page, options: object) -> None:
    found = AxeResults(await page.evaluate(f"axe.run({json.dumps(options)})"))
    assert found.violations_count == 0, (page.url, page.viewport_size, found.generate_report())
