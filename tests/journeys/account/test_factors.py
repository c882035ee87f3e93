"""A second factor as a person meets it: set up on the security page, asked for at the next sign-in
without scripts, at the step-up, and taken away again."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.account.home import Device, Home
from tests.journeys.browser import tab
from tests.journeys.console.tabs import PASSWORD
from tests.journeys.running import MOUNT
from tests.login.codes import STEP, code_of

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def look(page: Page, name: str) -> None:
    """Keep a picture, for who wants to look: FACTOR_PICTURES names the folder."""
    if folder := os.environ.get("FACTOR_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        size = page.viewport_size
        await page.emulate_media(color_scheme="dark")
        await page.set_viewport_size({"width": 360, "height": 740})
        await page.screenshot(path=Path(folder) / f"{name}-phone-dark.png", full_page=True)
        await page.emulate_media(color_scheme=None)
        if size is not None:
            await page.set_viewport_size(size)


async def sets_up(device: Device) -> tuple[str, list[str]]:
    page, dialog = device.page, device.dialog
    await page.get_by_role("button", name="Set up an app…").click()
    await expect(dialog.locator(".qr svg path")).to_have_attribute("d", re.compile(r"^M4 4h7"))
    await look(page, "set-up")
    secret = await dialog.locator(".typed code").inner_text()
    await dialog.get_by_label("Code that the app shows").fill("12345")
    await dialog.get_by_role("button", name="Confirm").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The code is wrong")
    await dialog.get_by_label("Code that the app shows").fill(
        code_of(secret, datetime.now(UTC) - STEP)
    )
    await dialog.get_by_role("button", name="Confirm").click()
    listed = dialog.locator(".codes code")
    await expect(listed).to_have_count(10)
    await look(page, "codes")
    codes = await listed.all_inner_texts()
    await dialog.get_by_role("button", name="I have kept them").click()
    return secret, codes


async def test_given_a_second_factor_then_it_is_asked_for_wherever_who_it_is_is_proved(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop:
        page, dialog = laptop.page, laptop.dialog
        await laptop.go()
        await expect(page.get_by_text("Your password alone signs you in.")).to_be_visible()

        secret, codes = await sets_up(laptop)
        await expect(page.locator("[data-factor=totp]")).to_contain_text("Authenticator app")
        await expect(page.get_by_text("10 codes left")).to_be_visible()
        assert secret not in await page.content()
        await look(page, "security")

        async with tab(browser, locale="en-GB", java_script_enabled=False) as plain:
            await plain.goto(f"{home.product.public}{MOUNT}/login?return_to=/app/data")
            await plain.get_by_label("Username").fill(name)
            await plain.get_by_label("Password").fill(PASSWORD)
            await plain.get_by_role("button", name="Sign in").click()
            await expect(plain.get_by_role("heading")).to_have_text("Enter your code")
            await look(plain, "code")
            await plain.get_by_label("Code", exact=True).fill("000 00")
            await plain.get_by_role("button", name="Sign in").click()
            await expect(plain.get_by_role("alert")).to_contain_text("The code is not right.")
            await look(plain, "wrong")
            await plain.get_by_label("Code", exact=True).fill(code_of(secret, datetime.now(UTC)))
            await plain.get_by_role("button", name="Sign in").click()
            await expect(plain).to_have_url(f"{home.product.public}/app/data")

        await home.obey('[step_up]\nend_sessions = "1s"\n')
        await laptop.sees(2)
        await page.wait_for_timeout(1_100)  # so that the proof is older than the policy wants it
        await laptop.revoke_buttons.first.click()
        await dialog.locator("[data-act]").click()
        proof = page.locator("[data-dialog=reauth]")
        await proof.get_by_label("Password").fill(PASSWORD)
        await expect(proof.get_by_label("Code")).to_be_hidden()
        await proof.get_by_role("button", name="Confirm").click()
        await expect(proof.get_by_role("alert")).to_contain_text("authenticator app")
        await proof.get_by_label("Code").fill(codes[0])
        await look(page, "proof")
        await proof.get_by_role("button", name="Confirm").click()
        await laptop.sees(1)
        await home.obey("")

        await page.get_by_role("button", name="Remove").click()
        await dialog.get_by_role("button", name="Remove").click()
        await expect(page.get_by_text("Your password alone signs you in.")).to_be_visible()


async def test_given_a_role_that_needs_one_then_the_sign_in_page_sets_it_up_without_scripts(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    await home.obey('[mfa]\nmode = "required"\n')
    try:
        async with tab(browser, locale="en-GB", java_script_enabled=False) as plain:
            await plain.goto(f"{home.product.public}{MOUNT}/login?return_to=/app/data")
            await plain.get_by_label("Username").fill(name)
            await plain.get_by_label("Password").fill(PASSWORD)
            await plain.get_by_role("button", name="Sign in").click()
            await expect(plain.get_by_role("heading")).to_have_text("Set up a second factor")
            await look(plain, "enrol")
            secret = await plain.locator(".typed code").inner_text()
            code = plain.get_by_label("Code that the app shows")
            await code.fill(code_of(secret, datetime.now(UTC)))
            await plain.get_by_role("button", name="Confirm and sign in").click()
            await expect(plain.locator(".codes code")).to_have_count(10)
            await look(plain, "recovery")
            await plain.get_by_role("link", name="I have kept them").click()
            await expect(plain).to_have_url(f"{home.product.public}/app/data")
    finally:
        await home.obey("")
