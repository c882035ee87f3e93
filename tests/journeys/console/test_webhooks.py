"""Webhooks in the console, with a real receiver: added, tried out, changed and taken away."""

import re
from base64 import b64decode

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage
from tests.journeys.console.tabs import Console
from tests.receivers import Receiver, a_receiver

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def added(console: Console, receiver: Receiver) -> bytes:
    """Add an endpoint that hears of revoked sessions; return its secret."""
    await console.act("create-webhook").click()
    dialog = console.dialog("create-webhook")
    await dialog.get_by_label("URL").fill(receiver.url)
    await dialog.get_by_label("What it is for").fill("The SIEM")
    await dialog.get_by_label("Session ended").check()
    await console.confirms("create-webhook")
    shown = console.dialog("webhook-secret").get_by_label("Secret")
    await expect(shown).to_have_value(re.compile("^whsec_"))
    secret = await shown.input_value()
    await console.dialog("webhook-secret").get_by_role("button", name="Close").click()
    return secret_of(secret)


def secret_of(text: str) -> bytes:
    return b64decode(text.removeprefix("whsec_"))


async def choose(console: Console, act: str) -> None:
    await console.page.locator("main .menu-button").first.click()
    await console.page.locator(f"[role=menuitem][data-act={act}]:visible").click()


async def test_given_an_admin_when_an_endpoint_is_added_then_it_hears_and_everything_can_be_done(
    browser: Browser, stage: Stage
):
    async with a_receiver() as receiver, stage.console(browser, "/webhooks") as console:
        page = console.page
        secret = await added(console, receiver)
        await expect(page.get_by_role("heading", level=1)).to_contain_text("127.0.0.1")
        await expect(page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()

        await console.act("send-test").click()
        (test,) = await receiver.until(1)
        assert test.verify(secret)["type"] == "webhook.test"
        row = page.locator('tr[data-event="webhook.test"]')
        await page.mouse.move(5, 5)
        await expect(row).to_contain_text("HTTP 204")

        person = stage.person("heard")
        stage.sign_in(person.name)
        stage.end_one(person)
        *_, revoked = await receiver.until(2)
        assert revoked.verify(secret)["data"]["user"]["username"] == person.name
        row = page.locator('tr[data-event="session.revoked"]')
        await expect(row.locator("[data-state=delivered]")).to_be_visible()
        await expect(row.get_by_role("link", name=person.name)).to_be_visible()
        await row.locator("[data-act=redeliver]").click()
        *_, again = await receiver.until(3)
        assert again.id == revoked.id
        await console.is_told("It is on its way to 127.0.0.1")

        await choose(console, "rotate")
        await console.confirms("rotate-secret")
        await expect(console.dialog("webhook-secret")).to_contain_text("signs too until")
        await console.dialog("webhook-secret").get_by_role("button", name="Close").click()
        await choose(console, "disable")
        await console.confirms("disable-webhook")
        await expect(page.locator("[data-status=disabled]")).to_contain_text("Switched off")
        await expect(console.act("send-test")).to_have_attribute("aria-disabled", "true")
        await choose(console, "enable")
        await expect(page.locator("[data-status=healthy]")).to_be_visible()
        console.is_content()
        console.allowed.add("404")  # the page may be looking again at what is deleted just then
        await choose(console, "delete")
        await console.confirms("delete-webhook")
        await page.wait_for_url(re.compile("/webhooks$"))


async def test_given_what_cannot_be_used_when_it_is_added_then_the_field_says_so(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/webhooks") as console:
        console.allowed.add("400")
        await console.act("create-webhook").click()
        dialog = console.dialog("create-webhook")
        await dialog.get_by_label("URL").fill("http://10.0.0.1/")
        await dialog.locator("[data-act]").click()

        await expect(dialog.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
        await expect(dialog).to_contain_text("Give a public address")


async def test_given_a_viewer_then_all_is_seen_and_nothing_can_be_pressed(
    browser: Browser, stage: Stage, webhook: str
):
    viewer = stage.person("viewer", role="viewer")
    async with stage.console(browser, f"/webhooks/{webhook}", who=viewer.name) as console:
        row = console.page.locator('tr[data-event="user.created"]').first

        await expect(console.page.locator("[data-status=failing]")).to_be_visible()
        await expect(row.locator("[data-state=retrying]")).to_contain_text("Tried again")
        await expect(row).to_contain_text("no connection")
        for act in ("send-test", "redeliver"):
            barred = console.act(act).first
            await expect(barred).to_have_attribute("aria-disabled", "true")
