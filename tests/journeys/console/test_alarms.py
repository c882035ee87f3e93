"""Alarms: they come by themselves, with the evidence beside the act; and somebody takes them on."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Person, Stage
from tests.journeys.console.tabs import Console

pytestmark = pytest.mark.asyncio(loop_scope="package")
FOUR = [f"203.0.113.{number}" for number in range(1, 5)]


def spread(stage: Stage, name: str) -> Person:
    """Somebody is signed in from four places."""
    person = stage.person(name)
    for address in FOUR:
        stage.sign_in(person.name, ip=address)
    return person


async def is_counted(console: Console) -> None:
    await expect(console.page.locator("nav [data-badge=alarms]")).to_be_visible()


async def test_given_an_open_page_when_an_alarm_is_raised_then_it_comes_and_sessions_can_be_ended(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/alarms") as console:
        person = spread(stage, "spread")

        row = console.row(person)
        await expect(row).to_be_visible()
        await is_counted(console)
        await expect(row).to_contain_text("Used from many addresses")
        await expect(row).to_contain_text("Warning")
        for address in FOUR:
            await expect(row.get_by_role("link", name=address, exact=True)).to_be_visible()
        await expect(row.get_by_role("link", name="4 sessions")).to_be_visible()

        await row.locator("[data-act=end-all]").click()
        await expect(console.dialog("end-all-of")).to_contain_text("All 4 sessions")
        await console.confirms("end-all-of")

        await console.is_told(f"4 sessions of {person.name} have ended.")
        assert stage.sessions_of(person) == []
        await row.get_by_role("link", name="In the audit").click()
        await console.page.wait_for_url(re.compile(rf"/audit\?userId={person.id}$"))


async def test_given_an_alarm_when_somebody_takes_it_on_then_everybody_sees_who_and_why(
    browser: Browser, stage: Stage
):
    person = spread(stage, "taken")
    stage.has_alarm(person, "ip_spread")
    where = f"/alarms?userId={person.id}"
    async with (
        stage.console(browser, where) as console,
        stage.console(browser, where) as other,
    ):
        await console.row(person).get_by_role("button", name="Acknowledge: Used from many").click()
        await console.dialog("acknowledge").get_by_label("What is being done").fill("called her")
        await console.confirms("acknowledge")

        await console.is_told("The alarm is acknowledged.")
        for tab in (console, other):
            await tab.page.mouse.move(5, 5)
            await expect(tab.row(person)).to_contain_text("Acknowledged")
            await expect(tab.row(person)).to_contain_text("called her")
            await expect(tab.row(person)).to_contain_text("by owner")
            await expect(tab.row(person).locator("[data-act=acknowledge]")).to_have_count(0)
        (entry,) = stage.audit(person, "alarm.acknowledged")
        assert entry["details"]["note"] == "called her"

        await console.page.locator("[data-filter=state]").select_option("active")
        await expect(console.page.get_by_role("heading", name="No alarm matches")).to_be_visible()
        await console.page.get_by_role("link", name="Clear").click()
        await expect(console.row(person)).to_be_visible()


async def test_given_the_keyboard_when_an_alarm_is_looked_at_then_it_is_acted_on_from_its_row(
    browser: Browser, stage: Stage
):
    person = spread(stage, "keys")
    stage.has_alarm(person, "ip_spread")
    async with stage.console(browser, f"/alarms?userId={person.id}") as console:
        await console.page.keyboard.press("j")
        await expect(console.row(person)).to_be_focused()
        await console.page.keyboard.press("Delete")
        await expect(console.dialog("end-all-of")).to_be_visible()
        await console.page.keyboard.press("Escape")
        await expect(console.row(person)).to_be_focused()
        await console.page.keyboard.press("Enter")
        await console.page.wait_for_url(re.compile(rf"/users/{person.id}$"))
    assert len(stage.sessions_of(person)) == 4


async def test_given_nothing_left_to_end_when_an_alarm_is_acted_on_then_that_is_said(
    browser: Browser, stage: Stage
):
    person = spread(stage, "over")
    stage.has_alarm(person, "ip_spread")
    stage.admin("DELETE", f"/sessions?userId={person.id}")
    async with stage.console(browser, f"/alarms?userId={person.id}") as console:
        await console.row(person).locator("[data-act=end-all]").click()

        await console.is_told(f"{person.name} has no session any more: there is nothing to end.")
        await expect(console.page.locator("dialog[open]")).to_have_count(0)


async def test_given_a_viewer_then_they_see_alarms_and_are_told_why_they_may_not_act(
    browser: Browser, stage: Stage
):
    person, viewer = spread(stage, "seen"), stage.person("viewer", "viewer")
    stage.has_alarm(person, "ip_spread")
    async with stage.console(browser, f"/alarms?userId={person.id}", who=viewer.name) as console:
        for act in ("end-all", "acknowledge"):
            button = console.row(person).locator(f"[data-act={act}]")
            await expect(button).to_have_attribute("aria-disabled", "true")
            await expect(button).to_have_attribute("title", "Viewers may look, but not act.")
        await expect(console.page.locator("[data-off]")).to_contain_text("Impossible travel")


async def test_given_an_answer_that_does_not_come_then_the_page_says_so_and_goes_on_when_it_does(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/users") as console:
        console.allowed.add("500")
        await console.page.route("**/api/admin/alarms?*", lambda route: route.fulfill(status=500))
        await console.page.locator("nav.main").get_by_role("link", name="Alarms").click()
        await expect(console.page.locator("[data-state=error]")).to_be_visible()
        await console.page.unroute("**/api/admin/alarms?*")

        await console.page.get_by_role("button", name="Try again").click()

        await expect(console.page.locator("[data-list=alarms], [data-state=empty]")).to_be_visible()
