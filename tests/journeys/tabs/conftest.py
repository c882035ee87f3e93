"""One product and one browser for all of these journeys; each has people of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.journeys.browser import chromium
from tests.journeys.tabs.stage import Stage


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.remove()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    # Pages that were left are kept as they were, as everywhere outside tests.
    async with chromium(without=["--disable-back-forward-cache"]) as started:
        yield started
