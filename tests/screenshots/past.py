"""A store in which things happened hours ago.

The scripts ask Redis for the time. `PastDatabase` answers for it, so that what is written is what
the product itself would have written then: records, indexes, counters of each hour, audit, events.
"""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sidecar.core.audit import SYSTEM, Actor, ActorKind
from sidecar.core.policy import Policy
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.token import new_handle
from sidecar.core.users import User
from sidecar.login.device import device_of, kind_of
from sidecar.observe.metrics import Metrics
from sidecar.store.codec import to_ms
from sidecar.store.database import Database
from sidecar.store.keys import class_of
from sidecar.store.scripts import Script
from sidecar.store.sessions import SessionStore, Touch
from sidecar.store.throttle import RedisThrottle
from sidecar.store.users import Users


class PastDatabase(Database):
    """Runs scripts as if it were `instant`, which only moves forward: streams only grow."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    async def run_on(
        self, script: Script, keys: Sequence[str | bytes], *words: str | bytes | int
    ) -> Any:
        then = to_ms(self.instant)
        source = script.source.replace(
            "redis.call('TIME')", f"{{{then // 1000}, {then % 1000 * 1000}}}"
        )
        for stream in ("KEYS[1]", "KEYS[2]"):
            source = source.replace(f"'XADD', {stream}, '*'", f"'XADD', {stream}, '{then}-*'")
        return await self.command("EVAL", source, len(keys), *keys, *words)


class Past:
    """What people do at the instant of the database, without the hours that it takes."""

    def __init__(self, database: PastDatabase, policy: Policy, chance: random.Random) -> None:
        self.database = database
        self.users = Users(database, lambda: policy, Metrics.alone())
        self._policy = policy
        self._chance = chance
        self._sessions = SessionStore(database)
        self._throttle = RedisThrottle(database, lambda: policy.lockout, database)

    async def sign_in(self, user: User, ip: str, agent: str) -> Session:
        now, device = self.database.now(), device_of(agent)
        partition = self.database.keys.partition_of_user(user.id)
        session = Session(
            handle=new_handle(now, partition, self._chance.randbytes(22)),
            secret_hash=self._chance.randbytes(32),
            user_id=user.id,
            username=user.username,
            role=user.role,
            created_at=now,
            last_active_at=now,
            authenticated_at=now,
            kind=kind_of(device),
            display_name=user.display_name,
            email=user.email,
            groups=user.groups,
            ip_address=ip,
            last_ip_address=ip,
            user_agent=agent,
            device=device,
        )
        await self._sessions.open(
            session,
            self._policy,
            acting(user, ip),
            password_number=None,
            replaces=None,
            end_first=None,
        )
        return session

    async def use(self, session: Session, ip: str = "") -> None:
        """A request of the session. ip: if it comes from another address by now."""
        kind = class_of(session.role, session.kind)
        touch = Touch(to_ms(self.database.now()), kind, ip)
        await self._sessions.touch({session.handle: touch})

    async def end(
        self, session: Session, reason: Ended, actor: Actor = SYSTEM, note: str = ""
    ) -> None:
        await self._sessions.end(session.handle, reason, self._policy, actor, note)

    async def end_all(self, user: User, actor: Actor, note: str = "") -> None:
        await self._sessions.end_all(user.id, Ended.REVOKED, self._policy, actor, None, note)

    async def fail(self, user: User, ip: str) -> None:
        """A wrong password."""
        attempt = await self._throttle.begin(user.username, ip)
        await self._throttle.failed(attempt, user.id, acting(user, ip))


def acting(user: User, ip: str) -> Actor:
    return Actor(ActorKind.USER, user.id, user.username, ip)
