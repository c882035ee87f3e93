"""The rules about one person's sessions: pure functions of what was seen, the policy and `now`.

Each returns what it found, or None: then its alarm is not raised, or is over.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType

from sidecar.core.alarm_facts import PersonFacts, Place, Shift, Sighting
from sidecar.core.alarms import MOST_LISTED, Evidence, Finding
from sidecar.core.client_network import network_of
from sidecar.core.policy import AlarmRule
from sidecar.core.session import Handle, Session

Locate = Callable[[str], Place | None]
"""Says where an address is, as far as a database knows."""

NEAR = 500.0
"""Kilometres within which two addresses may be one person at rest: mobile networks and companies
reach the internet in another city than the one they are in."""

_EARTH = 6371.0
_HOUR = timedelta(hours=1)
_VERSION = re.compile(r"[0-9][0-9._]*")


def ip_spread(person: PersonFacts, rule: AlarmRule, now: datetime) -> Finding | None:
    """Distinct client addresses within the window, IPv6 by /64, over all sessions of a person."""
    seen: dict[str, Sighting] = {}
    for sighting in _sightings(person, now - rule.window):
        network = network_of(sighting.address)
        if network and (network not in seen or seen[network].at < sighting.at):
            seen[network] = sighting
    if len(seen) < rule.threshold:
        return None
    newest = sorted(seen.values(), key=_at, reverse=True)
    return _finding(
        "ip_spread",
        person,
        newest,
        count=len(seen),
        counts={"addresses": len(seen), "sessions": len(person.sessions)},
    )


def impossible_travel(
    person: PersonFacts, rule: AlarmRule, now: datetime, locate: Locate
) -> Finding | None:
    """Two places, one after the other, between which nobody travels at less than the threshold.

    The radius within which an address is known is not held against anybody.
    """
    placed = [
        (sighting, place)
        for sighting in sorted(_sightings(person, now - rule.window), key=_at)
        if (place := locate(sighting.address)) is not None
    ]
    for (before, there), (after, here) in reversed(list(pairwise(placed))):
        distance = kilometres(there, here) - there.radius - here.radius
        hours = (after.at - before.at) / _HOUR
        if distance >= NEAR and distance >= rule.threshold * hours:
            return _finding(
                "impossible_travel",
                person,
                [after, before],
                count=1,
                counts={"kilometres": round(distance), "minutes": round(hours * 60)},
                details={"from": there.name, "to": here.name},
            )
    return None


def session_shifts(person: PersonFacts, rule: AlarmRule, now: datetime) -> list[Finding]:
    """The person's live sessions that are used from another address by another program."""
    live = {session.handle: session for session in person.sessions}
    found: dict[Handle, list[Shift]] = {}
    for shift in person.shifts:
        if shift.handle in live and shift.at > now - rule.window:
            found.setdefault(shift.handle, []).append(shift)
    return [
        _shifted(person, live[handle], sorted(shifts, key=_at))
        for handle, shifts in found.items()
        if len(shifts) >= rule.threshold
    ]


def is_other_program(user_agent: str, session: Session) -> bool:
    """Say whether that is not what the session was opened by. A newer version of the same program
    on the same system is none: browsers update while people are signed in."""
    return _VERSION.sub("", user_agent) != _VERSION.sub("", session.user_agent)


def kilometres(one: Place, other: Place) -> float:
    """Return the way from one place to the other, along the surface."""
    north, other_north = radians(one.latitude), radians(other.latitude)
    half = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * (
        sin(radians(other.longitude - one.longitude) / 2) ** 2
    )
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))


def _shifted(person: PersonFacts, session: Session, shifts: Sequence[Shift]) -> Finding:
    newest = shifts[-1]
    return Finding(
        kind="session_shift",
        subject=session.handle,
        evidence=Evidence(
            ip_addresses=_distinct([newest.address, session.ip_address]),
            devices=(session.device.label,),
            handles=(session.handle,),
            counts=MappingProxyType({"shifts": len(shifts)}),
            details=MappingProxyType({"was": session.user_agent, "is": newest.user_agent}),
        ),
        count=len(shifts),
        first_seen_at=shifts[0].at,
        last_seen_at=newest.at,
        user_id=person.user_id,
        username=person.username,
    )


def _sightings(person: PersonFacts, since: datetime) -> list[Sighting]:
    """Return all within the window: also what live sessions say by themselves."""
    live = [
        sighting
        for session in person.sessions
        for sighting in (
            Sighting(session.ip_address, session.created_at),
            Sighting(session.last_ip_address, session.last_active_at),
        )
    ]
    return [each for each in (*person.sightings, *live) if each.at > since and each.address]


def _finding(
    kind: str,
    person: PersonFacts,
    newest: Sequence[Sighting],
    *,
    count: int,
    counts: dict[str, int],
    details: dict[str, str] | None = None,
) -> Finding:
    sessions = person.sessions[:MOST_LISTED]
    return Finding(
        kind=kind,
        subject=person.user_id,
        evidence=Evidence(
            ip_addresses=_distinct(sighting.address for sighting in newest),
            devices=_distinct(session.device.label for session in sessions),
            handles=tuple(session.handle for session in sessions),
            counts=MappingProxyType(counts),
            details=MappingProxyType(details or {}),
        ),
        count=count,
        first_seen_at=newest[-1].at,
        last_seen_at=newest[0].at,
        user_id=person.user_id,
        username=person.username,
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:MOST_LISTED]


def _at(seen: Sighting | Shift) -> datetime:
    return seen.at
