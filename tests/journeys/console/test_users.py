"""Identity › Users: who is in the directory, and all that an administrator does about them."""

import time

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage
from tests.journeys.console.tabs import PASSWORD
from tests.journeys.running import MOUNT
from tests.journeys.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_given_a_new_colleague_when_they_are_created_then_their_link_lets_them_in(
    browser: Browser, stage: Stage
):
    async with stage.console(browser, "/users") as console, stage.guest(browser) as guest:
        await console.act("create-user").click()
        dialog = console.dialog("create-user")
        await dialog.locator("[data-act]").click()
        await expect(dialog.get_by_label("Username")).to_be_focused()
        await dialog.get_by_label("Username").fill("rosa.new")
        await dialog.get_by_label("Display name").fill("Rosa Novák")
        await dialog.get_by_label("Groups").fill("sales, on-call")
        await console.confirms("create-user")
        link = await console.dialog("reset-link").get_by_label("Link").input_value()
        await console.page.keyboard.press("Escape")
        heading = console.page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("rosa.new")
        await expect(console.page.get_by_text("on-call", exact=True)).to_be_visible()

        await guest.sets_password(link, "a bridge in the morning fog")
        await guest.sign_in("rosa.new", "a bridge in the morning fog")
        await guest.page.goto(link)
        await guest.page.reload()
        await expect(guest.page.locator("#invalid, [data-says=invalid]").first).to_be_visible()


async def test_given_a_name_that_is_taken_when_a_user_is_created_then_the_dialog_says_so(
    browser: Browser, stage: Stage
):
    person = stage.person("taken")
    async with stage.console(browser, "/users") as console:
        console.allowed.add("409")
        await console.act("create-user").click()
        dialog = console.dialog("create-user")
        await dialog.get_by_label("Username").fill(person.name)
        await dialog.locator("[data-act]").click()
        await expect(dialog.locator("[data-failure=user_exists]")).to_be_visible()


async def test_given_people_when_they_are_filtered_then_name_role_status_and_sessions_are_right(
    browser: Browser, stage: Stage
):
    signed_in, viewer = stage.person("find-a"), stage.person("find-b", "viewer")
    banned = stage.person("find-c")
    stage.sign_in(signed_in.name)
    stage.admin("POST", f"/users/{banned.id}/ban", {"reason": "a test"})

    async with stage.console(browser, "/users") as console:
        await console.search("find-")
        await console.shows(signed_in, viewer, banned)
        await expect(console.row(signed_in)).to_contain_text("1 session")
        await expect(console.row(viewer)).to_contain_text("Viewer")
        await console.page.locator("[data-filter=role]").select_option("viewer")
        await console.shows(viewer)
        await console.page.locator("[data-filter=role]").select_option("")
        await console.page.locator("[data-filter=status]").select_option("banned")
        await console.shows(banned)
        await console.page.locator("[data-filter=status]").select_option("active")
        await console.shows(signed_in, viewer)
        await console.row(signed_in).get_by_role("link", name="1 session").click()
        await console.page.wait_for_url(f"**/sessions?userId={signed_in.id}")
        await console.shows(signed_in)
        await expect(console.page.locator(".chip")).to_contain_text(signed_in.name)


async def test_given_a_person_at_work_when_they_are_banned_and_unbanned_then_out_and_in_again(
    browser: Browser, stage: Stage
):
    person = stage.person("ban")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, f"/users?q={person.name}") as console,
    ):
        await console.menu(person, "ban")
        dialog = console.dialog("ban")
        await expect(dialog).to_contain_text(person.name)
        await dialog.locator("[data-act]").click()
        await expect(dialog.get_by_label("Reason")).to_be_focused()  # nothing without one
        await dialog.get_by_label("Reason").fill("sold the keys")
        await console.confirms("ban")
        await console.is_told(f"{person.name} is banned.")
        await expect(console.row(person).locator("[data-status=banned]")).to_be_visible()
        await at_work.is_refused()
        status, told, _ = stage.attempt(person.name, PASSWORD)
        assert (status, told["code"]) == (403, "banned")
        assert "sold the keys" in str(stage.audit(person, "user.banned")[0])

        await console.menu(person, "unban")
        await console.is_told("The ban")
        await expect(console.row(person).locator("[data-status=active]")).to_be_visible()
        await at_work.sign_in(person.name)


async def test_given_a_locked_person_when_they_are_unlocked_then_they_can_sign_in(
    browser: Browser, stage: Stage
):
    person = stage.person("lock")
    for _ in range(3):
        stage.attempt(person.name, "not the passphrase")
    assert stage.attempt(person.name, PASSWORD)[0] == 429

    async with stage.console(browser, f"/users?q={person.name}") as console:
        await expect(console.row(person).locator("[data-status=locked]")).to_be_visible()
        await console.menu(person, "unlock")
        await expect(console.row(person).locator("[data-status=active]")).to_be_visible()
    assert stage.attempt(person.name, PASSWORD)[0] == 200


