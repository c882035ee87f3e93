"""What happened, for those who act on it: each replica cuts the connections of ended sessions."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store.database import Database
from sidecar.store.streams import StreamId, Streams

SESSION_ENDED = "session.ended"

_PAUSE = 0.1
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. type: `session.ended`, with its reason, or an audit action."""

    id: str
    at: datetime
    type: str
    user_id: UserId | None = None
    username: str = ""
    handle: Handle | None = None
    reason: Ended | None = None


class Events:
    """Reads the event streams. The scripts write them."""

    def __init__(self, database: Database) -> None:
        keys = database.keys
        self._streams = Streams(database, [keys.events(part) for part in range(keys.partitions)])

    async def read(self, after: str | None, limit: int) -> tuple[Event, ...]:
        """Return events behind the id `after`, oldest first. Raises ValueError for a bad id."""
        items = await self._streams.oldest(limit, StreamId.parse(after) if after else None)
        return tuple(_event(*item) for item in items)

    async def positions(self) -> list[str]:
        """Return where to follow from, to see all that happens after this call."""
        return await self._streams.ends()

    async def since(self, positions: list[str]) -> tuple[Event, ...]:
        """Return what happened behind `positions`, and move them on. Nothing is missed when a call
        fails: the positions stay."""
        return tuple(_event(*item) for item in await self._streams.since(positions, _AT_ONCE))

    async def follow(self, positions: list[str]) -> AsyncIterator[Event]:
        """Yield what happens behind `positions`, for ever. Raises StoreUnavailable; call again with
        the same positions to go on."""
        while True:
            events = await self.since(positions)
            for event in events:
                yield event
            if not events:
                await asyncio.sleep(_PAUSE)


def _event(entry_id: StreamId, fields: dict[str, Any]) -> Event:
    user_id, handle, reason = fields.get("u"), fields.get("h"), fields.get("r")
    return Event(
        id=str(entry_id),
        at=entry_id.at,
        type=fields["t"],
        user_id=UserId(user_id) if user_id else None,
        username=fields.get("n", ""),
        handle=Handle(handle) if handle else None,
        reason=Ended(reason) if reason else None,
    )
