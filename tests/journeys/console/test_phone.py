"""The console in a hand, at three in the morning: 360 pixels wide, by touch."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_a_phone_when_an_admin_finds_a_person_and_ends_all_then_they_are_out(
    browser: Browser, stage: Stage
):
    person = stage.person("hand")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, "/", width=360, has_touch=True, is_mobile=True) as console,
    ):
        await console.page.locator("nav.main").get_by_role("link", name="Users").tap()
        await console.search(person.name)
        await console.row(person).get_by_role("link", name=person.name, exact=True).tap()
        await console.act("revoke-all").tap()
        await console.dialog("end-all-of").locator("[data-act]").tap()
        await console.is_told(f"1 session of {person.name} has ended.")
        await expect(console.page.get_by_role("heading", name="No active sessions")).to_be_visible()
        await at_work.is_refused()

        await console.act("preferences").tap()
        await console.dialog("preferences").get_by_role("link", name="Policy in force").tap()
        await expect(console.page.get_by_role("heading", level=1)).to_have_text("Policy in force")


async def test_given_a_phone_when_cards_are_selected_by_touch_then_those_sessions_end(
    browser: Browser, stage: Stage
):
    first, second = stage.person("touch-a"), stage.person("touch-b")
    async with (
        stage.at_work(browser, first) as first_at_work,
        stage.at_work(browser, second) as second_at_work,
        stage.console(
            browser, "/sessions?q=touch-", width=360, has_touch=True, is_mobile=True
        ) as console,
    ):
        await console.page.get_by_label("Sort by").select_option("username")
        await console.page.wait_for_url(re.compile("sort=username"))
        await console.shows(first, second)
        await console.row(second).get_by_role("checkbox").tap()
        await expect(console.row(second).get_by_role("checkbox")).to_be_checked()
        await console.act("end-selected").tap()
        await console.dialog("end-selected").locator("[data-act]").tap()
        await console.is_told("1 session has ended.")
        await second_at_work.is_refused()
        assert await first_at_work.is_let_in()
