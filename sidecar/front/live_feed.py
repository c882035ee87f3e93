"""What happens everywhere, for the consoles of one worker: one reader, however many follow.

It reads only while somebody follows. Whoever has seen the same asks the same, so all who are up to
date share one read.
"""

import asyncio
from collections.abc import Callable

from sidecar.core.event_log import EventLog, EventPage
from sidecar.core.ports import StoreUnavailable
from sidecar.store.background import end

MOST = 200
LATEST = "latest"
_PAUSE = 0.25

Told = Callable[[EventPage | None], None]
"""Hears what happened; None: the id that was given is none."""


class LiveFeed:
    """Tells followers what is behind the id that each of them has seen last."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._followers: dict[Told, str] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def resting(self) -> bool:
        """Say whether nothing is read, because nobody follows."""
        return self._task is None

    def follow(self, told: Told, after: str) -> None:
        """Tell `told` what happens behind `after`, at once where that is, and as it happens."""
        self._followers[told] = after
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, told: Told) -> None:
        """It wants to hear no more. Whoever never followed may leave, too."""
        self._followers.pop(told, None)

    async def stop(self) -> None:
        """Tell nobody anything more."""
        self._followers.clear()
        task, self._task = self._task, None
        await end(task)

    async def _run(self) -> None:
        while self._followers:
            for after in set(self._followers.values()):
                try:
                    page = await self._page(after)
                except StoreUnavailable:
                    continue  # Nothing is missed: the ids stay.
                self._tell(after, page)
            await asyncio.sleep(_PAUSE)
        self._task = None

    async def _page(self, after: str) -> EventPage | None:
        if after == LATEST:
            return EventPage((), await self._events.latest())
        try:
            return await self._events.page(after, (), MOST)
        except ValueError:
            return None

    def _tell(self, after: str, page: EventPage | None) -> None:
        for told, seen in list(self._followers.items()):
            if seen != after or told not in self._followers:
                continue
            if page is None:
                del self._followers[told]
            else:
                self._followers[told] = page.cursor
            if page is None or page.events or after == LATEST:
                told(page)
