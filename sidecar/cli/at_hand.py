"""The store for one command: what is configured, or the redis-server of the state folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sidecar.cli.common import CommandFailed, Row
from sidecar.core.policy import Policy
from sidecar.core.ports import NoSuchUser, StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.users import User
from sidecar.lifecycle import Lifecycle
from sidecar.observe.metrics import Metrics
from sidecar.policy_file import load_policy
from sidecar.settings import Settings
from sidecar.store.clock import StoreClock
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.embedded import EmbeddedRedisFailed, connect_or_start
from sidecar.store.factors import StoredFactors
from sidecar.store.handed_counts import HandedCounts
from sidecar.store.keyring import KeyRing
from sidecar.store.keys import Keys
from sidecar.store.throttle import RedisThrottle
from sidecar.store.users import Users
from sidecar.store.why import why_unavailable

_PATIENCE = timedelta(seconds=5)
"""A command may wait longer than a request; nobody else waits for it."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What the commands work with."""

    policy: Policy
    clock: StoreClock
    database: Database
    users: Users
    factors: StoredFactors
    throttle: RedisThrottle
    sessions: Lifecycle

    async def user(self, name: str) -> User:
        """Return who has this name. Raises NoSuchUser."""
        known = await self.users.find(name)
        if known is None:
            raise NoSuchUser(name)
        return known.user

    async def describe(self, user: User) -> Row:
        """Return the person as the API shows them."""
        locked = await self.throttle.locked_until(user.username)
        return {
            "id": user.id,
            "username": user.username,
            "displayName": user.display_name,
            "email": user.email,
            "groups": list(user.groups),
            "role": user.role.word,
            "status": _status(user, locked, self.clock.now()),
            "sessionCount": len(await self.sessions.of_user(user.id)),
            "createdAt": user.created_at,
            "lastLoginAt": user.last_login_at,
        }

    async def describe_all(self, users: list[User]) -> list[Row]:
        return list(await asyncio.gather(*map(self.describe, users)))


@asynccontextmanager
async def store_for(settings: Settings, policy: Policy | None = None) -> AsyncIterator[AtHand]:
    """Yield the store. policy: for commands that need none, so that they work while that on disk
    has faults. Raises PolicyInvalid, and CommandFailed when there is no store to be had, or when it
    is silent."""
    policy = policy or load_policy(settings.policy)
    redis = settings.redis
    with ExitStack() as stack:
        url, name = redis.url.text, str(redis.url)
        if redis.url.form == "embedded":
            name = f"of {settings.state_dir}"
            try:
                url = stack.enter_context(connect_or_start(settings.state_dir))
            except EmbeddedRedisFailed as failed:
                raise CommandFailed(str(failed)) from None
        deadline = max(redis.deadline, _PATIENCE)
        client = connect(url, deadline, prefix=redis.prefix)
        database = Database(client, Keys(redis.prefix, redis.partitions), deadline)
        metrics = Metrics.alone()
        try:
            try:
                yield await _parts(database, policy, metrics)
            finally:
                await _hand_over(database, metrics)
        except StoreUnavailable as silent:
            why = why_unavailable(silent)
            said = f"the store {name} does not answer{': ' * bool(why)}{why}"
            raise CommandFailed(said) from None
        finally:
            await database.close()


async def _hand_over(database: Database, metrics: Metrics) -> None:
    """Leave what this command has ended to a replica, whose metrics somebody reads. What was done
    stays done when nobody can be told."""
    counted = {reason.value: int(metrics.sessions_ended.value(reason.value)) for reason in Ended}
    ended = {reason: count for reason, count in counted.items() if count}
    with suppress(StoreUnavailable):
        await HandedCounts(database).give(ended)


async def _parts(database: Database, policy: Policy, metrics: Metrics) -> AtHand:
    clock = StoreClock(database)
    await clock.measure()
    # No command gives out a token or asks for a code: what is sealed stays so, without a secret.
    ring = KeyRing(database, b"", clock, lambda: policy.session.limits.absolute_lifetime)
    return AtHand(
        policy=policy,
        clock=clock,
        database=database,
        users=Users(database, lambda: policy, metrics),
        factors=StoredFactors(database, lambda: policy, metrics, b""),
        throttle=RedisThrottle(database, lambda: policy.lockout, clock),
        sessions=Lifecycle(database, lambda: policy, clock, ring, metrics),
    )


def describe_session(session: Session) -> Row:
    """Return the session as a list shows it; never its token, which nobody has."""
    return {
        "id": session.handle,
        "kind": session.kind.value,
        "username": session.username,
        "userId": session.user_id,
        "ipAddress": session.ip_address,
        "device": session.device.label,
        "createdAt": session.created_at,
        "lastActiveAt": session.last_active_at,
        "authMethod": session.auth_method,
    }


def _status(user: User, locked_until: datetime | None, now: datetime) -> str:
    if user.is_banned(now):
        return "banned"
    return "locked" if locked_until is not None else "active"
