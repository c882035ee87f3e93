"""A house whose mount is served, with a person who is signed in from two devices."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.users import Role
from tests.account.devices import Device, enter
from tests.house import Client, House, a_house, served


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        await built.add("alice", Role.USER)
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def laptop(client: Client) -> Device:
    return await enter(client, "alice")


@pytest.fixture
async def phone(client: Client, laptop: Device) -> Device:
    """The same person, later."""
    return await enter(client, "alice", address="198.51.100.7")


@pytest.fixture
async def stranger(house: House, client: Client) -> Device:
    await house.add("mallory", Role.OWNER)
    return await enter(client, "mallory", address="192.0.2.66")
