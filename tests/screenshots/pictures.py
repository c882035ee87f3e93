"""What is photographed: each page, and what opens upon it, in four looks."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from playwright.async_api import Page

from tests.journeys.running import MOUNT


@dataclass(frozen=True, slots=True)
class Look:
    """How a browser shows the console."""

    language: str = "en-GB"
    width: int = 1440
    height: int = 900
    scheme: Literal["light", "dark"] = "light"
    scale: int = 1


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "desktop": Look(),
        "phone": Look(width=390, height=844, scale=2),
        "dark": Look(scheme="dark"),
        "arabic": Look(language="ar-EG"),
        "arabic-phone": Look(language="ar-EG", width=390, height=844, scale=2, scheme="dark"),
    }
)

Open = Callable[[Page], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Picture:
    """path: below `root`, with `{star}` for the id of the person it is about. open: what is done
    before the picture is taken. whole: also what is below the fold. part: only this
    element. calm: there comes a moment without a request under way; a page with a live line has
    none."""

    path: str
    open: Open | None = None
    root: str = f"{MOUNT}/admin"
    whole: bool = False
    part: str = ""
    calm: bool = True


async def _end_one(page: Page) -> None:
    row = page.locator("tr[data-row]", has_text="203.0.113.66").first
    await row.locator("[data-act=terminate]").click()


async def _pick(page: Page) -> None:
    for box in (await page.locator("tbody input[type=checkbox]:enabled").all())[2:5]:
        await box.check()


async def _menu(page: Page) -> None:
    await page.locator("button.menu-button").nth(2).click()


async def _palette(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.keyboard.type("mar")
    await page.locator("[data-entry^=person-]").first.wait_for()


async def _help(page: Page) -> None:
    await page.keyboard.press("?")


async def _preferences(page: Page) -> None:
    await page.locator("[data-act=preferences]").click()


async def _create(page: Page) -> None:
    await page.locator("[data-act=create-user]").click()


async def _entry(page: Page) -> None:
    await page.locator("tr[data-row] [aria-expanded]").first.click()


PICTURES: Mapping[str, Picture] = MappingProxyType(
    {
        "overview": Picture("/"),
        "sessions": Picture("/sessions"),
        "sessions-filtered": Picture("/sessions?ip=198.51.100.0/24&sort=username"),
        "sessions-selected": Picture("/sessions", _pick),
        "sessions-terminate": Picture("/sessions?userId={star}", _end_one),
        "sessions-ended": Picture("/sessions?view=ended"),
        "sessions-empty": Picture("/sessions?q=zacharias"),
        "users": Picture("/users"),
        "users-menu": Picture("/users", _menu),
        "users-create": Picture("/users", _create),
        "person": Picture("/users/{star}"),
        "person-history": Picture("/users/{star}?tab=history"),
        "person-audit": Picture("/users/{star}?tab=audit"),
        "audit": Picture("/audit"),
        "audit-entry": Picture("/audit?action=session.revoked", _entry),
        "policy": Picture("/policy"),
        "palette": Picture("/sessions", _palette),
        "help": Picture("/sessions", _help),
        "preferences": Picture("/", _preferences),
    }
)


async def _listed(page: Page) -> None:
    await page.locator("user-sessions tr[data-row]").nth(2).wait_for()


async def _revoke(page: Page) -> None:
    await page.locator("user-sessions [part~=revoke]").nth(3).click()


_ACCOUNT = f"{MOUNT}/account"

OF_STAR: Mapping[str, Picture] = MappingProxyType(
    {
        "security": Picture("/security", _listed, root=_ACCOUNT, whole=True, calm=False),
        "security-revoke": Picture("/security", _revoke, root=_ACCOUNT, calm=False),
        "widget": Picture("/profile", _listed, root="", part="main", calm=False),
    }
)
"""Taken last, and as the star: she signs in for them."""

README: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "console.png": ("sessions", "desktop"),
        "console-phone.png": ("person", "phone"),
        "security.png": ("security", "desktop"),
        "widget.png": ("widget", "desktop"),
    }
)
"""Those that the README shows: by their file in `deploy/demo/`, the picture and its look."""
