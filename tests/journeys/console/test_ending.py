"""Ending sessions: one, some, all that match, everybody's. Those people are really out."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import PHONE, Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_two_devices_when_one_session_is_terminated_then_that_device_alone_is_out(
    browser: Browser, stage: Stage
):
    maria = stage.person("maria")
    async with (
        stage.at_work(browser, maria) as at_desk,
        stage.at_work(browser, maria, agent=PHONE, ip="203.0.113.8") as on_phone,
        stage.console(browser) as console,
    ):
        await console.search(maria.name)
        button = console.row(maria).filter(has_text="Safari on iOS").locator("[data-act=terminate]")
        await button.click()
        dialog = console.dialog("end-session")
        for word in (
            maria.name,
            "Safari on iOS",
            "203.0.113.8",
            "cannot be undone",
            "Unsaved work",
        ):
            await expect(dialog).to_contain_text(word)
        await expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
        await console.page.keyboard.press("Enter")  # the safe choice
        await expect(dialog).to_have_count(0)
        assert await on_phone.is_let_in()

        await button.click()
        await console.confirms("end-session")
        await console.is_told(f"The session of {maria.name} on Safari on iOS has ended.")
        await console.shows(maria)
        await on_phone.is_refused()
        assert await at_desk.is_let_in()

        await console.page.get_by_role("link", name="See it in the audit").click()
        row = console.page.locator('tr[data-action="session.revoked"]')
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text(maria.name)
        await expect(row).to_contain_text("owner")


async def test_given_several_people_when_some_sessions_are_selected_and_ended_then_those_are_out(
    browser: Browser, stage: Stage
):
    noor, olga, paul = (stage.person(f"pick-{name}") for name in ("noor", "olga", "paul"))
    async with (
        stage.at_work(browser, noor) as noor_at_work,
        stage.at_work(browser, olga) as olga_at_work,
        stage.at_work(browser, paul) as paul_at_work,
        stage.console(browser, "/sessions?q=pick-&sort=username") as console,
    ):
        await console.shows(noor, olga, paul)
        await console.row(noor).get_by_role("checkbox").check()
        await console.row(paul).get_by_role("checkbox").check()
        bar = console.page.get_by_role("region", name="Selected sessions")
        await expect(bar).to_contain_text("2 selected")
        await expect(bar).to_contain_text("2 people")
        await console.act("end-selected").click()
        dialog = console.dialog("end-selected")
        for word in ("End 2 sessions?", noor.name, paul.name, "cannot be undone"):
            await expect(dialog).to_contain_text(word)
        await console.confirms("end-selected")

        await console.is_told("2 sessions have ended.")
        await console.shows(olga)
        await expect(bar).to_have_count(0)
        await noor_at_work.is_refused()
        await paul_at_work.is_refused()
        assert await olga_at_work.is_let_in()


async def test_given_a_filter_when_all_that_match_are_ended_then_all_of_them_and_no_other_are_out(
    browser: Browser, stage: Stage
):
    inside, outside = stage.person("match-in"), stage.person("match-out")
    async with (
        stage.at_work(browser, inside, ip="198.51.100.130") as first,
        stage.at_work(browser, inside, ip="198.51.100.131", agent=PHONE) as second,
        stage.at_work(browser, outside, ip="198.51.100.140") as third,
        stage.console(browser, "/sessions") as console,
    ):
        await console.search("198.51.100.128/29")
        await console.shows(inside, inside)
        await console.act("end-matching").click()
        dialog = console.dialog("end-matching")
        await expect(dialog).to_contain_text("End 2 sessions?")
        await expect(dialog).to_contain_text("198.51.100.128/29")
        await expect(dialog.get_by_role("checkbox")).to_have_count(0)
        await dialog.get_by_label("Why").fill("attack from this network")
        await console.confirms("end-matching")

        await console.is_told("2 sessions have ended.")
        await expect(console.page.get_by_role("heading", name="No session matches")).to_be_visible()
        await first.is_refused()
        await second.is_refused()
        assert await third.is_let_in()
        newest = stage.admin("GET", "/audit?action=session.revoked&limit=1")["items"][0]
        assert (newest["scope"], newest["count"]) == ("bulk", 2)
        assert "attack from this network" in str(newest)


async def test_given_several_people_when_all_that_match_are_ended_then_the_audit_of_each_says_so(
    browser: Browser, stage: Stage
):
    anna, anton = stage.person("whose-anna"), stage.person("whose-anton")
    async with (
        stage.at_work(browser, anna) as first,
        stage.at_work(browser, anton) as second,
        stage.console(browser, "/sessions?q=whose-") as console,
    ):
        await console.act("end-matching").click()
        await console.confirms("end-matching")
        await console.is_told("2 sessions have ended.")
        await first.is_refused()
        await second.is_refused()

        await console.page.get_by_role("link", name="See it in the audit").click()
        row = console.page.locator('tr[data-action="session.revoked"]').first
        for word in (anna.name, anton.name, "2 sessions"):
            await expect(row).to_contain_text(word)
        for person in (anna, anton):
            own = stage.admin("GET", f"/audit?action=session.revoked&userId={person.id}")["items"]
            assert [entry["details"]["users"] for entry in own] == [f"{anna.name}\n{anton.name}"]


async def test_given_the_own_session_among_those_that_match_then_the_others_are_counted_and_end(
    browser: Browser, stage: Stage
):
    admin = stage.person("selfsame", "admin")
    stage.sign_in(admin.name)
    async with stage.console(browser, f"/sessions?q={admin.name}", who=admin.name) as console:
        console.allowed.add("401")
        await console.shows(admin, admin)
        await console.act("end-matching").click()
        dialog = console.dialog("end-matching")
        await expect(dialog).to_contain_text("End 1 session?")
        await console.confirms("end-matching")
        await console.is_told("1 session has ended.")
        await console.shows(admin)

        await console.act("end-matching").click()
        await dialog.get_by_label("End my own session too").check()
        await dialog.locator("[data-act]").click()
        await console.is_at_sign_in("session_revoked")


async def test_given_a_list_that_grew_meanwhile_when_all_that_match_are_ended_then_it_asks_again(
    browser: Browser, stage: Stage
):
    person = stage.person("moved")
    stage.sign_in(person.name)
    async with stage.console(browser, f"/sessions?q={person.name}") as console:
        console.allowed.add("409")
        await console.act("end-matching").click()
        dialog = console.dialog("end-matching")
        await expect(dialog).to_contain_text("End 1 session?")
        async with stage.at_work(browser, person) as at_work:
            await dialog.locator("[data-act]").click()
            await expect(dialog.locator("[data-failure=count_changed]")).to_contain_text("2")
            assert await at_work.is_let_in()

            await console.confirms("end-matching")
            await console.is_told("2 sessions have ended.")
            await at_work.is_refused()


async def test_given_the_owner_when_everyones_sessions_are_ended_then_only_the_owner_stays(
    browser: Browser, stage: Stage
):
    person, admin = stage.person("everyone"), stage.person("everyone", "admin")
    async with (
        stage.at_work(browser, person) as first,
        stage.at_work(browser, admin) as second,
        stage.console(browser) as console,
    ):
        await console.act("end-matching").click()
        dialog = console.dialog("end-matching")
        await expect(dialog).to_contain_text("Everyone has to sign in again")
        await dialog.locator("[data-act]").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("everyone")
        await dialog.get_by_label("Type everyone to confirm").fill("everyone")
        await console.confirms("end-matching")

        await expect(console.page.locator("tr[data-row]")).to_have_count(1)
        await expect(console.row("owner")).to_contain_text("Current")
        await first.is_refused()
        await second.is_refused()
    stage.renew()


async def test_given_nothing_but_a_keyboard_when_a_session_is_terminated_then_it_is_out(
    browser: Browser, stage: Stage
):
    person, other = stage.person("keys-a"), stage.person("keys-b")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.at_work(browser, other) as other_at_work,
        stage.console(browser) as console,
    ):
        keys, search = console.page.keyboard, console.page.locator("main [data-search]")
        await keys.press("/")
        await expect(search).to_be_focused()
        await keys.type("keys-")
        await expect(search).to_have_value("keys-")
        await keys.press("Enter")
        await console.shows(other, person)
        await keys.press("Escape")  # empties the search
        await console.page.wait_for_url(re.compile("/sessions$"))
        await keys.type("keys-")
        await console.shows(other, person)
        await keys.press("Tab")
        await console.page.locator("main h1").focus()  # out of the search: what follows are keys
        await keys.press("j")
        await expect(console.row(other)).to_be_focused()
        await keys.press("j")
        await expect(console.row(person)).to_be_focused()
        await keys.press("Delete")
        dialog = console.dialog("end-session")
        await expect(dialog).to_contain_text(person.name)
        await keys.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(console.row(person)).to_be_focused()
        await keys.press("Delete")
        await keys.press("Tab")
        await expect(dialog.get_by_role("button", name="Terminate")).to_be_focused()
        await keys.press("Enter")

        await console.shows(other)
        await expect(console.row(other)).to_be_focused()
        await at_work.is_refused()
        assert await other_at_work.is_let_in()
