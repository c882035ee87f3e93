"""The port to the events: what happened, for programs that act on it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from sidecar.core.audit import Actor
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import UserId


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. type: `session.ended`, with its reason, or one of `event_types.py`.
    actor: None for what was written before it was kept. details: texts that the type names."""

    id: str
    at: datetime
    type: str
    user_id: UserId | None = None
    username: str = ""
    handle: Handle | None = None
    reason: Ended | None = None
    actor: Actor | None = None
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def action(self) -> str:
        """The type as the API says it: the audit action, also of a session's end."""
        return self.reason.audit_action if self.reason else self.type


class EventPage(NamedTuple):
    """cursor: read on from here. It moves on past events of other types too, so that a page may be
    empty and the next one not."""

    events: Sequence[Event]
    cursor: str


class EventLog(Protocol):
    """Every method raises StoreUnavailable when the store did not answer in time."""

    async def page(self, after: str, types: Collection[str], limit: int) -> EventPage:
        """Return events behind the id `after` (empty: from the first one), oldest first, with one
        of these actions (empty: all). Whoever goes on with the cursor, or the id of the last event,
        misses none. Raises ValueError for what was never an id."""
        ...

    async def latest(self) -> str:
        """Return the cursor behind everything that has happened by now."""
        ...


class EventFeed(Protocol):
    """What happens from now on. positions: one for each stream, moved on by what is read, and left
    as they are by a read that failed. Every method raises StoreUnavailable when the store did not
    answer in time."""

    async def positions(self) -> list[str]:
        """Return where to read from, to see all that happens after this call."""
        ...

    async def upcoming(self, positions: list[str]) -> Sequence[Event]:
        """Return what happened behind `positions`, oldest first; if nothing has, wait for it, half
        a deadline at most."""
        ...

    async def rewind(self, positions: list[str]) -> None:
        """After an outage: go back to where the store is, if it is not as far as `positions`."""
        ...
