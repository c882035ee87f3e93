"""The house in which things are open."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.journeys.live.application import Application
from tests.journeys.live.house import PASSWORD, House
from tests.journeys.running import Product


@pytest.fixture(scope="package")
def application() -> Iterator[Application]:
    application = Application()
    application.start()
    yield application
    application.stop()


@pytest.fixture(scope="package")
def house(application: Application) -> Iterator[House]:
    product = Product(application.port, 'workers = 2\ndrain_timeout = "1s"')
    product.start()
    product.add_user("owner", PASSWORD, "owner")
    house = House(application, product)
    house.owner = asyncio.run(house.sign_in("owner"))
    yield house
    product.remove()
