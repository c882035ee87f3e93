"""Acts as fast as it can until it is killed: `python -m tests.store.act_on URL NAME`."""

import asyncio
import sys
from itertools import count

from sidecar.core.alarms import Evidence, Finding
from sidecar.core.audit import SYSTEM, Actor, ActorKind
from sidecar.core.people import PersonChange
from sidecar.core.policy import ALARMS
from sidecar.core.reasons import Ended
from sidecar.core.users import Role
from sidecar.core.webhook_book import EndpointChange
from sidecar.store.alarms import Alarms
from sidecar.store.webhooks import Webhooks
from tests.store.rig import Rig, a_rig, actor_of

PARTITIONS = 4
AT_ONCE = 4


async def person(rig: Rig, name: str) -> None:
    """All that may be done to somebody, from the first day to the last of every other one."""
    user = await rig.users.add(name, "phc", Role.USER, SYSTEM, highest=Role.OWNER)
    sessions = [(await rig.open(user)).session for _ in range(4)]
    await rig.sessions.rotate(sessions[0], actor_of(user))
    await rig.sessions.end(sessions[1].handle, Ended.SIGNED_OUT, actor_of(user))
    await rig.sessions.end_picked([sessions[2].handle], Ended.REVOKED, SYSTEM)
    attempt = await rig.throttle.begin(name, "203.0.113.9")
    await rig.throttle.failed(attempt, user.id, Actor(ActorKind.USER, ip_address="203.0.113.9"))
    user = await rig.users.set_password(user.id, "other", SYSTEM, highest=Role.OWNER)
    await rig.open(user)
    role = PersonChange(role=Role.VIEWER)
    user = await rig.users.change(user.id, role, SYSTEM, highest=Role.OWNER)
    await rig.open(user)
    await rig.users.ban(user.id, SYSTEM, "why", highest=Role.OWNER)
    await rig.users.unban(user.id, SYSTEM, highest=Role.OWNER)
    await rig.open(user)
    if user.id < "V":
        await rig.users.delete(user.id, SYSTEM, highest=Role.OWNER)


async def product(rig: Rig, name: str) -> None:
    book = Webhooks(rig.database, b"s" * 32, rig.clock)
    endpoint, _ = await book.add("https://hooks.example.com/", frozenset(), name, SYSTEM)
    await book.change(endpoint.id, EndpointChange(enabled=False), SYSTEM)
    await book.rotate(endpoint.id, SYSTEM)
    await book.delete(endpoint.id, SYSTEM)
    alarms, now = Alarms(rig.database, lambda: rig.policy), rig.clock.now()
    alarm = await alarms.raised(
        Finding("lockout", name, Evidence(), 1, now, now), ALARMS["lockout"]
    )
    if alarm is not None:
        await alarms.resolved(alarm)


async def main(url: str, name: str) -> None:
    async with a_rig(url, PARTITIONS) as rig:
        sys.stdout.write("begun\n")
        sys.stdout.flush()

        async def keep_on(line: int) -> None:
            for number in count():
                await person(rig, f"{name}-{line}-{number}")
                await product(rig, f"{name}-{line}-{number}")

        await asyncio.gather(*map(keep_on, range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
