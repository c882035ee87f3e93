"""A gate on a store of the test's choice, and what it told others."""

from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from sidecar.core.headers import RequestHead
from sidecar.core.policy import Policy, Route
from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.token import Credential, new_handle
from sidecar.core.users import Role
from sidecar.core.verdict import RequestFacts, Verdict
from sidecar.gate import Gate
from sidecar.store.codec import encode, to_ms
from sidecar.store.keys import Keys
from sidecar.store.reads import BatchedReads
from sidecar.store.wire import Wire
from tests.store.seeds import NOW, a_session, random_bytes

KEYS = Keys()
PUBLIC = Route(path="/pub/**", allow="anyone")
GREETED = Route(path="/hello/**", allow="anyone", identity="when_present")
QUIET = Route(path="/quiet/**", activity=False)
ADMINS = Route(path="/admin/**", allow="members", roles=frozenset({Role.ADMIN}))
STAFF = Route(path="/staff/**", allow="members", groups=frozenset({"staff"}))


class Heard:
    """What the gate told the life cycle, and the clock that it reads."""

    def __init__(self) -> None:
        self.instant = NOW
        self.touched: list[Handle] = []
        self.addresses: list[str] = []
        self.ended: list[tuple[Handle, Ended]] = []
        self.dead: list[Tombstone] = []
        self.dead_at_ours: list[bool] = []
        self.reused_ones: list[Handle] = []
        self.agents: list[tuple[Handle, str, bool]] = []
        self.broken = False

    def now(self) -> datetime:
        return self.instant

    def touch(self, session: Session, client_ip: str = "", head: RequestHead | None = None) -> None:
        if self.broken:
            raise RuntimeError("a mistake")
        self.touched.append(session.handle)
        self.addresses.append(client_ip)

    def died(self, tombstone: Tombstone, handle: Handle, client_ip: str, own: bool) -> None:
        self.dead.append(tombstone)
        self.dead_at_ours.append(own)

    def asked(self, session: Session, route: Route, allowed: bool) -> None:
        self.agents.append((session.handle, route.path, allowed))

    def expired(self, session: Session, reason: Ended) -> None:
        self.ended.append((session.handle, reason))

    def reused(self, session: Session) -> None:
        self.reused_ones.append(session.handle)


class House:
    """A gate on a real store."""

    def __init__(self, redis: Redis, wire: Wire) -> None:
        self.redis = redis
        self.heard = Heard()
        self.policies = [Policy(routes=(PUBLIC, GREETED, QUIET, ADMINS, STAFF))]
        self.gate = Gate(
            BatchedReads(wire, KEYS),
            self.heard,  # type: ignore[arg-type]  # of the life cycle only what the gate calls
            self.heard,
            lambda: self.policies[-1],
            self.heard.died,
            self.heard.asked,
        )

    async def seed(self, **facts: Any) -> Session:
        session = a_session(handle=new_handle(NOW, 0, random_bytes()), **facts)
        await self.redis.set(KEYS.session(session.handle), encode(session))
        await self.redis.set(KEYS.last_active(session.handle), to_ms(session.last_active_at))
        return session

    async def admit(self, path: str, of: Session | None = None, **facts: Any) -> Verdict:
        credential = None if of is None else Credential(of.handle, of.secret_hash)
        request = RequestFacts("GET", "app.example", path, credential)
        return await self.gate.admit(request._replace(**facts))
