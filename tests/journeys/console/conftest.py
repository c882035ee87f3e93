"""One product and one browser for all of these journeys: each makes its own people, so that none
meets another's."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.journeys.browser import chromium
from tests.journeys.console.everybody import LANGUAGES
from tests.journeys.console.stage import EDGE, PHONE, Person, Stage
from tests.journeys.console.tabs import PATIENCE, Console
from tests.ports import free_port


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    stage = Stage()
    try:
        stage.start()
        yield stage
    finally:
        stage.remove()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def pia(stage: Stage) -> Person:
    """Somebody with something to see on each page: many addresses, a long name, a history."""
    pia = stage.person("pia.with-an-uncommonly-long-name", displayName="Pia", groups=["sales"])
    for number, agent in enumerate((PHONE, EDGE, PHONE, EDGE, PHONE)):
        stage.sign_in(pia.name, ip=f"2001:db8:{number}:4444:5555:6666:7777:8888", agent=agent)
    stage.end_one(pia)
    stage.has_alarm(pia, "ip_spread")
    scopes = ["GET /reports/2026/of-a-department-with-a-long-name/**", "* /orders/*"]
    stage.admin("POST", "/agents", {"name": "pia's nightly export", "scopes": scopes})
    banned = stage.person("pia-banned")
    stage.admin("POST", f"/users/{banned.id}/ban", {"reason": "a test"})
    return pia


@pytest.fixture(scope="package")
def webhook(stage: Stage) -> str:
    """An endpoint that nobody listens at, with something waiting for it and tags enough."""
    types = ["session.revoked", "session.opened", "user.created", "user.banned", "user.deleted"]
    url = f"http://127.0.0.1:{free_port()}/a-path-of-uncommon-length/for-all-that-happens"
    body = {"url": url, "types": types, "description": "Nobody is there"}
    made = stage.admin("POST", "/webhooks", body)["webhook"]
    stage.person("webhooked")
    stage.has_delivery(made["id"])
    return str(made["id"])


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def tour(
    browser: Browser, stage: Stage, request: pytest.FixtureRequest
) -> AsyncIterator[Console]:
    """One console for all the pages in a language."""
    async with stage.console(browser, "/", language=LANGUAGES[request.param]) as console:
        yield console
