"""Fills a store with people and their live sessions: as many as an installation may ever have.

python -m tests.bench.seed redis://127.0.0.1:6379/0 [--sessions 1000000] [--people 200000]
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sidecar.core.audit import SYSTEM
from sidecar.core.policy import Policy
from sidecar.core.session import Device, Kind, Session
from sidecar.core.token import new_handle
from sidecar.core.users import Role, User
from sidecar.observe.metrics import Metrics
from sidecar.store.clock import StoreClock
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from sidecar.store.users import Users
from tests.bench.seeder import Seeder

DEADLINE = timedelta(seconds=30)
_PEOPLE_AT_ONCE, _SESSIONS_AT_ONCE = 200, 2000
_AGENT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko)"
_AGENTS = ("Chrome/137.0.0.0 Safari/537.36", "Firefox/139.0", "Version/18.4 Safari/605.1.15")
_DEVICES = tuple(
    Device(f"{browser} on {system}", browser, system, kind)
    for browser in ("Chrome", "Firefox", "Safari", "Edge")
    for system, kind in (("Windows", "desktop"), ("Mac OS X", "desktop"), ("Android", "mobile"))
)
_FIRST = ("anna", "bela", "carla", "david", "emma", "felix", "greta", "hanna", "ivan", "jonas")

Say = Callable[[str, float], None]
"""Hears what is being done, and how much of it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many of what. Names read `<first><number>`, so that prefixes of any width match some;
    addresses are of 10.0.0.0/8, a few sessions of each, and one of an office has very many."""

    sessions: int = 1_000_000
    people: int = 200_000
    office: int = 5000
    seed: int = 1


OFFICE = "203.0.113.5"


async def add_sessions(
    database: Database, people: Sequence[User], plan: Plan, say: Say
) -> Sequence[Session]:
    """Add live sessions, used within the last 30 minutes and opened within the last 20 hours;
    return the last few."""
    clock = StoreClock(database)
    await clock.measure()
    chance, now, seeder = random.Random(plan.seed), clock.now(), Seeder(database)
    made: list[Session] = []
    for start in range(0, plan.sessions, _SESSIONS_AT_ONCE):
        numbers = range(start, min(start + _SESSIONS_AT_ONCE, plan.sessions))
        made = [_session(chance, people[n % len(people)], n, plan, now, database) for n in numbers]
        await seeder.write(made)
        say("sessions", numbers.stop / plan.sessions)
    return made


async def add_people(database: Database, plan: Plan, say: Say) -> list[User]:
    """Add people; one in a thousand is an admin."""
    users = Users(database, Policy, Metrics.alone())

    async def add(number: int) -> User:
        name = f"{_FIRST[number % len(_FIRST)]}{number:06d}"
        role = Role.ADMIN if number % 1000 == 0 else Role.USER
        email = f"{name}@example.com"
        return await users.add(name, "-", role, SYSTEM, highest=Role.OWNER, email=email)

    people: list[User] = []
    for start in range(0, plan.people, _PEOPLE_AT_ONCE):
        numbers = range(start, min(start + _PEOPLE_AT_ONCE, plan.people))
        people += await asyncio.gather(*map(add, numbers))
        say("people", numbers.stop / plan.people)
    return people


def _session(
    chance: random.Random, user: User, number: int, plan: Plan, now: datetime, database: Database
) -> Session:
    age, idle = chance.uniform(0, 20 * 3600), chance.uniform(0, 30 * 60)
    created = _whole(now - timedelta(seconds=max(age, idle)))
    kind = Kind.AGENT if number % 20 == 0 else Kind.BROWSER
    in_office = number * plan.office // plan.sessions != (number + 1) * plan.office // plan.sessions
    address = (
        OFFICE if in_office else f"10.{chance.getrandbits(6)}.{number >> 8 & 255}.{number & 255}"
    )
    device = chance.choice(_DEVICES)
    return Session(
        handle=new_handle(created, database.keys.partition_of_user(user.id), chance.randbytes(22)),
        secret_hash=chance.randbytes(32),
        user_id=user.id,
        username=user.username,
        role=user.role,
        created_at=created,
        last_active_at=_whole(now - timedelta(seconds=idle)),
        authenticated_at=created,
        kind=kind,
        email=user.email,
        ip_address=address,
        last_ip_address=address,
        user_agent=f"{_AGENT} ({device.os}) {chance.choice(_AGENTS)}",
        device=device,
    )


def _whole(instant: datetime) -> datetime:
    """Return the instant as the store would keep it, in milliseconds."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def show(what: str, share: float) -> None:
    """Draw a bar, on a terminal only."""
    if sys.stderr.isatty():
        done = round(40 * share)
        end = "\n" if share >= 1 else ""
        print(
            f"\r{what:9} [{'#' * done}{'.' * (40 - done)}] {share:4.0%}", end=end, file=sys.stderr
        )


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.seed", description=__doc__)
    parser.add_argument("url", help="of a Redis that may be filled")
    parser.add_argument("--sessions", type=int, default=Plan().sessions)
    parser.add_argument("--people", type=int, default=Plan().people)
    parser.add_argument("--partitions", type=int, default=1)
    options = parser.parse_args()
    keys = Keys(partitions=options.partitions)
    database = Database(connect(options.url, DEADLINE), keys, DEADLINE)
    try:
        plan = Plan(options.sessions, options.people)
        await add_sessions(database, await add_people(database, plan, show), plan, show)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(_main())
