"""A page that the browser has put to sleep, as it does with tabs that nobody looks at for long."""

import asyncio

import pytest

from tests.journeys.running import MOUNT, PLAIN_COOKIE
from tests.journeys.tabs.frozen import chromium_with_a_page
from tests.journeys.tabs.stage import Stage
from tests.journeys.tabs.test_ways import NO_WORKER

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("script", ["", NO_WORKER])
async def test_given_a_sleeping_tab_when_it_wakes_after_the_revocation_then_it_goes_at_once(
    stage: Stage, script: str
):
    kim = stage.person()
    before = stage.lines_opened()
    async with chromium_with_a_page() as page:
        url = f"{stage.product.public}/desk"
        await page.call("Network.enable")
        await page.call("Network.setCookie", name=PLAIN_COOKIE, value=stage.sign_in(kim), url=url)
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=script)
        await page.call("Page.navigate", url=url)
        await stage.until_lines(before + 1)
        await page.sleep()

        stage.revoke(kim)
        await asyncio.sleep(3)
        assert await page.address() == url
        await page.wake()

        await page.until_at(f"{MOUNT}/login?reason=session_revoked")
