"""A house whose mount is served, with somebody of each role signed in when a test names them."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.users import Role
from tests.admin.staff import NAMES, Person, enter
from tests.house import Client, House, a_house, served


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def owner(house: House, client: Client) -> Person:
    return await enter(house, client, NAMES[Role.OWNER], Role.OWNER)


@pytest.fixture
async def admin(house: House, client: Client) -> Person:
    return await enter(house, client, NAMES[Role.ADMIN], Role.ADMIN)


@pytest.fixture
async def viewer(house: House, client: Client) -> Person:
    return await enter(house, client, NAMES[Role.VIEWER], Role.VIEWER)


@pytest.fixture
async def user(house: House, client: Client) -> Person:
    return await enter(house, client, NAMES[Role.USER], Role.USER)
