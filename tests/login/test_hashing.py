import asyncio
import os
import threading
from collections.abc import AsyncIterator

import pytest

from sidecar.login.hashing import Hashing, HashingBusy

SMALL_KIB = 64


@pytest.fixture
async def hashing() -> AsyncIterator[Hashing]:
    made = Hashing(memory_kib=SMALL_KIB, passes=1)
    yield made
    made.close()


async def test_given_a_password_when_it_is_hashed_then_only_it_is_right(hashing: Hashing) -> None:
    stored = await hashing.hash_password("correct horse battery staple")

    assert stored.startswith("$argon2id$v=19$")
    assert "correct" not in stored
    assert await hashing.verify_password(stored, "correct horse battery staple")
    assert not await hashing.verify_password(stored, "correct horse battery staple ")
    assert not await hashing.verify_password(stored, "Correct horse battery staple")


async def test_given_the_defaults_then_the_parameters_are_those_of_owasp() -> None:
    hashing = Hashing()

    stored = await hashing.hash_password("correct horse battery staple")

    hashing.close()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_s_80_given_passwords_equal_in_72_bytes_then_only_the_right_one_works(
    hashing: Hashing,
) -> None:
    stored = await hashing.hash_password("a" * 72 + "right")

    assert await hashing.verify_password(stored, "a" * 72 + "right")
    assert not await hashing.verify_password(stored, "a" * 72 + "wrong")
    assert not await hashing.verify_password(stored, "a" * 72)


async def test_given_two_spellings_of_one_text_then_both_are_right(hashing: Hashing) -> None:
    stored = await hashing.hash_password("re\u0301sume\u0301 for nobody")

    assert await hashing.verify_password(stored, "r\u00e9sum\u00e9 for nobody")


async def test_s_76_given_no_hash_when_it_is_verified_then_it_is_wrong_at_the_same_cost(
    hashing: Hashing,
) -> None:
    assert not await hashing.verify_password(None, "correct horse battery staple")
    assert not await hashing.verify_password("", "correct horse battery staple")
    assert hashing._nobodys.startswith(f"$argon2id$v=19$m={SMALL_KIB},t=1,p=1$")
    assert not hashing.needs_rehash(hashing._nobodys)


async def test_given_a_stored_hash_that_is_none_then_no_password_is_right(
    hashing: Hashing,
) -> None:
    assert not await hashing.verify_password("$2b$12$not-ours", "correct horse battery staple")
    assert not hashing.needs_rehash("$2b$12$not-ours")


async def test_given_a_hash_of_older_parameters_then_a_new_one_is_due(hashing: Hashing) -> None:
    older = Hashing(memory_kib=32, passes=1)
    stored = await older.hash_password("correct horse battery staple")
    older.close()

    assert hashing.needs_rehash(stored)
    assert await hashing.verify_password(stored, "correct horse battery staple")
    assert not hashing.needs_rehash(await hashing.hash_password("x"))


async def test_s_79_given_a_full_queue_when_one_more_comes_then_it_is_told_to_come_back() -> None:
    hashing = Hashing(threads=1, waiting=3, memory_kib=SMALL_KIB, passes=1)
    gate = threading.Event()
    hashing._pool.submit(gate.wait)
    flood = [asyncio.create_task(hashing.verify_password(None, "x")) for _ in range(4)]
    await asyncio.sleep(0)

    with pytest.raises(HashingBusy):
        await hashing.verify_password(None, "x")

    gate.set()
    assert await asyncio.gather(*flood) == [False] * 4
    assert await hashing.verify_password(None, "x") is False
    hashing.close()


async def test_given_a_caller_that_went_away_then_its_place_is_free_again() -> None:
    hashing = Hashing(threads=1, waiting=1, memory_kib=SMALL_KIB, passes=1)
    gate = threading.Event()
    hashing._pool.submit(gate.wait)
    waiting = [asyncio.create_task(hashing.verify_password(None, "x")) for _ in range(2)]
    await asyncio.sleep(0)

    for task in waiting:
        task.cancel()
    gate.set()
    await asyncio.gather(*waiting, return_exceptions=True)

    assert await hashing.verify_password(None, "x") is False
    hashing.close()


async def test_given_the_pool_then_its_thread_steps_back_behind_the_event_loop(
    hashing: Hashing,
) -> None:
    niceness = hashing._pool.submit(
        lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    ).result()

    assert niceness >= 10
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < niceness


async def test_given_a_closed_pool_then_the_answer_is_busy(hashing: Hashing) -> None:
    hashing.close()

    with pytest.raises(HashingBusy):
        await hashing.hash_password("x")
