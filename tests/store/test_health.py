"""The store says how it is, as far as the account may ask."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from sidecar.core.store_state import StoreState
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.health import Health
from sidecar.store.keys import Keys
from tests.store.rig import Rig


@pytest.fixture
async def health(rig: Rig) -> Health:
    return Health(rig.database)


@pytest.fixture
async def restricted(redis_url: str, redis: Redis) -> AsyncIterator[Health]:
    """Asks with an account that may do what the product does, and nothing else."""
    await redis.execute_command(
        "ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", "-@dangerous", "-info", "-config"
    )
    client = connect(redis_url.replace("unix://", "unix://app:secret@"), timedelta(seconds=5))
    database = Database(client, Keys(), timedelta(seconds=5))
    yield Health(database)
    await database.close()
    await redis.execute_command("ACL", "DELUSER", "app")


async def test_given_a_store_when_it_is_asked_then_it_says_how_it_is(health: Health) -> None:
    state = await health.state()

    assert state.up
    assert state.latency is not None
    assert state.version[0].isdigit()
    assert state.used_memory
    assert state.mode == "single"
    assert state.persistent is False


async def test_given_a_journal_when_the_store_is_asked_then_it_is_persistent(
    health: Health, redis: Redis
) -> None:
    await redis.config_set("appendonly", "yes")

    state = await health.state()

    await redis.config_set("appendonly", "no")
    assert state.persistent is True


async def test_given_snapshots_when_the_store_is_asked_then_it_is_persistent(
    health: Health, redis: Redis
) -> None:
    await redis.config_set("save", "3600 1")

    state = await health.state()

    await redis.config_set("save", "")
    assert state.persistent is True


async def test_given_sentinels_when_the_store_is_asked_then_they_are_the_mode(rig: Rig) -> None:
    assert (await Health(rig.database, sentinel=True).state()).mode == "sentinel"


async def test_given_an_account_that_may_not_ask_then_the_rest_is_still_said(
    restricted: Health,
) -> None:
    state = await restricted.state()

    assert (state.up, state.version, state.used_memory, state.persistent) == (True, "", None, None)


async def test_given_a_silent_store_when_it_is_asked_then_it_is_not_up() -> None:
    silent = Rig("unix:///nowhere")

    assert await Health(silent.database).state() == StoreState(up=False)
