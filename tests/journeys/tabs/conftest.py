"""One product and one browser for all of these journeys; each has people of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.journeys.browser import chromium
from tests.journeys.tabs.stage import PATIENCE, Stage


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.remove()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    # Pages that were left are kept as they were, as everywhere outside tests.
    async with chromium(without=["--disable-back-forward-cache"]) as started:
        yield started
