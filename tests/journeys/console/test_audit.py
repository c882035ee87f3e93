"""The pages to look things up in: the audit with its exports, the overview, the policy in force."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage
from tests.journeys.console.tabs import Console
from tests.journeys.running import MOUNT
from tests.journeys.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="package")
_ENTRY = "[data-list=audit] tr[data-row]"


async def _export(console: Console, form: str) -> str:
    async with console.page.expect_download() as download:
        await console.page.locator(f"[data-export={form}]").click()
    return Path(await (await download.value).path()).read_text("utf-8")


async def test_given_the_audit_when_it_is_filtered_then_it_shows_and_exports_what_matches(
    browser: Browser, stage: Stage
):
    person = stage.person("=cmd-audit", displayName="Formula")
    left = stage.sign_in(person.name)
    assert stage.ask("POST", f"{MOUNT}/logout", token=left)[0] == 204
    stage.admin("POST", f"/users/{person.id}/ban", {"reason": "=1+1"})
    stage.admin("POST", f"/users/{person.id}/unban")

    async with stage.console(browser, f"/audit?userId={person.id}") as console:
        entries = console.page.locator(_ENTRY)
        await expect(entries).to_have_count(5)
        said = console.page.locator("[data-action='session.signed_out'] .two.wrap")
        await expect(said).to_have_text(re.compile(r"^\s*Signed out\s*$"))  # and not twice
        await expect(entries.first).to_have_attribute("data-action", "user.unbanned")
        await expect(console.page.locator(".chip")).to_contain_text(person.name)
        await console.page.locator("[data-filter=action]").select_option("user.banned")
        await expect(entries).to_have_count(1)
        await expect(entries.locator("small", has_text="=1+1")).to_be_visible()
        await entries.get_by_role("button", name="More").click()
        await expect(console.page.locator("tr.inner")).to_contain_text("=1+1")
        await console.page.locator("[data-filter=time]").select_option("hour")
        await expect(entries).to_have_count(1)
        await console.search("nobody-at-all")
        await expect(console.page.get_by_role("heading", name="No entries")).to_be_visible()
        await console.search("owner")
        await expect(entries).to_have_count(1)

        lines = [json.loads(line) for line in (await _export(console, "jsonl")).splitlines()]
        assert [line["action"] for line in lines] == ["user.banned"]
        assert lines[0]["target"]["username"] == person.name
        rows = list(csv.DictReader(io.StringIO(await _export(console, "csv"))))
        assert len(rows) == 1
        assert f"'{person.name}" in rows[0].values()
        assert not [cell for cell in rows[0].values() if cell.startswith(("=", "+", "-", "@"))]

        await console.page.locator("[data-filter=action]").select_option("audit.exported")
        await console.page.get_by_role("button", name="Remove the filter User").click()
        await expect(entries.nth(1)).to_be_visible()
        await expect(entries.first).to_contain_text("Exported the audit log")


async def test_given_a_sign_in_from_a_new_device_then_the_audit_finds_it_and_names_the_device(
    browser: Browser, stage: Stage
):
    person = stage.person("somewhere-else")
    for _ in range(2):
        stage.sign_in(person.name)

    async with stage.console(browser, f"/audit?userId={person.id}") as console:
        await console.page.locator("[data-filter=action]").select_option("device.first_seen")
        entries = console.page.locator(_ENTRY)
        await expect(entries).to_have_count(1)
        await expect(entries).to_contain_text("Signed in from a new device")
        await expect(entries).to_contain_text("Firefox on")


async def test_given_the_audit_when_a_name_is_typed_then_it_shows_what_concerns_that_person(
    browser: Browser, stage: Stage
):
    person = stage.person("looked-up")

    async with stage.console(browser, "/audit") as console:
        field = console.page.locator("[data-filter=person]")
        await field.fill("nobody-at-all")
        await field.press("Enter")

        async def says_so() -> bool:
            said: str = await field.evaluate("field => field.validationMessage")
            return said == "Nothing found."

        await until(says_so, "the field says that there is nobody")
        await expect(console.page.locator(".chip")).to_have_count(0)
        await field.fill(person.name)
        await field.press("Enter")
        await expect(console.page.locator(".chip")).to_contain_text(person.name)
        entries = console.page.locator(_ENTRY)
        await expect(entries).to_have_count(1)
        await expect(entries.first).to_have_attribute("data-action", "user.created")


async def test_given_more_entries_than_a_page_when_an_admin_scrolls_then_older_ones_follow(
    browser: Browser, stage: Stage
):
    person = stage.person("scroll")
    for number in range(60):
        stage.admin("PATCH", f"/users/{person.id}", {"displayName": f"Name {number}"})

    async with stage.console(browser, f"/audit?userId={person.id}") as console:
        entries = console.page.locator(_ENTRY)
        await expect(entries.first).to_be_visible()
        while await entries.count() < 61:
            await console.page.keyboard.press("End")
            await console.page.wait_for_timeout(50)
        await expect(entries.last).to_have_attribute("data-action", "user.created")
        await expect(console.page.get_by_text("This is the beginning of the log.")).to_be_visible()


async def test_given_an_open_audit_when_something_happens_then_it_is_announced_and_not_pushed_in(
    browser: Browser, stage: Stage
):
    person = stage.person("news")
    async with stage.console(browser, f"/audit?userId={person.id}") as console:
        entries = console.page.locator(_ENTRY)
        await expect(entries).to_have_count(1)
        stage.sign_in(person.name)
        await expect(console.act("show-new")).to_be_visible()
        assert await entries.count() == 1
        await console.act("show-new").click()
        await expect(entries).to_have_count(2)


async def test_given_a_busy_day_when_the_overview_is_opened_then_its_numbers_and_ways_are_right(
    browser: Browser, stage: Stage
):
    person = stage.person("overview")
    stage.sign_in(person.name)
    stage.attempt(person.name, "not the passphrase")
    stage.end_one(person)

    async with stage.console(browser, "/") as console:
        seen = stage.admin("GET", "/overview")
        for tile, number in (
            ("live", seen["sessions"]["live"]),
            ("users", seen["users"]["total"]),
            ("opened", sum(seen["lastDay"]["opened"])),
            ("failed", sum(seen["lastDay"]["failed"])),
        ):
            shown = console.page.locator(f"[data-tile={tile}] b")
            await expect(shown).to_have_text(f"{number:,}")
        await expect(console.page.locator("sc-chart")).to_be_visible()
        await expect(console.page.locator("[data-store=up]")).to_be_visible()
        await expect(console.page.get_by_text("Firefox on Linux").first).to_be_visible()
        await expect(console.page.locator(".feed li").first).to_contain_text(person.name)
        await console.page.locator("[data-tile=failed]").click()
        await expect(console.page.locator(_ENTRY).first).to_have_attribute(
            "data-action", "login.failed"
        )
        await expect(console.page.locator(_ENTRY).first).to_contain_text("Not signed in")


async def test_given_a_policy_file_when_the_policy_is_opened_then_each_value_says_where_it_is_from(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/policy") as console:
        own = console.page.locator('tr[data-key="lockout.failures"]')
        await expect(own).to_contain_text("3")
        await expect(own).to_contain_text("policy.toml")
        default = console.page.locator('tr[data-key="session.idle_timeout"]')
        await expect(default).to_contain_text("60m")
        await expect(default).to_contain_text("Default of the product")
        await expect(console.page.locator("[data-policy=routes]")).to_contain_text("/public/**")
