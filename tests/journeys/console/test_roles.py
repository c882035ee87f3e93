"""What each role finds in the console: users nothing, viewers a look, admins the acts, owners all.

That the server refuses the rest whatever a page offers, the tests of the API prove for each route.
"""

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.journeys.console.stage import Stage
from tests.journeys.console.tabs import CONSOLE

pytestmark = pytest.mark.asyncio(loop_scope="package")
_ACTS = ("logout-all", "ban", "reset-password", "reset-factors", "change-role", "edit", "delete")


async def _barred(acts: Locator) -> list[str]:
    """The acts of a menu that are barred, each with the reason beneath."""
    found = []
    for name in _ACTS:
        act = acts.locator(f'[data-act="{name}"]')
        if await act.get_attribute("aria-disabled") == "true":
            assert await act.locator("small").text_content()
            found.append(name)
    return found


async def test_given_a_user_when_the_console_is_opened_then_it_is_refused_in_words(
    browser: Browser, stage: Stage
):
    async with stage.at_work(browser, stage.person("plain")) as at_work:
        answer = await at_work.page.goto(stage.address(f"{CONSOLE}/sessions"))
        assert answer is not None
        assert answer.status == 403
        await expect(at_work.page.get_by_text("administrator").first).to_be_visible()
        assert await at_work.is_let_in()


async def test_given_a_viewer_when_the_console_is_open_then_all_can_be_seen_and_nothing_done(
    browser: Browser, stage: Stage
):
    viewer, person = stage.person("viewer", "viewer"), stage.person("viewed")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, f"/sessions?q={person.name}", who=viewer.name) as console,
    ):
        keys = console.page.keyboard
        await console.shows(person)
        for act in ("terminate", "end-matching"):
            await expect(console.act(act)).to_have_attribute("aria-disabled", "true")
            await expect(console.act(act)).to_have_attribute(
                "title", "Viewers may look, but not act."
            )
            await console.act(act).click(force=True)
        await expect(console.row(person).get_by_role("checkbox")).to_be_disabled()
        for key in ("j", "x", "Delete"):
            await keys.press(key)
        assert await console.page.locator("dialog[open], .pick").count() == 0

        await console.go(f"/users?q={person.name}")
        await expect(console.act("create-user")).to_have_attribute("aria-disabled", "true")
        await console.row(person).locator("button.menu-button").click()
        assert await _barred(console.row(person)) == list(_ACTS)
        await keys.press("Escape")
        await console.go(f"/users/{person.id}")
        await expect(console.act("revoke-all")).to_have_attribute("aria-disabled", "true")
        await keys.press("Shift+Delete")
        assert await console.page.locator("dialog[open]").count() == 0
        await keys.press("Control+k")
        await keys.type(person.name)
        under = console.dialog("palette").get_by_role("option").nth(1)
        await expect(under).to_have_attribute("aria-disabled", "true")
        await keys.press("Escape")
        for path in ("/", "/audit", "/policy", "/sessions?view=ended"):
            await console.go(path)
            await expect(console.page.locator("[data-state=error]")).to_have_count(0)
        assert await at_work.is_let_in()


async def test_given_an_admin_when_people_rank_higher_then_only_their_sessions_can_be_ended(
    browser: Browser, stage: Stage
):
    admin, boss = stage.person("rank-admin", "admin"), stage.person("rank-boss", "owner")
    person = stage.person("rank-user")
    async with (
        stage.at_work(browser, boss) as boss_at_work,
        stage.console(browser, "/users?q=rank-", who=admin.name) as console,
    ):
        for who, barred in (
            (boss, list(_ACTS[1:])),
            (admin, ["ban", "change-role", "delete"]),
            (person, []),
        ):
            await console.row(who).locator("button.menu-button").click()
            assert await _barred(console.row(who)) == barred, who
            await console.page.keyboard.press("Escape")
        await console.menu(person, "change-role")
        role = console.dialog("change-role").get_by_label("Role")
        assert await role.locator("option").all_text_contents() == ["User", "Viewer", "Admin"]
        await console.page.keyboard.press("Escape")
        await console.menu(boss, "logout-all")
        await console.confirms("end-all-of")
        await boss_at_work.is_refused()
        await console.go("/sessions")
        await expect(console.act("end-matching")).to_have_attribute(
            "title", "Only an owner may do this."
        )


async def test_given_the_last_owner_when_another_bans_them_then_it_is_refused_in_the_dialog(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/users?q=owner") as console:
        await console.row("owner").locator("button.menu-button").click()
        assert await _barred(console.row("owner")) == ["ban", "change-role", "delete"]
        await console.page.keyboard.press("Escape")
        await console.act("create-user").click()
        role = console.dialog("create-user").get_by_label("Role")
        assert (await role.locator("option").all_text_contents())[-1] == "Owner"
