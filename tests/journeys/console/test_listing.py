"""The sessions page: who is signed in, where, from when to when, as it is now."""

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import EDGE, PHONE, Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_sessions_when_they_are_filtered_then_those_that_match_are_shown(
    browser: Browser, stage: Stage
):
    ada, bea = stage.person("ada"), stage.person("bea")
    stage.sign_in(ada.name, ip="198.51.100.10", agent=PHONE)
    stage.sign_in(bea.name, ip="198.51.100.11")
    stage.sign_in(bea.name, ip="2001:db8:77::5", agent=EDGE)

    async with stage.console(browser) as console:
        await console.search("bea")
        await console.shows(bea, bea)
        await console.search("198.51.100.10")
        await console.shows(ada)
        await console.search("198.51.100.8/29")
        await console.shows(bea, ada)
        await console.search("2001:db8:77::/48")
        await console.shows(bea)

        row = console.row(bea)
        await expect(row.get_by_text("Edge on Windows")).to_be_visible()
        assert await row.locator(f'[title="{EDGE}"]').count() == 1
        await row.get_by_role("link", name="2001:db8:77::5").click()
        await console.page.wait_for_url("**/sessions?ip=2001*")
        await console.search("nobody-is-called-that")
        await expect(console.page.get_by_role("heading", name="No session matches")).to_be_visible()
        await console.page.get_by_role("link", name="Clear the filter").click()
        await expect(console.page.locator("tr[data-row]").first).to_be_visible()


async def test_given_sessions_when_a_column_is_pressed_then_they_are_sorted_by_it(
    browser: Browser, stage: Stage
):
    cleo, cora = stage.person("sort-cleo"), stage.person("sort-cora")
    stage.sign_in(cora.name)
    stage.sign_in(cleo.name)

    async with stage.console(browser, "/sessions?q=sort-c") as console:
        head = console.page.get_by_role("columnheader", name="User", exact=False).first
        await head.get_by_role("button").click()
        await console.shows(cleo, cora)
        assert await head.get_attribute("aria-sort") == "ascending"
        await head.get_by_role("button").click()
        await console.shows(cora, cleo)
        for column in ("Created", "Last active", "Expires"):
            head = console.page.get_by_role("columnheader", name=column)
            await head.get_by_role("button").click()
            await console.shows(cleo, cora)
            assert await head.get_attribute("aria-sort") == "descending"
            if column != "Last active":  # that is how the list comes: pressed once, it turns
                await head.get_by_role("button").click()
                await console.shows(cora, cleo)


async def test_given_more_sessions_than_a_page_when_its_size_is_chosen_then_pages_have_that_many(
    browser: Browser, stage: Stage
):
    dora = stage.person("dora")
    for _ in range(26):
        stage.sign_in(dora.name)

    async with stage.console(browser, f"/sessions?q={dora.name}") as console:
        await expect(console.page.locator("[data-total]")).to_have_text("1–26 of 26")
        await console.page.locator(".foot select").select_option("25")
        await expect(console.page.locator("[data-total]")).to_have_text("1–25 of 26")
        await console.page.get_by_role("button", name="Next").click()
        await expect(console.page.locator("[data-total]")).to_have_text("26–26 of 26")
        await console.shows(dora)
        await console.page.get_by_role("button", name="Previous").click()
        await expect(console.page.locator("tr[data-row]")).to_have_count(25)


@pytest.mark.parametrize("width", [1024, 1280])
async def test_given_a_narrow_window_when_a_list_is_wide_then_its_acts_stay_in_sight(
    browser: Browser, stage: Stage, width: int
):
    person = stage.person(f"narrow-{width}-and-of-a-rather-long-name")
    stage.sign_in(person.name, ip="2001:db8:4a1:77::b001:19")

    async with stage.console(browser, f"/sessions?q={person.name}", width=width) as console:
        await console.shows(person)
        await expect(console.act("terminate")).to_be_in_viewport(ratio=1)
        sheet = console.page.locator(".sheet")
        assert not await sheet.evaluate("one => one.scrollWidth > one.clientWidth")
        await console.act("terminate").click()
        await console.confirms("end-session")
        await expect(console.row(person)).to_have_count(0)


async def test_given_a_person_at_four_addresses_then_their_sessions_are_marked_and_nobody_elses(
    browser: Browser, stage: Stage
):
    many, few = stage.person("spread-many"), stage.person("spread-few")
    for number in range(4):
        stage.sign_in(many.name, ip=f"203.0.113.{60 + number}")
    for number in range(3):
        stage.sign_in(few.name, ip=f"203.0.113.{60 + number}")

    async with stage.console(browser, "/sessions?q=spread-") as console:
        marks = console.page.locator("[data-spread]")
        await expect(marks).to_have_count(4)
        assert await console.row(few).locator("[data-spread]").count() == 0
        await expect(marks.first).to_have_text("4 addresses")
        await marks.first.click()
        await console.shows(many, many, many, many)


async def test_given_an_open_list_when_sessions_begin_and_end_elsewhere_then_rows_come_and_go(
    browser: Browser, stage: Stage
):
    first, second = stage.person("live-first"), stage.person("live-second")
    stage.sign_in(first.name)

    async with stage.console(browser, "/sessions?q=live-") as console:
        await console.shows(first)
        async with stage.at_work(browser, second) as at_desk:
            await expect(console.row(second)).to_be_visible()
            stage.end_one(second)
            await expect(console.row(second)).to_have_count(0)
            await at_desk.is_refused()


async def test_given_a_pointer_on_a_row_when_its_session_ends_elsewhere_then_it_stays_and_says_so(
    browser: Browser, stage: Stage
):
    person = stage.person("pointed")
    stage.sign_in(person.name)

    async with stage.console(browser, f"/sessions?q={person.name}") as console:
        await console.row(person).hover()
        stage.end_one(person)
        await expect(console.row(person).locator(".tag.bad")).to_be_visible()
        assert await console.act("terminate").count() == 0

        await console.page.mouse.move(5, 5)
        await expect(console.row(person)).to_have_count(0)
