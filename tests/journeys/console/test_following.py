"""How a console hears of what happens elsewhere: on a line that stays open, or by asking again."""

import pytest
from playwright.async_api import Browser

from tests.journeys.console.stage import Stage
from tests.journeys.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="package")
FEED = "/api/admin/events"


async def test_given_an_open_line_when_somebody_signs_in_then_the_list_shows_it_without_asking(
    browser: Browser, stage: Stage
):
    first, second = stage.person("followed"), stage.person("followed")
    stage.sign_in(first.name)
    async with stage.console(browser, "/") as console:
        asked: list[str] = []
        said: list[str] = []

        async def follows() -> bool:
            return any('"follow"' in text for text in said)

        console.page.on(
            "websocket",
            lambda line: line.on("framesent", lambda frame: said.append(str(frame))),
        )
        await console.go("/sessions?q=followed")
        await until(follows, "the console followed")
        console.page.on("request", lambda request: asked.append(request.url))

        stage.sign_in(second.name)
        await console.page.mouse.move(5, 5)
        await console.shows(second, first)

        assert [url for url in asked if FEED in url] == []


async def test_given_no_websocket_when_somebody_signs_in_then_the_list_shows_it_by_asking(
    browser: Browser, stage: Stage
):
    first, second = stage.person("asked"), stage.person("asked")
    stage.sign_in(first.name)
    async with stage.console(browser, "/") as console:
        await console.page.route_web_socket("**/live", lambda line: line.close())
        await console.go("/sessions?q=asked")
        await console.shows(first)

        stage.sign_in(second.name)
        await console.page.mouse.move(5, 5)

        await console.shows(second, first)
