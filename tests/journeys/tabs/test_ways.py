"""However a browser can be reached, or not for a while: it goes when it has to, and only then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser

from tests.journeys.tabs.line import Line
from tests.journeys.tabs.stage import Seat, Stage
from tests.journeys.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="package")

NO_WORKER = "delete window.SharedWorker"
NO_LOCKS = NO_WORKER + "; Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})"
SETTLED = 1_500
"""Milliseconds after which a tab has begun: without a line, it has asked once."""

POLL = 14_000
"""Milliseconds after which it asks again at the latest."""


@asynccontextmanager
async def seated(
    stage: Stage, browser: Browser, script: str = ""
) -> AsyncIterator[tuple[str, Seat]]:
    """Somebody new in a browser of their own. script: what the browser lacks."""
    kim = stage.person()
    async with stage.browser(browser, stage.sign_in(kim)) as seat:
        if script:
            await seat.context.add_init_script(script)
        yield kim, seat


@asynccontextmanager
async def behind_a_line(*, websockets: bool = True) -> AsyncIterator[tuple[Line, Stage]]:
    """A product of its own, which browsers reach by a line that can be cut."""
    line = Line(websockets=websockets)
    stage = Stage(public=f"http://localhost:{line.port}")
    line.begin(stage.product.port)
    try:
        yield line, stage
    finally:
        stage.remove()
        line.stop()


@pytest.mark.parametrize("script", ["", NO_WORKER, NO_LOCKS])
async def test_given_several_tabs_when_the_session_is_revoked_then_every_one_goes(
    browser: Browser, stage: Stage, script: str
):
    async with seated(stage, browser, script) as (kim, seat):
        await seat.context.clock.install()
        tabs = [await seat.tab(f"?tab={number}", line=script != NO_LOCKS) for number in range(3)]
        await tabs[0].page.wait_for_timeout(SETTLED)
        uses = stage.product.metric("sidecar_dead_tokens_total")

        stage.revoke(kim)
        if script == NO_LOCKS:
            await seat.context.clock.fast_forward(POLL)

        for number, tab in enumerate(tabs):
            # Where each asks for itself, the first that goes takes the dead cookie away.
            await tab.is_at_sign_in(
                None if script == NO_LOCKS else "session_revoked", f"/desk?tab={number}"
            )
        assert stage.product.metric("sidecar_dead_tokens_total") == uses  # they are no thieves
        assert seat.faults == []


@pytest.mark.parametrize("script", ["", NO_WORKER])
async def test_given_several_tabs_then_they_share_one_line(
    browser: Browser, stage: Stage, script: str
):
    async with seated(stage, browser, script) as (_, seat):
        before = stage.lines_opened()

        tabs = [await seat.tab() for _ in range(3)]
        await tabs[0].page.wait_for_timeout(2_000)

        assert stage.lines_opened() == before + 1


@pytest.mark.parametrize("script", ["", NO_WORKER])
async def test_given_the_tab_that_leads_is_closed_when_the_session_is_revoked_then_the_others_go(
    browser: Browser, stage: Stage, script: str
):
    async with seated(stage, browser, script) as (kim, seat):
        first, second = await seat.tab(), await seat.tab()
        await first.page.close()

        stage.revoke(kim)

        await second.is_at_sign_in()


async def test_given_three_tabs_when_one_signs_out_then_the_others_go_too(
    browser: Browser, stage: Stage
):
    async with seated(stage, browser) as (_, seat):
        one, *others = [await seat.tab() for _ in range(3)]

        await one.page.goto(f"{stage.product.public}/_sidecar/logout")
        await one.page.get_by_role("button", name="Sign out").click()

        for tab in others:
            await tab.is_at_sign_in("session_signed_out")


async def test_given_people_offline_when_they_are_back_then_they_go_and_not_before(
    browser: Browser,
):
    async with (
        behind_a_line() as (line, stage),
        seated(stage, browser) as (kim, seat),
        seated(stage, browser, NO_WORKER) as (lee, without_worker),
    ):
        tabs = [await seat.tab(), await without_worker.tab()]
        line.cut()
        for name in (kim, lee):
            stage.revoke(name)
        await asyncio.sleep(4)
        for tab in tabs:
            await tab.is_here()

        line.mend()

        for tab in tabs:
            await tab.is_at_sign_in()


@pytest.mark.parametrize("script", ["", NO_WORKER])
async def test_given_a_page_that_was_left_when_one_comes_back_to_it_then_it_asks_at_once(
    browser: Browser, stage: Stage, script: str
):
    async with seated(stage, browser, script) as (kim, seat):
        await seat.context.add_init_script(
            "addEventListener('pageshow', event => event.persisted && console.info('as it was'))"
        )
        tab = await seat.tab()
        said: list[str] = []
        tab.page.on("console", lambda message: said.append(message.text))
        await tab.page.goto(f"{stage.product.public}/_sidecar/live.js")
        stage.revoke(kim)

        await tab.page.go_back(wait_until="commit")

        await tab.is_at_sign_in(None)
        assert "as it was" in said


async def test_given_no_websocket_gets_through_when_the_session_is_revoked_then_asking_finds_out(
    browser: Browser,
):
    async with (
        behind_a_line(websockets=False) as (line, stage),
        seated(stage, browser) as (kim, seat),
    ):
        tab = await seat.tab(line=False)

        async def refused() -> bool:
            return line.refused > 0

        await until(refused, "a WebSocket was refused")
        await tab.is_here()

        stage.revoke(kim)

        await tab.is_at_sign_in()


async def test_given_pages_with_and_without_the_script_then_it_leaves_no_name_behind(
    browser: Browser, stage: Stage
):
    names = "() => Object.getOwnPropertyNames(window).filter(name => isNaN(name)).sort()"
    async with seated(stage, browser, NO_WORKER) as (_, seat):
        one = await seat.tab()
        without = await seat.tab("?tags=0")

        assert await one.page.evaluate(names) == await without.page.evaluate(names)


async def test_given_a_page_with_the_script_twice_then_it_runs_once(browser: Browser, stage: Stage):
    async with seated(stage, browser, NO_WORKER) as (kim, seat):
        before = stage.lines_opened()
        tab = await seat.tab("?tags=2")
        await tab.page.wait_for_timeout(2_000)
        assert stage.lines_opened() == before + 1

        stage.revoke(kim)

        await tab.is_at_sign_in(path="/desk?tags=2")


async def test_given_a_page_that_lacks_what_the_script_needs_then_it_hears_of_no_fault(
    browser: Browser, stage: Stage
):
    missing = (
        "for (const name of ['SharedWorker', 'BroadcastChannel', 'WebSocket', 'fetch'])"
        " window[name] = function () { throw new Error('none of that here'); }"
    )
    async with seated(stage, browser, missing) as (_, seat):
        tab = await seat.tab(line=False)
        await tab.page.wait_for_timeout(3_000)

        await tab.is_here()
        assert seat.faults == []


async def test_given_open_tabs_when_the_product_restarts_then_nobody_is_sent_away(
    browser: Browser,
):
    stage = Stage()
    try:
        async with seated(stage, browser) as (kim, seat), seated(stage, browser) as (_, other):
            tabs = [await seat.tab(), await other.tab()]
            stage.product.stop()
            await asyncio.sleep(3)
            stage.product.start()
            await asyncio.sleep(8)
            for tab in tabs:
                await tab.is_here()

            stage.revoke(kim)

            await tabs[0].is_at_sign_in()
            await tabs[1].is_here()
    finally:
        stage.remove()
