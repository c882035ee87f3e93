"""An address of the console that asks for what there is not: said as such, with a way on."""

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/sessions?ip=garbage", "ip"),
        ("/users?status=garbage", "status"),
        ("/audit?from=garbage", "from"),
    ],
)
async def test_given_a_filter_that_makes_no_sense_then_it_is_named_and_clearing_it_helps(
    browser: Browser, stage: Stage, path: str, field: str
):
    async with stage.console(browser, path) as console:
        console.allowed.add("400")
        panel = console.page.locator("[data-state=error]")
        await expect(panel.locator("code")).to_have_text(field)
        await expect(panel.get_by_role("button")).to_have_count(0)

        await panel.get_by_role("link", name="Clear the filter").click()

        await expect(console.page.locator("tbody tr[data-row]").first).to_be_visible()
        await expect(panel).to_have_count(0)


async def test_given_an_open_person_when_they_are_deleted_elsewhere_then_the_page_says_so(
    browser: Browser, stage: Stage
):
    person = stage.person("leaves")
    stage.sign_in(person.name)
    async with stage.console(browser, f"/users/{person.id}") as console:
        console.allowed.add("404")
        await expect(console.page.get_by_role("heading", name=person.name)).to_be_visible()

        stage.admin("DELETE", f"/users/{person.id}")

        await expect(console.page.get_by_text("This user is not there")).to_be_visible()
        await expect(console.page.get_by_role("button", name="Revoke all")).to_have_count(0)
