"""One product and one browser for all of these journeys: each makes its own people, so that none
meets another's."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.journeys.browser import chromium
from tests.journeys.console.stage import Stage


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
    async with chromium() as started:
        yield started
