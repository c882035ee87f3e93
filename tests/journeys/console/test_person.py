"""A person's page: where they are signed in, where they were, what was done."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import PHONE, Stage
from tests.journeys.running import MOUNT
from tests.login.codes import code_of

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_a_person_when_one_and_then_all_sessions_are_revoked_then_the_page_tells_it(
    browser: Browser, stage: Stage
):
    person = stage.person("page", displayName="Petra Page", email="petra@example.com")
    async with (
        stage.at_work(browser, person) as first,
        stage.at_work(browser, person, agent=PHONE) as second,
        stage.at_work(browser, person, ip="2001:db8:5::1") as third,
        stage.console(browser, f"/users/{person.id}") as console,
    ):
        for word in ("Petra Page", "petra@example.com", "Sessions (3)"):
            await expect(console.page.locator("main")).to_contain_text(word)
        phone = console.row(person).filter(has_text="Safari on iOS")
        await phone.get_by_role("button", name="Revoke").click()
        await expect(console.dialog("end-session")).to_contain_text(person.name)
        await console.confirms("end-session")
        await console.shows(person, person)
        await expect(console.page.locator("[data-tab=first]")).to_have_text("Sessions (2)")
        await second.is_refused()
        assert await first.is_let_in()

        await console.act("revoke-all").click()
        await expect(console.dialog("end-all-of")).to_contain_text("2 sessions")
        await console.confirms("end-all-of")
        await expect(console.page.get_by_role("heading", name="No active sessions")).to_be_visible()
        await expect(console.act("revoke-all")).to_have_attribute("aria-disabled", "true")
        await first.is_refused()
        await third.is_refused()

        await console.page.locator("[data-tab=history]").click()
        ended = console.page.locator("[data-list=ended] tbody tr")
        await expect(ended).to_have_count(3)
        await expect(ended.filter(has_text="2001:db8:5::1")).to_contain_text("owner")
        await expect(ended.filter(has_text="Safari on iOS")).to_contain_text("Ended by")

        await console.page.locator("[data-tab=audit]").click()
        revoked = console.page.locator('[data-list=audit] [data-action="session.revoked"]')
        await expect(revoked).to_have_count(2)
        await expect(revoked.first).to_contain_text("2 sessions")
        await expect(console.page.locator('[data-action="session.opened"]')).to_have_count(3)
        await expect(console.page.locator('[data-action="user.created"]')).to_have_count(1)
        await console.page.go_back()
        await expect(ended).to_have_count(3)


async def test_given_a_persons_page_when_details_are_edited_then_they_show_and_the_next_group_too(
    browser: Browser, stage: Stage
):
    person = stage.person("edit", groups=["sales"])
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, f"/users/{person.id}") as console,
    ):
        menu = console.page.locator(".profile")
        await menu.locator("button.menu-button").click()
        await menu.locator("[role=menuitem][data-act=edit]").click()
        dialog = console.dialog("edit-profile")
        await dialog.get_by_label("Display name").fill("Édith Ünlü")
        await dialog.get_by_label("Groups").fill("sales, finance")
        await console.confirms("edit-profile")
        await expect(console.page.locator(".profile")).to_contain_text("Édith Ünlü")
        await expect(console.page.locator(".profile")).to_contain_text("finance")
        assert await at_work.is_let_in()


async def test_given_a_persons_page_when_the_menu_shows_them_elsewhere_then_the_person_goes_along(
    browser: Browser, stage: Stage
):
    person = stage.person("along")
    stage.sign_in(person.name)
    async with stage.console(browser, f"/users/{person.id}") as console:
        menu = console.page.locator(".profile")
        await menu.locator("button.menu-button").click()
        await menu.locator("[data-act=to_sessions]").click()
        await console.shows(person)
        await console.row(person).get_by_role("link", name=person.name).click()
        await expect(console.page.get_by_role("heading", level=1)).to_have_text(person.name)
        await menu.locator("button.menu-button").click()
        await menu.locator("[data-act=to_audit]").click()
        await expect(console.page.locator(".chip")).to_contain_text(person.name)
        await expect(console.page.locator('[data-action="session.opened"]')).to_have_count(1)


async def test_given_a_person_who_lost_their_second_factor_when_it_is_removed_then_it_is_gone(
    browser: Browser, stage: Stage
):
    person = stage.person("factor")
    async with (
        stage.at_work(browser, person) as worker,
        stage.console(browser, f"/users/{person.id}") as console,
    ):
        ask = worker.page.context.request.post
        fields = {"Origin": stage.product.public}
        api = f"{stage.product.public}{MOUNT}/api"
        offer = await (await ask(f"{api}/totp", headers=fields)).json()
        body = {
            "challenge": offer["challenge"],
            "code": code_of(offer["secret"], datetime.now(UTC)),
        }
        done = await ask(f"{api}/totp/confirm", headers=fields, data=body)
        assert done.status == 200, await done.text()
        profile = console.page.locator(".profile")
        await expect(profile).to_contain_text("Authenticator app")

        await profile.locator("button.menu-button").click()
        await profile.locator('[role=menuitem][data-act="reset-factors"]').click()
        await expect(console.dialog("reset-factors")).to_contain_text(person.name)
        await console.confirms("reset-factors")

        await expect(profile).not_to_contain_text("Authenticator app")
        assert await worker.is_let_in()
