"""Facts for the rules of alarms, at instants that are minutes before one noon."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sidecar.core.alarm_facts import Mark, PersonFacts, Sighting
from sidecar.core.session import Device, Handle, Session
from sidecar.core.users import UserId
from tests.store.seeds import a_session

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def ago(minutes: float) -> datetime:
    return NOON - minutes * MINUTE


def seen(address: str, minutes: float = 1) -> Sighting:
    return Sighting(address, ago(minutes))


def a_mark(minutes: float = 1, weight: int = 1, **fields: Any) -> Mark:
    return Mark(f"{minutes}-{fields}", ago(minutes), weight, **fields)


def used(address: str, minutes: float = 1, **fields: Any) -> Session:
    """A live session of Ann that has only ever been used from there."""
    at = ago(minutes)
    session = a_session(
        handle=Handle(f"h-{address}"),
        user_id=UserId("ann"),
        username="ann",
        created_at=at,
        last_active_at=at,
        user_agent=FIREFOX,
        device=Device("Firefox on Linux", "Firefox", "Linux", "desktop"),
    )
    return replace(session, ip_address=address, last_ip_address=address)


def ann(*sightings: Sighting, **fields: Any) -> PersonFacts:
    return PersonFacts(UserId("ann"), "ann", sightings=sightings, **fields)
