"""Random sessions, and what a list of them must show, asked of plain objects."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.session import Device, Kind, Limits, Session, ended_because, expires_at
from sidecar.core.token import new_handle
from sidecar.core.users import Role, UserId, canonical_name
from sidecar.store.keys import Keys
from tests.store.seeds import a_session

MINUTE = timedelta(minutes=1)
POLICY = Policy(
    session=SessionPolicy(
        Limits(absolute_lifetime=600 * MINUTE, idle_timeout=60 * MINUTE),
        roles={Role.ADMIN: Limits(absolute_lifetime=200 * MINUTE, idle_timeout=10 * MINUTE)},
    )
)
NAMES = ("al", "Alice", "alan", "bob", "BOB 2", "zoë", "李", "a", "ﬁsh")
ADDRESSES = (
    "192.0.2.7",
    "192.0.2.8",
    "192.0.3.1",
    "10.0.0.1",
    "255.255.255.255",
    "2001:db8::1",
    "2001:db8::2",
    "::1",
    "fe80::1:2",
    "unix",
)


def sessions(seed: int, count: int, now: datetime, keys: Keys, *, dead: float) -> list[Session]:
    """Return that many; about the share `dead` of them over a limit. Many share their instants, all
    are half a minute or more away from their limits."""
    chance = random.Random(seed)
    return [_session(chance, now, keys, dead) for _ in range(count)]


def _session(chance: random.Random, now: datetime, keys: Keys, dead: float) -> Session:
    name = chance.choice(NAMES)
    role = Role.ADMIN if name == "bob" else chance.choice((Role.USER, Role.USER, Role.OWNER))
    limits = POLICY.limits_for(role)
    oldest, idlest = limits.absolute_lifetime // MINUTE, limits.idle_timeout // MINUTE
    age = chance.randrange(oldest)
    idle = min(age, chance.randrange(idlest))
    if chance.random() < dead:
        age, idle = chance.choice(
            ((oldest + age, idle), (max(age, idlest + 5), idlest + 3), (3 * oldest, 2 * oldest))
        )
    created = now - age * MINUTE - MINUTE / 2
    user_id = UserId(f"id-of-{name}")
    address = chance.choice(ADDRESSES)
    return replace(
        a_session(),
        handle=new_handle(created, keys.partition_of_user(user_id), chance.randbytes(22)),
        user_id=user_id,
        username=name,
        role=role,
        kind=chance.choice((Kind.BROWSER, Kind.BROWSER, Kind.DESKTOP, Kind.AGENT, Kind.SERVICE)),
        created_at=created,
        authenticated_at=created,
        last_active_at=now - idle * MINUTE - MINUTE / 2,
        ip_address=address,
        last_ip_address=chance.choice((address, address, chance.choice(ADDRESSES))),
        device=Device("Chrome on Linux", "Chrome", "Linux", "desktop"),
    )


def live(population: Sequence[Session], now: datetime, policy: Policy = POLICY) -> list[Session]:
    return [
        each for each in population if not ended_because(each, now, policy.limits_for(each.role))
    ]


def listed(
    population: Sequence[Session], wanted: SessionFilter, order: SessionOrder, *, descending: bool
) -> list[Session]:
    """Return what matches, in order."""
    places: dict[SessionOrder, Callable[[Session], object]] = {
        SessionOrder.CREATED_AT: lambda each: each.created_at,
        SessionOrder.LAST_ACTIVE_AT: lambda each: each.last_active_at,
        SessionOrder.EXPIRES_AT: lambda each: expires_at(each, POLICY.limits_for(each.role)),
        SessionOrder.USERNAME: lambda each: canonical_name(each.username).encode(),
    }
    place = places[order]
    return sorted(
        (each for each in population if wanted.matches(each)),
        key=lambda each: (place(each), each.handle),
        reverse=descending,
    )
