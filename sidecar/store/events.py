"""What happened, for those who act on it: each replica cuts the connections of ended sessions."""

from collections.abc import Collection
from types import MappingProxyType
from typing import Any

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.event_log import Event, EventPage
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store.database import Database
from sidecar.store.streams import StreamId, Streams

SESSION_ENDED = "session.ended"

FIRST = "0-0-00"
"""The id that is before all events."""

_AT_ONCE = 500
_MOST_READS = 20


class Events:
    """Reads the event streams, which the scripts write. Implements the ports `EventLog`
    and `EventFeed`."""

    def __init__(self, database: Database) -> None:
        keys = database.keys
        self._streams = Streams(database, [keys.events(part) for part in range(keys.partitions)])

    async def read(self, after: str | None, limit: int) -> tuple[Event, ...]:
        """Return events behind the id `after`, oldest first. Raises ValueError for a bad id."""
        items = await self._streams.oldest(limit, StreamId.parse(after) if after else None)
        return tuple(event_of(*item) for item in items)

    async def page(self, after: str, types: Collection[str], limit: int) -> EventPage:
        """As in the port. One call looks at a bounded number of events: at a page's end, or when
        these are through, the cursor says where to go on."""
        found: list[Event] = []
        for _ in range(_MOST_READS):
            events = await self.read(after or None, _AT_ONCE)
            for event in events:
                after = event.id
                if not types or event.action in types:
                    found.append(event)
                    if len(found) == limit:
                        return EventPage(found, after)
            if len(events) < _AT_ONCE:
                break
        return EventPage(found, after or FIRST)

    async def latest(self) -> str:
        return str(await self._streams.latest())

    async def positions(self) -> list[str]:
        """Return where to follow from, to see all that happens after this call."""
        return await self._streams.ends()

    async def since(self, positions: list[str]) -> tuple[Event, ...]:
        """Return what happened behind `positions`, and move them on. Nothing is missed when a call
        fails: the positions stay."""
        return tuple(event_of(*item) for item in await self._streams.since(positions, _AT_ONCE))

    async def upcoming(self, positions: list[str]) -> tuple[Event, ...]:
        """As `since`, but if there is nothing yet it is waited for, half a deadline at most."""
        return await self.since(positions) if await self._streams.wait(positions) else ()

    async def rewind(self, positions: list[str]) -> None:
        """After an outage: go back to where the store is, if it is not as far as `positions`."""
        await self._streams.rewind(positions)


def event_of(entry_id: StreamId, fields: dict[str, Any]) -> Event:
    """Return the event that the scripts wrote: `emit` in lua/common.lua."""
    kind, user_id = fields.get("k"), fields.get("u")
    handle, reason = fields.get("h"), fields.get("r")
    return Event(
        id=str(entry_id),
        at=entry_id.at,
        type=fields["t"],
        user_id=UserId(user_id) if user_id else None,
        username=fields.get("n", ""),
        handle=Handle(handle) if handle else None,
        reason=Ended(reason) if reason else None,
        actor=Actor(ActorKind(kind), fields.get("i", ""), fields.get("w", ""), fields.get("p", ""))
        if kind
        else None,
        details=MappingProxyType(fields.get("d") or {}),
    )
