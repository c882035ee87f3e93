"""What raises each kind of alarm, at its threshold and one below: acts on a real store."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sidecar.core.alarm_facts import Place
from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind, AuditEntry
from sidecar.core.opening import AtLimit
from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.users import Role, User
from tests.store.alarm_rig import AlarmRig
from tests.store.rig import Rig, actor_of, an_opening

BERLIN, TOKYO = Place(52.52, 13.4, name="Berlin, DE"), Place(35.68, 139.69, name="Tokyo, JP")
PLACES = {"192.0.2.7": BERLIN, "203.0.113.9": TOKYO}
MINUTE = timedelta(minutes=1)


async def opened(rig: Rig, user: User, address: str = "192.0.2.7") -> Session:
    return (await rig.open(user, ip_address=address)).session


async def fail(rig: Rig, name: str, times: int, address: str = "203.0.113.9") -> None:
    user = await rig.users.find(name)
    for _ in range(times):
        attempt = await rig.throttle.begin(name, address)
        actor = Actor(ActorKind.USER, ip_address=address)
        await rig.throttle.failed(attempt, user.user.id if user else None, actor)


async def spread(here: AlarmRig, *, below: bool) -> None:
    """One session that moves, and others."""
    user = await here.rig.a_user()
    session = await opened(here.rig, user)
    here.uses(session, "198.51.100.1")
    here.uses(session, "198.51.100.2")
    await opened(here.rig, user, "192.0.2.7" if below else "2001:db8::7")


async def failures_of_a_name(here: AlarmRig, *, below: bool) -> None:
    await here.rig.a_user()
    await fail(here.rig, "Alice", 4 if below else 5)


async def failures_from_an_address(here: AlarmRig, *, below: bool) -> None:
    here.use("failed_logins", per_ip=4)
    for number in range(3 if below else 4):
        await fail(here.rig, f"user{number}", 1)


async def failures_of_all(here: AlarmRig, *, below: bool) -> None:
    here.use("failed_logins", overall=6)
    for number in range(5 if below else 6):
        await fail(here.rig, f"user{number}", 1, f"203.0.113.{number}")


async def lockout(here: AlarmRig, *, below: bool) -> None:
    here.rig.use_lockout(failures=3)
    await here.rig.a_user()
    await fail(here.rig, "alice", 2 if below else 3)


async def dead_token(here: AlarmRig, *, below: bool) -> None:
    here.use("dead_token", threshold=3)
    user = await here.rig.a_user()
    session = await opened(here.rig, user)
    await here.rig.sessions.end(session.handle, Ended.REVOKED, SYSTEM)
    tombstone = Tombstone(Ended.REVOKED, here.rig.clock.now(), user.id, b"")
    for _ in range(2 if below else 3):
        here.notes.dead_token(tombstone, session.handle, "203.0.113.9")


async def shift(here: AlarmRig, *, below: bool) -> None:
    session = await opened(here.rig, await here.rig.a_user())
    here.uses(session, "203.0.113.8", "Mozilla/6.1" if below else "curl/8.5")


async def travel(here: AlarmRig, *, below: bool) -> None:
    user = await here.rig.a_user()
    await opened(here.rig, user)
    await opened(here.rig, user, "192.0.2.7" if below else "203.0.113.9")


async def cap(here: AlarmRig, *, below: bool) -> None:
    user = await here.rig.a_user()
    for _ in range(10):
        await opened(here.rig, user)
    if not below:
        assert isinstance(await here.rig.sessions.open(an_opening(user)), AtLimit)


async def revocation(here: AlarmRig, *, below: bool) -> None:
    here.use("mass_revocation", threshold=3)
    adam, user = await here.rig.a_user("adam", Role.ADMIN), await here.rig.a_user()
    for _ in range(2 if below else 3):
        await opened(here.rig, user)
    await here.rig.sessions.end_all(user.id, Ended.REVOKED, actor_of(adam))


async def outage(here: AlarmRig, *, below: bool) -> None:
    here.notes.store_state(True)
    if not below:
        here.notes.store_state(False)
        here.notes.store_state(False)
        here.notes.store_state(True)


async def unsealed(here: AlarmRig, *, below: bool) -> None:
    here.waiting_since = here.rig.clock.now() - (0.9 if below else 1) * MINUTE


async def bad_policy(here: AlarmRig, *, below: bool) -> None:
    outcome = "done" if below else "refused"
    await here.rig.audit.write(AuditEntry(Action.POLICY_RELOADED, SYSTEM, outcome=outcome))  # type: ignore[arg-type]


async def webhook(here: AlarmRig, *, below: bool) -> None:
    details = {"webhook": "w1", "host": "hooks.example.com", "cause": "admin" if below else "gone"}
    await here.rig.audit.write(AuditEntry(Action.WEBHOOK_DISABLED, SYSTEM, details=details))


CAUSES: list[tuple[Callable[..., Awaitable[None]], str]] = [
    (spread, "ip_spread"),
    (failures_of_a_name, "failed_logins"),
    (failures_from_an_address, "failed_logins"),
    (failures_of_all, "failed_logins"),
    (lockout, "lockout"),
    (dead_token, "dead_token"),
    (shift, "session_shift"),
    (travel, "impossible_travel"),
    (cap, "cap_reached"),
    (revocation, "mass_revocation"),
    (outage, "store_degraded"),
    (unsealed, "audit_unsealed"),
    (webhook, "webhook_failing"),
    (bad_policy, "policy_reload_failed"),
]
