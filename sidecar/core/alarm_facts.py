"""What the rules of alarms look at: facts that the store has noted, with the instant of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from sidecar.core.session import Handle, Session
from sidecar.core.users import UserId


class Sighting(NamedTuple):
    """A person's session was used from there, at last then."""

    address: str
    at: datetime


class Shift(NamedTuple):
    """A session was used from another address than that of its creation, by another program."""

    handle: Handle
    at: datetime
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """sessions: live ones. sightings: where else they were seen from, of sessions that moved on or
    ended."""

    user_id: UserId
    username: str
    sessions: Sequence[Session] = ()
    sightings: Sequence[Sighting] = ()
    shifts: Sequence[Shift] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that counts towards a threshold. weight: how much. id: of the entry that says it,
    so that the same entry read twice counts once."""

    id: str
    at: datetime
    weight: int = 1
    address: str = ""
    handle: Handle | None = None
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Observation:
    """What an entry says about one subject of one kind of alarm. mark: None takes all back that was
    marked before: it is in order again."""

    kind: str
    subject: str
    mark: Mark | None
    user_id: UserId | None = None
    username: str = ""


@dataclass(frozen=True, slots=True)
class WorkerFact:
    """What a process noticed that no audit entry says. kind: `dead_token` or `store_degraded`."""

    kind: str
    id: str
    at: datetime
    user_id: UserId | None = None
    username: str = ""
    address: str = ""
    handle: Handle | None = None
    count: int = 1
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class FailureRate:
    """Failed sign-ins of everybody. recent: within the window; usual: in a window, on average over
    the day before it; at: of the newest."""

    recent: int
    usual: float
    at: datetime


class Place(NamedTuple):
    """Where an address is, in degrees; radius: within how many kilometres."""

    latitude: float
    longitude: float
    radius: int = 0
    name: str = ""
