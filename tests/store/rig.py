"""The store and the life cycle on a real Redis, and ways to move a session back in time."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sidecar.core.audit import SYSTEM, Actor, ActorKind, AuditEntry, unknown_details
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.opening import Opened, Opening
from sidecar.core.policy import Policy
from sidecar.core.session import Handle, Kind, Session
from sidecar.core.users import Role, User, UserId
from sidecar.lifecycle import Lifecycle
from sidecar.store.agents import StoredAgents
from sidecar.store.audit import Audit
from sidecar.store.clock import StoreClock
from sidecar.store.codec import span_ms
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.events import Events
from sidecar.store.factors import StoredFactors
from sidecar.store.keyring import KeyRing
from sidecar.store.keys import Keys, class_of
from sidecar.store.lists import Lists
from sidecar.store.statistics import Counters
from sidecar.store.sweeper import Sweeper
from sidecar.store.throttle import RedisThrottle
from sidecar.store.users import Users
from tests.store.seeds import ADMIN

DEADLINE = timedelta(seconds=5)


class Counts:
    """Counts what the metrics are told."""

    def __init__(self) -> None:
        self.openings: Counter[str] = Counter()
        self.endings: Counter[str] = Counter()

    def opened(self, method: str) -> None:
        self.openings[method] += 1

    def ended(self, reason: str, count: int = 1) -> None:
        self.endings[reason] += count


class Rig:
    """Everything of the store, as one process has it."""

    def __init__(self, url: str, partitions: int = 1) -> None:
        self.keys = Keys(partitions=partitions)
        self.database = Database(connect(url, DEADLINE), self.keys, DEADLINE)
        self.policy = Policy()
        self.counts = Counts()
        self.locks = 0
        self.clock = StoreClock(self.database)
        self.ring = KeyRing(self.database, b"s" * 32, self.clock, lambda: timedelta(hours=24))
        self.users = Users(self.database, lambda: self.policy, self.counts)
        self.sweeper = Sweeper(self.database, lambda: self.policy, self.counts)
        self.sessions = Lifecycle(
            self.database,
            lambda: self.policy,
            self.clock,
            self.ring,
            self.counts,
        )
        self.agents = StoredAgents(
            self.database, lambda: self.policy, self.clock, self.ring, self.counts
        )
        self.factors = StoredFactors(self.database, lambda: self.policy, self.counts, b"s" * 32)
        self.lists = Lists(self.database, lambda: self.policy, self.clock)
        self.statistics = Counters(self.database, lambda: self.policy, self.clock)
        self.throttle = RedisThrottle(
            self.database, lambda: self.policy.lockout, self.clock, self._locked
        )
        self.audit = Audit(self.database)
        self.events = Events(self.database)

    def _locked(self) -> None:
        self.locks += 1

    def use_session_policy(self, **fields: Any) -> None:
        self.policy = replace(self.policy, session=replace(self.policy.session, **fields))

    def use_lockout(self, **fields: Any) -> None:
        self.policy = replace(self.policy, lockout=replace(self.policy.lockout, **fields))

    async def a_user(self, name: str = "alice", role: Role = Role.USER) -> User:
        return await self.users.add(name, "phc", role, SYSTEM, highest=Role.OWNER)

    async def was_called(self, user_id: str, name: str) -> None:
        """Let there have been a person of that name, who was deleted."""
        key = self.keys.gone(self.keys.partition_of_user(UserId(user_id)))
        await self.database.command("HSET", key, user_id, f"{name}\0{name.lower()}")

    async def open(self, user: User, **fields: Any) -> Opened:
        result = await self.sessions.open(an_opening(user, **fields))
        assert isinstance(result, Opened)
        return result

    async def age(
        self, handle: Handle, *, unused: timedelta | None = None, old: timedelta | None = None
    ) -> None:
        """Make a session last used, or created, so long ago by Redis' clock."""
        partition = self.keys.partition_of(handle)
        now = round(await self.database.time() * 1000)
        command = self.database.command
        items = json.loads(await command("GET", self.keys.session(handle)))
        its_class = class_of(Role(items[6]), Kind(items[7] or "browser"))
        if unused is not None:
            instant = now - span_ms(unused)
            await command("SET", self.keys.last_active(handle), instant)
            await command("ZADD", self.keys.active(partition, its_class), instant, handle)
        if old is not None:
            instant = now - span_ms(old)
            items[1] = instant
            await command("SET", self.keys.session(handle), json.dumps(items))
            await command("ZADD", self.keys.created(partition, its_class), instant, handle)

    async def actions(self) -> list[str]:
        """Return the actions in the audit log, the oldest first."""
        return [entry.action.value for entry in await self.entries()]

    async def entries(self) -> list[AuditEntry]:
        """Return the audit log, the oldest entry first. Each has only details of its action."""
        found = list(reversed((await self.audit.read(EVERYTHING, 1000)).entries))
        assert not [e for e in found if unknown_details(e.action, e.outcome, e.details)]
        return found

    async def is_dead(self, handle: Handle) -> bool:
        """Say whether nothing is left of a session but its tombstone."""
        command = self.database.command
        record = json.loads(await command("GET", self.keys.session(handle)))
        return (
            record[0] < 0
            and not await command("EXISTS", self.keys.last_active(handle))
            and not await self.named_in_indexes(handle)
        )

    async def named_in_indexes(self, handle: Handle) -> list[str]:
        """Return the sorted sets of live sessions that name a handle."""
        base = self.keys.of_handle(handle)
        named = []
        for kind in ("created:*", "active:*", "names", "addresses", "us:*", "expiring", "kids:*"):
            for key in await self.database.command("KEYS", base + kind):
                is_set = await self.database.command("TYPE", key) == b"set"
                every = ("SMEMBERS", key) if is_set else ("ZRANGE", key, 0, -1)
                members = await self.database.command(*every)
                if any(handle.encode() in member for member in members):
                    named.append(key.decode())
        return named


@asynccontextmanager
async def a_rig(url: str, partitions: int = 1) -> AsyncIterator[Rig]:
    rig = Rig(url, partitions)
    await rig.clock.measure()
    await rig.ring.refresh()
    for user_id, name in ((ADMIN.id, ADMIN.username), ("adam-1", "adam"), ("ann-1", "ann")):
        await rig.was_called(user_id, name)
    yield rig
    await rig.sessions.flush()
    await rig.database.close()


def actor_of(user: User) -> Actor:
    return Actor(ActorKind.USER, user.id, user.username, "192.0.2.7")


def an_opening(user: User, **fields: Any) -> Opening:
    return replace(Opening(user, actor_of(user), "192.0.2.7", "Mozilla/5.0"), **fields)


def stale(session: Session) -> Session:
    """Return the session as it looks when it was last noted a while ago."""
    return replace(session, last_active_at=session.last_active_at - timedelta(seconds=5))
