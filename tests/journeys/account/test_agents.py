"""On the security page: a token for software is made and shown once, and switched off again."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.account.home import Device, Home
from tests.journeys.secrecy import note_cookie

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def asks(home: Home, token: str, path: str = "/app/data") -> int:
    status, _, _ = home.product.call("GET", path, Authorization=f"Bearer {token}")
    return status


async def makes(device: Device, name: str, scopes: str) -> None:
    form = device.page.locator("[data-form=agent]")
    await form.get_by_label("Name").fill(name)
    await form.get_by_label("May ask for").fill(scopes)
    await form.get_by_role("button", name="Create token").click()


async def test_given_a_person_when_they_make_a_token_then_it_works_until_they_switch_it_off(
    home: Home, browser: Browser
) -> None:
    async with home.device(browser, home.person()) as laptop:
        page, dialog = laptop.page, laptop.dialog
        await laptop.go()
        await expect(page.get_by_text("Nothing acts for you now.")).to_be_visible()

        await makes(laptop, "release bot", "GET /app/data\n\n* /app/orders/*")
        field = dialog.get_by_label("Token")
        await expect(field).to_have_value(re.compile(r"^sst_1\."))
        token = await field.input_value()
        note_cookie(token.removeprefix("sst_"))
        await dialog.get_by_role("button", name="Close").click()

        row = page.locator("[data-agent]")
        await expect(row).to_contain_text("release bot")
        await expect(row.locator("code")).to_have_text(["GET /app/data", "* /app/orders/*"])
        await laptop.sees(2)
        assert token not in await page.content()
        assert await asks(home, token) == 200
        assert await asks(home, token, "/app/other") == 403

        await row.get_by_role("button", name="Switch off: release bot").click()
        await dialog.get_by_role("button", name="Switch off").click()
        await expect(page.get_by_text("Nothing acts for you now.")).to_be_visible()
        await laptop.sees(1)
        assert await asks(home, token) == 401
        assert await laptop.is_let_in()


async def test_given_what_no_scope_is_then_the_form_says_so_and_keeps_what_was_written(
    home: Home, browser: Browser
) -> None:
    async with home.device(browser, home.person()) as laptop:
        await laptop.go()
        fault = laptop.page.locator("[data-agent-fault]")
        scopes = laptop.page.get_by_label("May ask for")

        await makes(laptop, "bot", "")
        await expect(fault).to_have_text("Fill this in.")
        await expect(scopes).to_be_focused()

        await makes(laptop, "bot", "reports, please")
        await expect(fault).to_contain_text("GET /reports/**")
        await expect(scopes).to_have_attribute("aria-invalid", "true")
        await expect(scopes).to_have_value("reports, please")