async def test_given_a_forgotten_password_when_it_is_reset_by_link_then_the_new_one_alone_works(
    browser: Browser, stage: Stage
):
    person = stage.person("reset")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, f"/users?q={person.name}") as console,
        stage.guest(browser) as guest,
    ):
        await console.menu(person, "reset-password")
        await console.confirms("reset-password")
        link = await console.dialog("reset-link").get_by_label("Link").input_value()
        assert await at_work.is_let_in()

        await guest.sets_password(link, "the tide under the old pier")
        await at_work.is_refused()
        assert stage.attempt(person.name, PASSWORD)[0] == 401
        await guest.sign_in(person.name, "the tide under the old pier")


async def test_given_a_password_set_by_an_admin_when_it_must_be_changed_then_no_session_opens(
    browser: Browser, stage: Stage
):
    person = stage.person("must-change")
    async with stage.console(browser, f"/users?q={person.name}") as console:
        await console.menu(person, "reset-password")
        dialog = console.dialog("reset-password")
        await dialog.get_by_label("Set a password here").check()
        await dialog.get_by_label("New password").fill("short")
        await dialog.get_by_label("Must be changed").check()
        console.allowed.add("400")
        await dialog.locator("[data-act]").click()
        await expect(dialog.get_by_label("New password")).to_have_attribute("aria-invalid", "true")
        await dialog.get_by_label("New password").fill("told over the telephone")
        await console.confirms("reset-password")
        await console.is_told(f"{person.name} has a new password.")
    status, told, _ = stage.attempt(person.name, "told over the telephone")
    assert (status, told["code"]) == (403, "password_change_required")


async def test_given_an_old_sign_in_when_a_role_is_changed_then_it_is_proved_again_and_goes_on(
    browser: Browser, stage: Stage
):
    person = stage.person("role")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, f"/users?q={person.name}") as console,
    ):
        signed_in = time.monotonic()

        async def is_older() -> bool:
            return time.monotonic() - signed_in > 1

        await stage.obey(roles="1s")
        await until(is_older, "a second went by")
        console.allowed |= {"403", "401"}
        await console.menu(person, "change-role")
        dialog = console.dialog("change-role")
        await dialog.get_by_label("Role").select_option("viewer")
        await dialog.locator("[data-act]").click()
        prompt = console.dialog("reauth")
        await expect(prompt.get_by_label("Password")).to_be_focused()
        assert await at_work.is_let_in()
        await stage.obey(roles="10m")
        await prompt.get_by_label("Password").fill("not the passphrase")
        await prompt.locator("[data-act]").click()
        await expect(prompt.locator("[data-failure=invalid_credentials]")).to_be_visible()
        await prompt.get_by_label("Password").fill(PASSWORD)
        await prompt.locator("[data-act]").click()

        await console.is_told(f"{person.name} has another role now.")
        await expect(dialog).to_have_count(0)
        await expect(console.row(person)).to_contain_text("Viewer")
        await at_work.is_refused()
    entries = stage.admin("GET", f"/audit?userId={person.id}")["items"]
    assert [entry["reason"] for entry in entries if entry["outcome"] == "refused"] == [
        "reauth_required"
    ]
    told = [entry["outcome"] for entry in stage.audit(person, "user.role_changed")]
    assert told == ["done", "refused"]


async def test_given_a_person_on_two_devices_when_all_are_logged_out_then_both_are_out(
    browser: Browser, stage: Stage
):
    person = stage.person("everywhere")
    async with (
        stage.at_work(browser, person) as first,
        stage.at_work(browser, person, ip="203.0.113.99") as second,
        stage.console(browser, f"/users?q={person.name}") as console,
    ):
        await expect(console.row(person)).to_contain_text("2 sessions")
        await console.menu(person, "logout-all")
        dialog = console.dialog("end-all-of")
        await expect(dialog).to_contain_text(f"Sign {person.name} out everywhere?")
        await expect(dialog).to_contain_text("2 sessions")
        await console.confirms("end-all-of")
        await console.is_told(f"2 sessions of {person.name} have ended.")
        await expect(console.row(person)).not_to_contain_text("2 sessions")
        await first.is_refused()
        await second.is_refused()


async def test_given_a_person_at_work_when_they_are_deleted_then_they_are_out_and_gone(
    browser: Browser, stage: Stage
):
    person = stage.person("leaver")
    async with (
        stage.at_work(browser, person) as at_work,
        stage.console(browser, f"/users?q={person.name}") as console,
    ):
        console.allowed.add("404")
        await console.menu(person, "delete")
        dialog = console.dialog("delete-user")
        await expect(dialog).to_contain_text("cannot be undone")
        await dialog.locator("[data-act]").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()  # the name is not typed yet
        await dialog.locator("[name=typed]").fill(person.name)
        await console.confirms("delete-user")
        await expect(console.page.get_by_role("heading", name="Nobody found")).to_be_visible()
        await at_work.is_refused()
        assert stage.attempt(person.name, PASSWORD)[0] == 401
        await console.go(f"/users/{person.id}")
        await expect(console.page.locator("[data-state=empty]")).to_be_visible()
        await console.page.get_by_role("link", name="Auth audit").click()
        await expect(console.page.locator('[data-action="user.deleted"]')).to_be_visible()
    assert stage.ask("GET", f"{MOUNT}/api/admin/users/{person.id}")[0] == 401
