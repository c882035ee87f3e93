"""A page as everybody meets it: light and dark, on a desk and on a phone."""

import json
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from axe_playwright_python.base import AxeResults
from playwright.async_api import Page

from tests.journeys.console.tabs import Console

LANGUAGES = {"en": "en-GB", "ar": "ar-EG"}
"""From left to right and from right to left."""

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_DESK, _PHONE = 1440, 360
_VIOLATIONS = json.dumps({"resultTypes": ["violations"]})

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
    """Axe finds nothing at any size and in any colours; a phone need not be scrolled sideways.

    One way of writing has light on the desk and dark on the phone, the other has it the other way
    round, so that a page in both was seen in all four.
    """
    await page.evaluate(Axe().axe_script)
    sizes = (_DESK, _PHONE)
    if await page.evaluate("document.documentElement.dir") == "rtl":
        sizes = (_PHONE, _DESK)
    for width, scheme in zip(sizes, SCHEMES, strict=True):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await _finds_nothing(page)
    await page.set_viewport_size({"width": _PHONE, "height": 900})
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url
    assert await page.evaluate(_SIDEWAYS) == [], page.url
    await page.set_viewport_size({"width": _DESK, "height": 900})


async def _finds_nothing(page: Page) -> None:
    found = AxeResults(await page.evaluate(f"axe.run({_VIOLATIONS})"))
    assert found.violations_count == 0, (page.url, page.viewport_size, found.generate_report())
