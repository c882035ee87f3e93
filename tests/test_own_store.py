import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from sidecar.own_store import store_at_hand
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.store.embedded import EmbeddedRedisFailed


@pytest.fixture
def state_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scs-", dir="/tmp") as folder:
        yield Path(folder)


def embedded(state_dir: Path) -> Settings:
    return load_settings(None, {}, {"state_dir": str(state_dir)})


async def test_given_a_store_elsewhere_when_it_is_asked_for_then_the_settings_stay_as_they_are(
    state_dir: Path,
) -> None:
    settings = load_settings(
        None, {}, {"redis.url": "redis://elsewhere", "state_dir": str(state_dir)}
    )

    async with store_at_hand(settings) as given:
        assert given == settings
    assert not list(state_dir.iterdir())


async def test_given_no_store_when_one_is_asked_for_then_it_is_there_and_its_data_stay(
    state_dir: Path,
) -> None:
    async with (
        store_at_hand(embedded(state_dir)) as settings,
        Redis.from_url(settings.redis.url.text) as client,
    ):
        await client.set("kept", "yes")

    async with (
        store_at_hand(embedded(state_dir)) as settings,
        Redis.from_url(settings.redis.url.text) as client,
    ):
        assert await client.get("kept") == b"yes"


async def test_given_our_server_is_killed_when_a_moment_passed_then_it_is_back_at_its_address(
    state_dir: Path,
) -> None:
    async with (
        store_at_hand(embedded(state_dir)) as settings,
        Redis.from_url(settings.redis.url.text) as client,
    ):
        server = (await client.info("server"))["process_id"]
        await client.set("kept", "yes")
        os.kill(server, signal.SIGKILL)

        for _ in range(1000):
            try:
                value = await client.get("kept")
                break
            except (RedisError, OSError):
                await asyncio.sleep(0.02)
        else:
            pytest.fail("the server never came back")

    assert value == b"yes"


async def test_given_a_state_folder_in_use_when_a_store_is_asked_for_then_it_is_refused(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.store.embedded.EmbeddedRedis.start", _in_use)

    with pytest.raises(EmbeddedRedisFailed):
        async with store_at_hand(embedded(state_dir)):
            pytest.fail("there was a store")


def _in_use(_server: object) -> str:
    raise EmbeddedRedisFailed("in use by another sidecar")
