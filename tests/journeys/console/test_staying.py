"""What an open console does when its session ends, the line is cut, or the store is silent."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage
from tests.journeys.console.tabs import CONSOLE, PASSWORD
from tests.journeys.running import MOUNT

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_an_open_console_when_its_session_ends_then_it_is_at_sign_in_and_comes_back(
    browser: Browser, stage: Stage
):
    admin = stage.person("ended", "admin")
    async with stage.console(browser, "/users?q=ended", who=admin.name) as console:
        console.allowed.add("401")
        stage.end_one(admin)
        await console.is_at_sign_in("session_revoked")
        await expect(console.page.get_by_role("status")).to_be_visible()
        await console.page.fill("#username", admin.name)
        await console.page.fill("#password", PASSWORD)
        await console.page.keyboard.press("Enter")
        await console.page.wait_for_url(f"**{CONSOLE}/users?q=ended")
        await console.shows(admin)


async def test_given_an_open_console_when_its_own_session_is_ended_by_an_act_then_it_is_at_sign_in(
    browser: Browser, stage: Stage
):
    admin = stage.person("suicide", "admin")
    async with stage.console(browser, f"/users/{admin.id}", who=admin.name) as console:
        console.allowed.add("401")
        await console.act("revoke-all").click()
        await expect(console.dialog("end-all-of")).to_contain_text("your own sessions")
        await console.dialog("end-all-of").locator("[data-act]").click()
        await console.is_at_sign_in("session_revoked")


async def test_given_an_open_list_when_the_line_is_cut_then_it_stays_readable_and_goes_on_later(
    browser: Browser, stage: Stage
):
    first, second = stage.person("offline-a"), stage.person("offline-b")
    stage.sign_in(first.name)
    async with stage.console(browser, "/sessions?q=offline-") as console:
        console.allowed.add("net::ERR_INTERNET_DISCONNECTED")
        await console.shows(first)
        await console.page.context.set_offline(True)
        banner = console.page.locator("[data-banner=offline]")
        await expect(banner).to_be_visible()
        await console.shows(first)
        await console.act("terminate").click()
        await console.dialog("end-session").locator("[data-act]").click()
        failure = console.dialog("end-session").locator("[data-failure=offline]")
        await expect(failure).to_be_visible()
        await console.page.keyboard.press("Escape")
        stage.sign_in(second.name)

        await console.page.context.set_offline(False)
        await expect(banner).to_have_count(0)
        await console.page.mouse.move(5, 5)
        await console.shows(second, first)


async def test_given_an_open_list_when_the_store_is_silent_then_it_says_so_and_goes_on_later(
    browser: Browser, stage: Stage
):
    person = stage.person("silent")
    stage.sign_in(person.name)
    async with stage.console(browser, f"/sessions?q={person.name}") as console:
        console.allowed.add("503")
        stage.store.freeze()
        try:
            banner = console.page.locator("[data-banner=store]")
            await expect(banner).to_be_visible()
            await console.shows(person)
        finally:
            stage.store.thaw()
        await expect(banner).to_have_count(0)
        await console.shows(person)


async def test_given_a_list_that_cannot_be_loaded_when_it_is_tried_again_then_it_comes(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/") as console:
        console.allowed.add("net::ERR_FAILED")
        await console.page.route(re.compile("/api/admin/users"), lambda route: route.abort())
        await console.page.get_by_role("link", name="Users", exact=True).first.click()
        await expect(console.page.locator("[data-state=error]")).to_be_visible()
        await console.page.unroute(re.compile("/api/admin/users"))
        await console.page.get_by_role("button", name="Try again").click()
        await expect(console.page.locator("[data-list=users] tr[data-row]").first).to_be_visible()


async def test_given_nobody_signed_in_when_the_console_is_opened_then_sign_in_leads_to_it(
    browser: Browser, stage: Stage
):
    async with stage.guest(browser) as guest:
        await guest.page.goto(stage.address(f"{CONSOLE}/sessions?q=owner"))
        await guest.page.wait_for_url(re.compile(rf"{MOUNT}/login"))
        await guest.page.fill("#username", "owner")
        await guest.page.fill("#password", PASSWORD)
        await guest.page.keyboard.press("Enter")
        await guest.page.wait_for_url(f"**{CONSOLE}/sessions?q=owner")
        await expect(guest.page.locator("tr[data-username=owner]").first).to_be_visible()

        await guest.page.locator("[data-act=preferences]").click()
        await guest.page.get_by_role("button", name="Sign out").click()
        await guest.page.wait_for_url(re.compile(rf"{MOUNT}/logout"))
        answer = await guest.page.goto(stage.address(f"{CONSOLE}/sessions"), wait_until="commit")
        assert answer is not None
        assert answer.status == 401
