"""Three keystrokes to the person: the palette and the keys."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_any_page_when_a_name_begins_in_the_palette_then_enter_opens_the_person(
    browser: Browser, stage: Stage
):
    person = stage.person("xq")
    async with stage.console(browser, "/policy") as console:
        keys = console.page.keyboard
        await keys.press("Control+k")
        await keys.type("xq")
        await keys.press("Enter")
        await expect(console.page.get_by_role("heading", level=1)).to_have_text(person.name)


async def test_given_a_name_in_the_palette_when_the_act_beneath_is_chosen_then_all_sessions_end(
    browser: Browser, stage: Stage
):
    person = stage.person("zoltan")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, "/") as console,
    ):
        keys = console.page.keyboard
        await keys.press("Control+k")
        await keys.type("zolt")
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await expect(console.dialog("end-all-of")).to_contain_text(person.name)
        await keys.press("Tab")
        await keys.press("Enter")
        await console.is_told(f"1 session of {person.name} has ended.")
        await at_work.is_refused()


async def test_given_the_words_of_the_old_console_when_they_are_typed_then_the_act_is_found(
    browser: Browser, stage: Stage
):
    person = stage.person("yvonne")
    async with stage.console(browser, "/") as console:
        keys = console.page.keyboard
        await keys.press("Control+k")
        options = console.dialog("palette").get_by_role("option")
        await expect(console.page.locator("[data-entry=verb-ban] .what")).to_have_text("Ban…")
        await keys.type("revoke sessions")
        await keys.press("Enter")
        await expect(
            console.dialog("palette").get_by_text("Logout all devices", exact=True)
        ).to_be_visible()
        await keys.type("yvon")
        await expect(options.first).to_contain_text(person.name)
        await keys.press("Enter")
        await expect(console.dialog("end-all-of")).to_contain_text(person.name)
        await keys.press("Escape")
        await keys.press("Control+k")
        await keys.type("revoke sessions yvon")
        await expect(options.first).to_contain_text(person.name)


async def test_given_an_address_in_the_palette_when_it_is_chosen_then_its_sessions_show_and_end(
    browser: Browser, stage: Stage
):
    person = stage.person("address")
    async with (
        stage.at_work(browser, person, ip="198.51.100.201") as at_work,
        stage.console(browser, "/") as console,
    ):
        keys = console.page.keyboard
        await keys.press("Control+k")
        await keys.type("198.51.100.201")
        await keys.press("Enter")
        await console.shows(person)
        await keys.press("Control+k")
        await keys.type("198.51.100.201")
        await console.page.locator("[data-entry=address-end]").click()
        await expect(console.dialog("end-matching")).to_contain_text("End 1 session?")
        await console.confirms("end-matching")
        await at_work.is_refused()


async def test_given_a_list_when_keys_are_pressed_then_rows_are_moved_to_selected_and_opened(
    browser: Browser, stage: Stage
):
    first, second = stage.person("jk-a"), stage.person("jk-b")
    stage.sign_in(first.name)
    stage.sign_in(second.name)
    async with stage.console(browser, "/sessions?q=jk-&sort=username") as console:
        keys = console.page.keyboard
        await console.shows(first, second)
        for key, row in (("j", first), ("j", second), ("j", second), ("k", first)):
            await keys.press(key)
            await expect(console.row(row)).to_be_focused()
        await keys.press("x")
        await expect(console.row(first)).to_have_attribute("aria-selected", "true")
        await keys.press("?")
        await expect(console.dialog("help")).to_contain_text("Select the row")
        await keys.press("Escape")
        await expect(console.dialog("help")).to_have_count(0)
        await expect(console.row(first)).to_be_focused()
        await keys.press("Enter")
        await expect(console.page.get_by_role("heading", level=1)).to_have_text(first.name)
        await keys.press("Shift+Delete")
        await expect(console.dialog("end-all-of")).to_contain_text(first.name)
        await keys.press("Escape")
        await console.page.go_back()
        await console.page.wait_for_url(re.compile("sort=username"))
        await console.shows(first, second)


async def test_given_the_menu_of_a_row_when_it_is_opened_by_keys_then_arrows_and_escape_work(
    browser: Browser, stage: Stage
):
    person = stage.person("menu-keys")
    async with stage.console(browser, f"/users?q={person.name}") as console:
        keys = console.page.keyboard
        button = console.row(person).locator("button.menu-button")
        items = console.row(person).get_by_role("menuitem")
        await button.focus()
        await keys.press("Enter")
        await expect(items.first).to_be_focused()
        await keys.press("ArrowUp")
        await expect(items.last).to_be_focused()
        await keys.press("Home")
        await expect(items.first).to_be_focused()
        await keys.press("Escape")
        await expect(items.first).not_to_be_visible()
        await expect(button).to_be_focused()
