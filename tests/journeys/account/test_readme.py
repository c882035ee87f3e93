"""The samples of the README for a front end of one's own, run as they are written there."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.account.home import EMBEDDED, Home
from tests.journeys.running import MOUNT

pytestmark = pytest.mark.asyncio(loop_scope="package")

README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")


def run(call: str) -> str:
    """Return the sample that has the function of that call, with the call behind it."""
    start = f"async function {call.partition('(')[0]}("
    (sample,) = [one for one in re.findall(r"```js\n(.*?)```", README, re.DOTALL) if start in one]
    return f"() => {{ {sample} {call}; }}"


async def test_given_the_samples_then_one_signs_out_everywhere_and_the_others_learn_of_it(
    home: Home, browser: Browser
) -> None:
    name = home.person()
    async with home.device(browser, name) as laptop, home.device(browser, name) as phone:
        await laptop.go(EMBEDDED)
        await phone.go(EMBEDDED)
        await laptop.page.evaluate("localStorage.draft = 'a secret'")
        await phone.page.evaluate("localStorage.draft = 'a secret'")

        await laptop.page.evaluate(run("signOutEverywhere()"))
        await expect(laptop.page).to_have_url(re.compile("reason=session_signed_out"))
        await phone.page.evaluate(run("call('/app/data')"))

        await expect(phone.page).to_have_url(
            re.compile(rf"{MOUNT}/login\?reason=session_revoked&return_to=%2Fapp%2Fprofile")
        )
        for device in (laptop, phone):
            assert await device.page.evaluate("localStorage.draft") is None
