"""Waiting for what happens by and by: ask again until it is so."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 30.0
_AGAIN = 0.05


async def until(is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    """Ask until the answer is yes. After half a minute fail, naming `what` was waited for."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await is_so():
                    return
                await asyncio.sleep(_AGAIN)
    except TimeoutError:
        raise AssertionError(f"it never happened: {what}") from None
