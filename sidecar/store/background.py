"""Ending what runs beside requests."""

import asyncio

_ASK_AGAIN = 0.2


async def end(task: "asyncio.Task[None] | None") -> None:
    """Cancel a task and return when it is over, whatever came of it.

    It is asked again until it listens: redis-py can swallow a cancellation that meets one of its
    own timeouts, and a loop around it would then go on for ever.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_ASK_AGAIN)
    if task is not None and not task.cancelled():
        task.exception()
