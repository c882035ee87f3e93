"""Redis goes away while things are open, and comes back: who lives on stays, who ended is cut.

F-01, F-02: an outage signs nobody out. F-08: what the store has lost is let go.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.journeys.live.application import Application
from tests.journeys.live.house import PASSWORD, House, handle_of
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import Product
from tests.journeys.waiting import until


@pytest.fixture(scope="module")
def store() -> Iterator[RedisServer]:
    store = RedisServer()
    store.start()
    yield store
    store.remove()


@pytest.fixture(scope="module")
def house(application: Application, store: RedisServer) -> Iterator[House]:
    product = Product(
        application.port, 'workers = 2\ndrain_timeout = "1s"', tables=store.hasty_settings
    )
    product.start()
    product.add_user("owner", PASSWORD, "owner")
    house = House(application, product)
    house.owner = asyncio.run(house.sign_in("owner"))
    yield house
    product.remove()


@asynccontextmanager
async def aside(store: RedisServer, product: Product) -> AsyncIterator[Path]:
    """Run the store where the workers do not see it; yield the settings of who does."""
    socket_path, url = store.socket_path, store.url
    store.kill()
    store.socket_path = store.folder / "aside"
    store.url = f"unix://{store.socket_path}"
    await asyncio.to_thread(store.start)
    config = product.folder / "aside.toml"
    config.write_text(product.config.read_text().replace(url, store.url))
    yield config
    store.kill()
    store.socket_path, store.url = socket_path, url
    await asyncio.to_thread(store.start)


async def until_ready(house: House) -> None:
    async def is_ready() -> bool:
        return (await asyncio.to_thread(house.product.ops, "/readyz"))[0] == 200

    await until(is_ready, "it is ready again")


@pytest.mark.parametrize("events", ["kept", "lost"])
async def test_f01_given_the_store_is_away_when_a_session_ends_there_then_it_is_cut_on_the_return(
    house: House, store: RedisServer, events: str
) -> None:
    name = f"away-{events}"
    await house.person(name)
    ending, staying = await house.sign_in(name), await house.sign_in(name)
    held, kept = await house.hold_on_both(ending), await house.hold_on_both(staying)

    async with aside(store, house.product) as config:
        done = await asyncio.to_thread(
            house.product.command, "sessions", "revoke", handle_of(ending), config=config
        )
        assert done.returncode == 0, done.stderr
        if events == "lost":
            with store.client() as client:
                assert client.delete("sidecar:{p00}:events")
        await held.is_whole()
        await kept.is_whole()

    await held.is_ended("session_revoked")
    await until_ready(house)
    await kept.is_whole()
    for holding in (held, kept):
        await holding.close()


@pytest.mark.parametrize("how", ["silent", "gone"])
async def test_f02_given_the_store_is_away_when_it_returns_then_all_that_is_open_has_stayed(
    house: House, store: RedisServer, how: str
) -> None:
    await house.person(f"away-{how}")
    token = await house.sign_in(f"away-{how}")
    holding = await house.hold_on_both(token)

    store.freeze() if how == "silent" else store.kill()
    async with asyncio.timeout(30):
        while (await asyncio.to_thread(house.product.ops, "/readyz"))[0] == 200:
            await holding.is_whole()
    await holding.is_whole()
    await asyncio.to_thread(store.mend)
    await until_ready(house)
    await holding.is_whole()

    # And those who come back are heard at once.
    await house.act("DELETE", f"/sessions/{handle_of(token)}")
    await holding.is_ended("session_revoked")
    await holding.close()


async def test_f08_given_the_store_comes_back_without_anything_then_nothing_stays_open(
    house: House, store: RedisServer
) -> None:
    await house.person("lost")
    token = await house.sign_in("lost")
    holding = await house.hold_on_both(token)

    store.kill()
    for file in [*store.folder.glob("appendonlydir/*"), *store.folder.glob("*.aof")]:
        file.unlink()
    await asyncio.to_thread(store.start)

    await holding.is_ended("session_revoked")
    await holding.close()
