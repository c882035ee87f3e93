"""Everything that opens upon a page of the console, for everybody."""

from collections.abc import Awaitable, Callable

import pytest

from tests.journeys.console.everybody import in_turn, is_for_everybody
from tests.journeys.console.stage import Person
from tests.journeys.console.tabs import Console

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def _terminate(console: Console) -> None:
    await console.go("/sessions?q=pia")
    await console.act("terminate").first.click()


async def _selected(console: Console) -> None:
    await console.go("/sessions?q=pia.w")
    await console.page.locator("tbody input[type=checkbox]").first.check()


async def _ban_in_vain(console: Console) -> None:
    await console.go("/users?q=pia.w")
    await console.page.locator("tr[data-row] button.menu-button").first.click()
    await console.page.locator("tr[data-row] [data-act=ban]").first.click()
    await console.dialog("ban").locator("[data-act]").click()


async def _menu(console: Console) -> None:
    await console.go("/users?q=pia.w")
    await console.page.locator("tr[data-row] button.menu-button").first.click()


async def _create(console: Console) -> None:
    await console.go("/users?q=pia")
    await console.act("create-user").click()


async def _palette(console: Console) -> None:
    await console.go("/sessions?q=pia")
    await console.page.keyboard.press("Control+k")
    await console.page.keyboard.type("pia")
    await console.page.locator("[role=option]", has_text="pia-").nth(1).wait_for()


async def _help(console: Console) -> None:
    await console.go("/users?q=pia")
    await console.page.keyboard.press("?")


async def _preferences(console: Console) -> None:
    await console.go("/users?q=pia")
    await console.page.locator("button.me").click()


async def _details(console: Console) -> None:
    await console.go("/audit?action=user.banned")
    await console.page.locator("tr[data-row] [aria-expanded]").first.click()


async def _offline(console: Console) -> None:
    await console.go("/sessions?q=pia")
    console.allowed.add("net::ERR_INTERNET_DISCONNECTED")
    await console.page.context.set_offline(True)
    await console.page.locator("[data-banner=offline]").wait_for()
    await console.act("terminate").first.click()
    await console.dialog("end-session").locator("[data-act]").click()
    await console.dialog("end-session").locator("[data-failure]").wait_for()


_Scene = Callable[[Console], Awaitable[object]]
_SCENES: dict[str, _Scene] = {
    "terminate": _terminate,
    "selected": _selected,
    "ban_in_vain": _ban_in_vain,
    "menu": _menu,
    "create": _create,
    "palette": _palette,
    "help": _help,
    "preferences": _preferences,
    "details": _details,
    "offline": _offline,
}


@pytest.mark.parametrize(("tour", "name"), in_turn(_SCENES), indirect=["tour"])
async def test_given_something_open_on_a_page_then_axe_finds_nothing_and_nothing_scrolls_sideways(
    tour: Console, pia: Person, name: str
):
    await _SCENES[name](tour)

    await is_for_everybody(tour)
    tour.is_content()
