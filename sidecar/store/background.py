"""What runs beside requests: one thing at a time for each key, and how it ends."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)

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


class Behind(Generic[_K]):
    """What is done behind the answers."""

    def __init__(self) -> None:
        self._tasks: dict[_K, asyncio.Task[None]] = {}

    def begin(self, key: _K, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Do it, unless something is being done for that key; say which. Never waits."""
        if key in self._tasks:
            return False
        task = self._tasks[key] = asyncio.get_running_loop().create_task(work())
        task.add_done_callback(lambda _: self._tasks.pop(key, None))
        return True

    async def finish(self) -> None:
        """Return when all of it is done. Does not raise."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
