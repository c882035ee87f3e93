"""The strict check's look at the store, on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from sidecar.core.ports import Look, StoreUnavailable, Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.token import new_handle
from sidecar.store.codec import dump, encode, hash_text, to_ms
from sidecar.store.dial import PoolDial
from sidecar.store.keys import Keys
from sidecar.store.reads import BatchedReads
from sidecar.store.wire import Wire
from tests.store.seeds import NOW, a_session, random_bytes

KEYS = Keys()


@pytest.fixture
async def reads(redis_url: str) -> AsyncIterator[BatchedReads]:
    client = Redis.from_url(redis_url)
    wire = Wire(PoolDial(client), 5.0, lambda up: None, lambda seconds: None)
    await wire.start()
    yield BatchedReads(wire, KEYS)
    await wire.close()
    await client.aclose()


def a_handle() -> Handle:
    return new_handle(NOW, 0, random_bytes())


async def seed(redis: Redis, **facts: object) -> Session:
    session = a_session(handle=a_handle(), **facts)
    await redis.set(KEYS.session(session.handle), encode(session))
    await redis.set(KEYS.last_active(session.handle), to_ms(session.last_active_at))
    return session


async def look(reads: BatchedReads, handle: Handle) -> Look:
    future: asyncio.Future[Look] = asyncio.get_running_loop().create_future()
    reads.ask(handle, future.set_result)
    async with asyncio.timeout(10):
        return await future


async def calls(redis: Redis) -> int:
    statistics = await redis.info("commandstats")
    return int(statistics.get("cmdstat_mget", {}).get("calls", 0))


async def test_given_a_session_when_it_is_looked_at_then_all_of_it_is_there(
    reads: BatchedReads, redis: Redis
):
    session = await seed(redis, username="bob", last_active_at=NOW + timedelta(minutes=5))

    assert await look(reads, session.handle) == session


async def test_given_a_session_that_changes_when_it_is_looked_at_again_then_the_change_is_seen(
    reads: BatchedReads, redis: Redis
):
    session = await seed(redis)
    await look(reads, session.handle)
    later = session.last_active_at + timedelta(seconds=1)
    await redis.set(KEYS.last_active(session.handle), to_ms(later))

    active = await look(reads, session.handle)
    await redis.delete(KEYS.session(session.handle))

    assert isinstance(active, Session)
    assert active.last_active_at == later
    assert await look(reads, session.handle) is None


async def test_given_a_tombstone_when_it_is_looked_at_then_it_says_why(
    reads: BatchedReads, redis: Redis
):
    handle = a_handle()
    record = dump([-1, to_ms(NOW), "revoked", "u1", hash_text(b"h" * 32)])
    await redis.set(KEYS.session(handle), record)

    assert await look(reads, handle) == Tombstone(
        Ended.REVOKED, NOW, a_session().user_id, b"h" * 32
    )


async def test_given_many_questions_in_one_turn_when_they_are_asked_then_one_command_answers_them(
    reads: BatchedReads, redis: Redis
):
    sessions = [await seed(redis, username=f"user{number}") for number in range(30)]
    handles = [session.handle for session in sessions] + [sessions[0].handle, a_handle()]
    before = await calls(redis)

    looks = await asyncio.gather(*(look(reads, handle) for handle in handles))

    assert await calls(redis) == before + 1
    assert looks == [*sessions, sessions[0], None]


async def test_given_one_question_after_another_when_they_are_asked_then_each_reads_anew(
    reads: BatchedReads, redis: Redis
):
    session = await seed(redis)
    before = await calls(redis)

    for _ in range(3):
        await look(reads, session.handle)

    assert await calls(redis) == before + 3


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"{}",
        b"[]",
        b"[9,1,2]",
        b"[1,2,3]",
        b'"text"',
        b"[" * 5_000 + b"]" * 5_000,
        encode(a_session()).replace(b"1779010200123", b"9" * 30),
    ],
)
async def test_given_a_record_that_cannot_be_read_when_others_are_asked_too_then_only_it_is_refused(
    reads: BatchedReads, redis: Redis, record: bytes
):
    good, bad = await seed(redis), a_handle()
    await redis.set(KEYS.session(bad), record)

    unreadable, readable = await asyncio.gather(look(reads, bad), look(reads, good.handle))

    assert isinstance(unreadable, StoreUnavailable)
    assert readable == good


async def test_given_an_answer_that_fails_when_it_is_told_then_the_others_are_told_all_the_same(
    reads: BatchedReads, redis: Redis
):
    first, second = await seed(redis), await seed(redis)

    def fail(_: Look) -> None:
        raise RuntimeError("a mistake")

    reads.ask(first.handle, fail)
    one, other = await asyncio.gather(look(reads, first.handle), look(reads, second.handle))

    assert (one, other) == (first, second)


async def test_given_a_store_that_is_not_there_when_it_is_asked_then_that_is_the_answer():
    async def dial(protocol: asyncio.Protocol) -> list[tuple[bytes, ...]]:
        raise ConnectionRefusedError

    wire = Wire(dial, 0.2, lambda up: None, lambda seconds: None)
    reads = BatchedReads(wire, KEYS)

    answers = await asyncio.gather(*(look(reads, a_handle()) for _ in range(3)))

    assert [type(answer) for answer in answers] == [StoreUnavailable] * 3


async def test_given_two_sessions_that_are_alike_when_they_are_looked_at_then_each_is_itself(
    reads: BatchedReads, redis: Redis
):
    one, other = await seed(redis), await seed(redis)

    looks = [await look(reads, one.handle), await look(reads, other.handle)]

    assert looks == [one, other]
