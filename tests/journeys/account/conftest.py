"""One product and one browser for all of these journeys: each makes its own people."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.journeys.account.home import Home
from tests.journeys.browser import chromium
from tests.journeys.console.tabs import PATIENCE


@pytest.fixture(scope="package")
def home() -> Iterator[Home]:
    home = Home()
    try:
        home.start()
        yield home
    finally:
        home.remove()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with chromium() as started:
        yield started
