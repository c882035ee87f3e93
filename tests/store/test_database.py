"""One way to Redis: deadlines, scripts, and waiting in line."""

import asyncio

import pytest
from redis.asyncio import Redis

from sidecar.core.ports import StoreUnavailable
from sidecar.store.scripts import OWNER_LEAVE, REPLACE, Script
from tests.store.rig import Rig


async def test_given_more_callers_than_connections_then_they_wait_in_line(rig: Rig) -> None:
    answers = await asyncio.gather(*(rig.database.command("INCR", "n") for _ in range(500)))

    assert sorted(answers) == list(range(1, 501))


async def test_given_a_script_that_redis_does_not_know_then_it_is_sent_once(
    rig: Rig, redis: Redis
) -> None:
    await redis.script_flush()
    await redis.set("k", "old")

    assert await rig.database.run_on(REPLACE, ["k"], "old", "new") == 1
    assert await rig.database.run_on(REPLACE, ["k"], "old", "newer") == 0
    assert await redis.get("k") == b"new"
    assert await redis.script_exists(REPLACE.sha, OWNER_LEAVE.sha) == [True, False]


async def test_given_a_script_that_fails_then_the_store_is_unavailable(rig: Rig) -> None:
    broken = Script("broken", ("return redis.call('INCR', 'no', 'such', 'form')",), "0" * 40)

    with pytest.raises(StoreUnavailable):
        await rig.database.run_on(broken, ["k"])


async def test_given_a_caller_that_is_cancelled_then_the_next_answer_is_not_theirs(
    rig: Rig, redis: Redis
) -> None:
    await redis.set("a", "answer")
    for _ in range(30):
        task = asyncio.create_task(rig.database.command("BLPOP", "nothing", 0.05))
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        assert await rig.database.command("GET", "a") == b"answer"


async def test_given_several_reads_then_they_are_answered_in_their_order(rig: Rig) -> None:
    await rig.database.command("SET", "{x}a", "1")
    await rig.database.command("SET", "{x}b", "2")

    answers = await rig.database.read_all([("GET", "{x}b"), ("GET", "{x}c"), ("GET", "{x}a")])

    assert answers == [b"2", None, b"1"]


async def test_given_several_reads_when_one_fails_then_the_store_is_unavailable(rig: Rig) -> None:
    await rig.database.command("SET", "{x}a", "1")

    with pytest.raises(StoreUnavailable):
        await rig.database.read_all([("GET", "{x}a"), ("LRANGE", "{x}a", 0, 1)])
