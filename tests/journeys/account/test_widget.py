"""The element in a page of the application, under a policy that allows nothing inline."""

import pytest
from playwright.async_api import Browser, Route, expect

from tests.journeys.account.home import EMBEDDED, Device, Home
from tests.journeys.running import MOUNT

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def noted(device: Device) -> list[list[object]]:
    found: list[list[object]] = await device.page.evaluate("window.noted")
    return found


async def test_given_a_page_under_a_strict_policy_then_the_element_works_and_tells_what_it_did(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name) as phone,
        home.device(browser, name) as tablet,
    ):
        await laptop.go(EMBEDDED)
        await laptop.sees(3)
        gone = await laptop.rows.nth(1).get_attribute("data-row")
        await laptop.revoke_buttons.first.click()
        await laptop.dialog.get_by_role("button", name="Revoke").click()
        await laptop.sees(2)
        await laptop.sessions.get_by_role("button", name="Revoke all other sessions").click()
        await laptop.dialog.get_by_role("button", name="Revoke all other sessions").click()
        await laptop.sees(1)

        assert await noted(laptop) == [
            ["session-revoked", {"id": gone, "revoked": 1}],
            ["session-revoked", {"id": None, "revoked": 1}],
        ]
        await phone.is_refused()
        await tablet.is_refused()


async def test_given_a_session_that_ends_then_the_element_shows_nothing_and_the_page_is_told(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name) as phone:
        await phone.go(EMBEDDED)
        await phone.sees(2)
        await laptop.go()
        await laptop.sessions.get_by_role("button", name="Revoke all other sessions").click()
        await laptop.dialog.get_by_role("button", name="Revoke all other sessions").click()

        link = phone.sessions.get_by_role("link", name="Sign in")
        await expect(link).to_be_visible()
        await expect(phone.rows).to_have_count(0)
        href = await link.get_attribute("href")
        assert href == f"{MOUNT}/login?return_to=%2Fapp%2Fprofile&reason=session_revoked"
        assert await noted(phone) == [["signed-out", {"code": "session_revoked"}]]


async def test_given_properties_and_parts_of_the_page_then_the_element_takes_its_looks(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name):
        await laptop.go(EMBEDDED)
        await laptop.sees(2)

        async def style(selector: str, property_: str) -> object:
            one = laptop.sessions.locator(selector).first
            return await one.evaluate(f"one => getComputedStyle(one).{property_}")

        assert await style("[part~=revoke]", "color") == "rgb(90, 20, 140)"
        assert await style("[part~=badge]", "letterSpacing") == "3px"


async def test_given_attributes_then_language_and_place_are_those_and_a_foreign_place_is_none(
    home: Home, browser: Browser
) -> None:
    async with home.device(browser, home.person()) as laptop:
        await laptop.go(EMBEDDED)
        await laptop.sees(1)
        await laptop.sessions.evaluate("one => one.setAttribute('lang', 'ar')")
        await expect(laptop.sessions.locator("section")).to_have_attribute("dir", "rtl")
        await expect(laptop.sessions).to_contain_text("الحالية")
        await laptop.sessions.evaluate("one => one.setAttribute('lang', 'de-AT')")
        await expect(laptop.sessions).to_contain_text("Zuletzt aktiv")

        for given in ("//evil.example", "https://evil.example", "javascript:alert(1)"):
            mount = await laptop.sessions.evaluate(
                "(one, given) => (one.setAttribute('mount', given), one.mount)", given
            )
            assert mount == MOUNT
        await laptop.sees(1)


async def test_given_no_connection_then_the_list_stays_readable_and_goes_on_by_itself(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop:
        await laptop.go(EMBEDDED)
        await laptop.sees(1)
        await laptop.page.context.set_offline(True)
        await laptop.sessions.evaluate("one => one.refresh()")
        await expect(laptop.sessions).to_contain_text("No connection to the server.")
        await laptop.sees(1)
        async with home.device(browser, name):
            await laptop.page.context.set_offline(False)

            await laptop.sees(2)
            await expect(laptop.sessions.get_by_text("No connection")).to_be_hidden()


async def test_given_a_list_that_never_came_then_the_element_says_so_and_can_be_asked_again(
    home: Home, browser: Browser
) -> None:
    async with home.device(browser, home.person()) as laptop:

        async def fail(route: Route) -> None:
            await route.fulfill(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")

        await laptop.page.route(f"**{MOUNT}/api/sessions?*", fail)
        await laptop.go(EMBEDDED)
        await expect(laptop.sessions).to_contain_text("This could not be loaded")
        await laptop.page.unroute(f"**{MOUNT}/api/sessions?*")
        await laptop.sessions.get_by_role("button", name="Try again").click()

        await laptop.sees(1)
        await expect(laptop.sessions.get_by_text("could not be loaded")).to_be_hidden()


async def test_given_a_pointer_on_the_list_when_a_row_goes_elsewhere_then_nothing_moves_under_it(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name) as phone,
        home.device(browser, name) as tablet,
    ):
        await laptop.go(EMBEDDED)
        await laptop.sees(3)
        await laptop.rows.nth(2).hover()
        ending = await laptop.rows.nth(1).get_attribute("data-row")
        await tablet.page.request.post(
            f"{home.product.public}{MOUNT}/logout", headers={"Origin": home.product.public}
        )

        await expect(laptop.rows.nth(1)).to_contain_text("Ended")
        assert await laptop.rows.nth(1).get_attribute("data-row") == ending
        await laptop.sees(3)
        await laptop.page.mouse.move(1, 1)
        await laptop.sees(2)
        assert await phone.is_let_in()


async def test_given_a_name_that_is_taken_when_the_element_is_loaded_then_the_page_keeps_its_own(
    home: Home, browser: Browser
) -> None:
    async with home.device(browser, home.person()) as laptop:
        await laptop.page.add_init_script(
            "customElements.define('user-sessions', class extends HTMLElement { own = true; })"
        )
        await laptop.go(EMBEDDED)
        await laptop.page.wait_for_load_state("networkidle")

        assert await laptop.sessions.evaluate("one => one.own")
        await laptop.page.close()  # the script stays in it


async def test_given_a_device_that_calls_itself_markup_of_six_thousand_characters_then_it_is_text(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    hostile = "<img src=x onerror=alert(1)>" + "W" * 6_000
    async with (
        home.device(browser, name) as laptop,
        home.device(browser, name, user_agent=hostile),
    ):
        await laptop.page.set_viewport_size({"width": 360, "height": 800})
        await laptop.go(EMBEDDED)
        await laptop.sees(2)
        await laptop.rows.nth(1).locator("summary").click()

        await expect(laptop.rows.nth(1)).to_contain_text("<img src=x onerror=alert(1)>WWW")
        assert await laptop.sessions.locator("img").count() == 0
        assert not await laptop.page.evaluate("document.documentElement.scrollWidth > innerWidth")
