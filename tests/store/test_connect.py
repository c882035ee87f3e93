"""From a URL to a client, and from failures to StoreUnavailable."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool

from sidecar.core.ports import StoreUnavailable
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from sidecar.store.scripts import TOUCH

DEADLINE = timedelta(milliseconds=200)
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def a_database(url: str, deadline: timedelta = DEADLINE) -> Database:
    return Database(connect(url, deadline), Keys(), deadline)


@asynccontextmanager
async def a_server(answer: Answer) -> AsyncIterator[str]:
    """Run something that speaks as if it were Redis; yield its URL."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"redis://127.0.0.1:{port}"
    server.close()


def saying(line: bytes) -> Answer:
    """Greet as Redis does, then answer every command with one line."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            greeting = b"CLIENT" in data or b"HELLO" in data
            writer.write(b"+OK\r\n" * data.count(b"CLIENT") if greeting else line + b"\r\n")
        writer.close()

    return answer


async def test_given_a_real_redis_then_every_form_of_its_address_works(redis_url: str) -> None:
    database = a_database(redis_url, timedelta(seconds=2))

    assert await database.command("SET", "a", "b")
    assert await database.command("GET", "a") == b"b"
    assert await database.time() > 1_700_000_000
    await database.close()


@pytest.mark.parametrize(
    "line",
    [
        b"-LOADING Redis is loading the dataset in memory",
        b"-READONLY You can't write against a read only replica.",
        b"-OOM command not allowed when used memory > 'maxmemory'.",
        b"-BUSY Redis is busy running a script.",
        b"-WRONGPASS invalid username-password pair or user is disabled.",
        b"-NOPERM this user has no permissions",
        b"-NOAUTH Authentication required.",
        b"-MISCONF Redis is configured to save RDB snapshots",
        b"-MASTERDOWN Link with MASTER is down",
        b"-NOSCRIPT No matching script.",
        b"-CLUSTERDOWN The cluster is down",
        b"!nonsense",
    ],
)
async def test_given_a_redis_that_refuses_then_the_store_is_unavailable(line: bytes) -> None:
    async with a_server(saying(line)) as url:
        database = a_database(url)

        with pytest.raises(StoreUnavailable):
            await database.command("GET", "a")
        with pytest.raises(StoreUnavailable):
            await database.run_on(TOUCH, ["a"])
        await database.close()


async def test_given_a_redis_that_accepts_and_is_silent_then_the_deadline_ends_the_wait() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with a_server(silent) as url:
        database = a_database(url)

        results = await asyncio.gather(
            *(database.command("GET", "a") for _ in range(100)), return_exceptions=True
        )

        assert all(isinstance(result, StoreUnavailable) for result in results)
        await database.close()


async def test_given_a_reply_that_is_cut_off_then_it_is_a_failure_and_not_an_answer() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read(4096)
        writer.write(b"+OK\r\n" * data.count(b"CLIENT"))
        await reader.read(4096)
        writer.write(b"$100\r\nhalf")
        writer.close()

    async with a_server(cut) as url:
        database = a_database(url)

        with pytest.raises(StoreUnavailable):
            await database.command("GET", "a")
        await database.close()


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1", "unix:///nowhere", "redis+sentinel://127.0.0.1:1/m"]
)
async def test_given_nobody_there_then_the_store_is_unavailable(url: str) -> None:
    database = a_database(url)

    with pytest.raises(StoreUnavailable):
        await database.command("PING")
    await database.close()


async def test_given_a_cluster_that_is_not_there_then_the_store_is_unavailable() -> None:
    database = a_database("redis+cluster://127.0.0.1:1,127.0.0.1:2")

    with pytest.raises(StoreUnavailable):
        await database.command("GET", "a")
    await database.close()


async def test_given_a_sentinel_url_then_its_parts_reach_the_master_and_the_sentinels() -> None:
    client = connect(
        "redis+sentinel://me:p%40ss@one:1,[::1]:2,three/main?db=3&sentinel_password=s&tls=true",
        DEADLINE,
    )

    assert isinstance(client, Redis)
    pool = client.connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    kwargs = pool.connection_kwargs
    assert (pool.service_name, kwargs["db"]) == ("main", 3)
    assert (kwargs["username"], kwargs["password"]) == ("me", "p@ss")
    asked = [s.connection_pool.connection_kwargs for s in pool.sentinel_manager.sentinels]
    assert [(k["host"], k["port"]) for k in asked] == [("one", 1), ("::1", 2), ("three", 26379)]
    assert {k["password"] for k in asked} == {"s"}


def test_given_a_sentinel_url_with_a_database_in_its_path_then_it_is_no_part_of_the_name() -> None:
    client = connect("redis+sentinel://one:1/main/3", DEADLINE)

    assert isinstance(client, Redis)
    pool = client.connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    assert (pool.service_name, pool.connection_kwargs["db"]) == ("main", 3)


async def test_given_a_cluster_url_then_its_nodes_are_where_it_begins() -> None:
    client = connect("redis+cluster://:pw@one:7000,two:7001", DEADLINE)

    assert isinstance(client, RedisCluster)
    assert [(node.host, node.port) for node in client.startup_nodes] == [
        ("one", 7000),
        ("two", 7001),
    ]


@pytest.mark.parametrize(
    "url", ["http://a", "embedded", "redis+sentinel://a:1", "redis+cluster://,"]
)
def test_given_a_url_of_no_known_form_then_it_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"connect|name of the master|host:port"):
        connect(url, DEADLINE)
