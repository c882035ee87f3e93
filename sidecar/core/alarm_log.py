"""The ports to the alarms: for those who look at them, and for what raises them.

Every method raises StoreUnavailable when the store did not answer in time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sidecar.core.alarm_facts import FailureRate, Mark, Observation, PersonFacts
from sidecar.core.alarms import Alarm, AlarmState, Finding
from sidecar.core.audit import Actor
from sidecar.core.policy import AlarmRule
from sidecar.core.users import UserId


@dataclass(frozen=True, slots=True)
class AlarmFilter:
    """Which alarms; each part that is given narrows."""

    kind: str = ""
    state: AlarmState | None = None
    user_id: UserId | None = None


class AlarmPage(NamedTuple):
    """active: how many there are in all that nobody has acknowledged."""

    items: Sequence[Alarm]
    total: int
    active: int


class AlarmCounts(NamedTuple):
    """By kind; kinds without any are left out. active: neither acknowledged nor resolved; open: not
    resolved."""

    active: Mapping[str, int]
    open: Mapping[str, int]


class AlarmGone(Exception):
    """There is no such alarm, or not any more."""


class AlarmResolved(Exception):
    """It is over: nobody needs to acknowledge it."""


class AlarmLog(Protocol):
    """For people who look at alarms."""

    async def page(self, wanted: AlarmFilter, offset: int, limit: int) -> AlarmPage:
        """Return alarms: active ones first, then acknowledged, then resolved ones, each the newest
        first."""
        ...

    async def counts(self) -> AlarmCounts: ...

    async def acknowledge(self, alarm_id: str, actor: Actor, note: str) -> Alarm:
        """Somebody has taken it on. Raises AlarmGone and AlarmResolved."""
        ...


class AlarmBook(Protocol):
    """For what raises and resolves them."""

    async def raised(self, finding: Finding, rule: AlarmRule) -> Alarm | None:
        """Raise an alarm, or update the one that is open about the same; return it as it is now.
        None: there are too many open ones of this kind, and it was not raised."""
        ...

    async def resolved(self, alarm: Alarm) -> None:
        """Its condition is over."""
        ...

    async def acted(self, alarm: Alarm, ended: int) -> None:
        """Its action is done."""
        ...

    async def open(self) -> Sequence[Alarm]:
        """Return all that are not resolved."""
        ...


class Counted(NamedTuple):
    """Marks of one subject, as they are after what was observed last."""

    observation: Observation
    marks: Sequence[Mark]


class Happened(NamedTuple):
    """read: up to where each stream was, for `settled`. more: there may be more to read at once."""

    counted: Sequence[Counted]
    read: Mapping[str, str]
    more: bool = False


class Watched(NamedTuple):
    """Somebody whose sessions are to be looked at. since: tells one time from the next."""

    user_id: UserId
    since: str


class AlarmCauses(Protocol):
    """What alarms are raised for."""

    async def happened(self) -> Happened:
        """Read what happened behind what is settled; return what counts now of each subject that
        it was about."""
        ...

    async def settled(self, happened: Happened) -> None:
        """All of it was looked at: read on behind it the next time."""
        ...

    async def marks(self, kind: str, subject: str) -> Sequence[Mark]:
        """Return what counts now."""
        ...

    async def failure_rate(self, window: timedelta) -> FailureRate:
        """Return how many sign-ins failed within the window, and how many are usual."""
        ...

    async def watched(self) -> Sequence[Watched]:
        """Return some of the people who are to be looked at."""
        ...

    async def person(self, user_id: UserId) -> PersonFacts: ...

    async def looked(self, watched: Sequence[Watched]) -> None:
        """They have been looked at; who changed meanwhile is named again."""
        ...


class SealWatch(Protocol):
    async def unsealed_since(self) -> datetime | None:
        """Return the instant of the oldest audit entry without a seal; None if there is none."""
        ...
