"""Things beside requests: done once at a time, and ended though they do not always listen."""

import asyncio
from contextlib import suppress
from functools import partial

from sidecar.store.background import Behind, end


async def test_given_a_task_that_waits_when_it_is_ended_then_it_is_over() -> None:
    task = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)

    await end(task)

    assert task.cancelled()


async def test_given_a_task_that_swallows_a_cancellation_when_ended_then_it_is_asked_again() -> (
    None
):
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while swallowed < 2:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
            swallowed += 1
        await asyncio.sleep(3600)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)

    async with asyncio.timeout(30):
        await end(task)

    assert task.cancelled()
    assert swallowed == 2


async def test_given_a_task_that_failed_or_none_when_it_is_ended_then_nothing_is_raised() -> None:
    async def fails() -> None:
        raise ValueError

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)

    await end(task)
    await end(None)

    assert task.done()


async def test_given_work_for_a_key_when_more_comes_for_it_then_it_is_done_once_at_a_time() -> None:
    behind: Behind[str] = Behind()
    done: list[str] = []

    async def work(word: str) -> None:
        await asyncio.sleep(0)
        done.append(word)

    begun = [behind.begin(key, partial(work, key)) for key in ("a", "a", "b")]
    await behind.finish()
    begun.append(behind.begin("a", lambda: work("again")))
    await behind.finish()

    assert begun == [True, False, True, True]
    assert done == ["a", "b", "again"]


async def test_given_work_that_fails_when_it_is_finished_then_nothing_is_raised() -> None:
    behind: Behind[str] = Behind()

    async def fails() -> None:
        raise ValueError

    behind.begin("a", fails)

    await behind.finish()
