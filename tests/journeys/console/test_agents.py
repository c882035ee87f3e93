"""Agents in the console: a service is made, seen at work, and switched off."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage
from tests.journeys.running import MOUNT

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_an_admin_when_a_service_is_made_then_it_works_until_it_is_switched_off(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/agents") as console:
        await console.act("create-agent").click()
        dialog = console.dialog("create-agent")
        await dialog.get_by_label("Name").fill("nightly export")
        await dialog.get_by_label("May ask for").fill("GET /reports/**")
        await console.confirms("create-agent")
        shown = console.dialog("agent-token").get_by_label("Token")
        await expect(shown).to_have_value(re.compile(r"^sst_1\."))
        token = await shown.input_value()
        await console.dialog("agent-token").get_by_role("button", name="Close").click()

        row = console.page.locator("tr[data-row]", has_text="nightly export")
        await expect(row).to_contain_text("GET /reports/**")
        await expect(row.get_by_role("link", name="owner")).to_be_visible()
        bearer = {"Authorization": f"Bearer {token}"}
        assert stage.product.call("GET", "/reports/may", **bearer)[0] == 200
        await row.locator("[data-act=disable-agent]").click()
        await console.confirms("disable-agent")

        await console.is_told("nightly export is switched off.")
        await expect(row).to_have_count(0)
        assert stage.product.call("GET", "/reports/may", **bearer)[0] == 401
        console.is_content()


async def test_given_a_viewer_then_agents_are_seen_and_nothing_can_be_pressed(
    browser: Browser, stage: Stage
):
    viewer, kim = stage.person("viewer", role="viewer"), stage.person()
    body = {"name": "bot of kim", "scopes": ["GET /wiki/**"]}
    cookie = stage.sign_in(kim.name)
    status, _, _ = stage.ask("POST", f"{MOUNT}/api/agents", body, token=cookie)
    assert status == 201
    async with stage.console(browser, "/agents", who=viewer.name) as console:
        row = console.page.locator("tr[data-row]", has_text="bot of kim")

        await expect(row.get_by_role("link", name=kim.name)).to_be_visible()
        for barred in (console.act("create-agent"), row.locator("[data-act=disable-agent]")):
            await expect(barred).to_have_attribute("aria-disabled", "true")
