"""A sidecar without its data plane, on a real Redis: the rooms behind the sign-in, put together.

`House` holds the parts; `a_house` builds them. `Visitor` is a browser without a window: it keeps
the cookie by hand, so that a test sees exactly what was set.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from sidecar.app_desk import build_desk
from sidecar.app_identity import Identity, IdentityParts
from sidecar.core.audit import SYSTEM
from sidecar.core.cookies import CookieTable
from sidecar.core.outbound import OutboundRules
from sidecar.core.policy import Policy
from sidecar.core.policy_state import PolicyState
from sidecar.core.session import Handle
from sidecar.core.signals import SignalSource
from sidecar.core.users import Role, User
from sidecar.front.context import CONTEXT, RequestContext
from sidecar.front.live_cut import LiveCut
from sidecar.front.mount import build_mount
from sidecar.front.services import MountServices
from sidecar.gate import Gate
from sidecar.lifecycle import Lifecycle
from sidecar.login.hashing import Hashing
from sidecar.observe.metrics import Metrics
from sidecar.store.agents import StoredAgents
from sidecar.store.clock import StoreClock
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.dial import PoolDial
from sidecar.store.events import Events
from sidecar.store.factors import StoredFactors
from sidecar.store.keyring import KeyRing
from sidecar.store.keys import Keys
from sidecar.store.notices import StoredNotices
from sidecar.store.reads import BatchedReads
from sidecar.store.signal_book import StoredSignals
from sidecar.store.throttle import RedisThrottle
from sidecar.store.users import Users
from sidecar.store.webhooks import Webhooks
from sidecar.store.wire import Wire
from tests.signing import room_of

LOOPBACK = OutboundRules((ip_network("127.0.0.0/8"), ip_network("::1")), allow_http=True)
PASSWORD = "a lantern over the harbour"
PUBLIC_URL = "https://wiki.example.com"
MOUNT = "/_sidecar"
Client = TestClient[web.Request, web.Application]


class MovableClock(StoreClock):
    """The store's clock, and how far a test has moved it."""

    moved = timedelta()

    def now(self) -> datetime:
        return super().now() + self.moved


class Counted:
    """Counts sessions and sign-ins by what was said of them."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def opened(self, method: str) -> None:
        self.said.append(f"opened {method}")

    def ended(self, reason: str, count: int = 1) -> None:
        self.said += [f"ended {reason}"] * count


@dataclass
class House:
    services: MountServices
    lifecycle: Lifecycle
    users: Users
    throttle: RedisThrottle
    hashing: Hashing
    clock: MovableClock
    keys: KeyRing
    database: Database
    counted: Counted
    logins: list[str]
    cookies: CookieTable
    policies: list[Policy]

    async def add(self, username: str, role: Role = Role.USER) -> User:
        hashed = await self.hashing.hash_password(PASSWORD)
        return await self.users.add(username, hashed, role, SYSTEM, highest=Role.OWNER)

    async def make_unreadable(self, visitor: "Visitor") -> None:
        """Leave the store without an answer about a visitor's session: it counts as silent."""
        handle = Handle(visitor.cookie.split(".")[2])
        await self.database.command("SET", self.database.keys.session(handle), "no record")

    async def audit(self) -> list[dict[str, str]]:
        """Return the audit entries of the first partition, oldest first."""
        entries = await self.database.command("XRANGE", self.database.keys.audit(0), "-", "+")
        return [
            {name.decode(): value.decode() for name, value in fields.items()}
            for _, fields in entries
        ]


@asynccontextmanager
async def a_house(
    redis_url: str,
    policy: Policy | None = None,
    *,
    public_url: str = PUBLIC_URL,
    identity: Callable[[IdentityParts], Identity] | None = None,
    signals: Mapping[str, SignalSource] | None = None,
) -> AsyncIterator[House]:
    """identity: makes the providers that people may sign in by. signals: who may send any."""
    client = connect(redis_url, deadline := timedelta(seconds=5))
    assert isinstance(client, Redis)
    database = Database(client, Keys(), deadline)
    clock = MovableClock(database)
    await clock.start()
    policies = [policy or Policy()]
    counted, logins = Counted(), list[str]()

    def in_force() -> Policy:
        return policies[-1]

    keys = KeyRing(database, b"s" * 32, clock, lambda: timedelta(hours=24))
    await keys.start()
    lifecycle = Lifecycle(database, in_force, clock, keys, counted)
    wire = Wire(PoolDial(client), 5.0, lambda up: None, lambda seconds: None)
    await wire.start()
    gate = Gate(BatchedReads(wire, database.keys), lifecycle, clock, in_force, lambda *_: None)
    live = LiveCut(
        feed=Events(database),
        reads=BatchedReads(wire, database.keys),
        sessions=lifecycle,
        clock=clock,
        policy=in_force,
        metrics=Metrics.alone(),
        deadline=deadline,
    )
    live.start()
    hashing = Hashing(memory_kib=64, passes=1)
    users = Users(database, in_force, counted)
    webhooks = Webhooks(database, b"s" * 32, clock)
    throttle = RedisThrottle(database, lambda: in_force().lockout, clock)
    agents = StoredAgents(database, in_force, clock, keys, counted)
    parts = IdentityParts(users, throttle, lifecycle, clock, keys, database, in_force, counted)
    provided = identity(parts) if identity is not None else Identity()
    factors = StoredFactors(database, in_force, counted, b"s" * 32)
    services = MountServices(
        public_url=public_url,
        mount=MOUNT,
        directory=users,
        throttle=throttle,
        sessions=lifecycle,
        clock=clock,
        hashing=hashing,
        signed_in=gate.signed_in,
        look_again=gate.look_again,
        policy=in_force,
        desk=build_desk(
            database,
            clock,
            lambda: PolicyState(in_force(), clock.now()),
            lifecycle,
            users,
            hashing,
            webhooks,
            public_url=public_url,
            mount=MOUNT,
            outbound=LOOPBACK,
            agents=agents,
            factors=factors,
        ),
        agents=agents,
        factors=factors,
        public_keys=lambda: keys.public_keys,
        count_login=logins.append,
        live=live,
        notices=StoredNotices(database, in_force, clock, counted),
        providers=provided.room,
        directories=provided.directories,
        signals=room_of(signals, StoredSignals(database, in_force, counted)),
    )
    cookies = CookieTable(lambda: keys.accepted, services.cookies.secure)
    try:
        yield House(
            *(services, lifecycle, users, throttle, hashing, clock, keys),
            *(database, counted, logins, cookies, policies),
        )
    finally:
        hashing.close()
        await live.stop()
        await lifecycle.flush()
        await wire.close()
        await keys.stop()
        await clock.stop()
        await database.close()


@asynccontextmanager
async def served(house: House, *around: Any) -> AsyncIterator[Client]:
    """Serve the mount, with the part of the front that hands over a request's context.

    around: further middlewares, between that part and ours.
    """
    app = build_mount(house.services)

    @web.middleware
    async def front(request: web.Request, handler: Any) -> web.StreamResponse:
        raw = request.headers.get("Cookie")
        facts = house.cookies.read(raw.encode() if raw is not None else None)
        context = RequestContext(
            request.headers.get("Test-Client", "203.0.113.9"),
            "request-1",
            facts.credential,
            facts.forged,
        )
        transport: Any = request.transport
        transport._extra[CONTEXT] = context  # what the front's own transport answers by itself
        response: web.StreamResponse = await handler(request)
        return response

    app.middlewares[:0] = [front, *around]
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield client


@dataclass
class Visitor:
    """A browser: keeps our cookies, says where its requests come from. device: the one by which
    it is known again. pending: sign-ins by a provider that are under way."""

    client: Client
    cookie: str = ""
    device: str = ""
    pending: str = ""
    address: str = "203.0.113.9"
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": PUBLIC_URL})

    async def get(self, path: str, **more: str) -> ClientResponse:
        return await self._send("GET", path, None, more)

    async def post(
        self, path: str, body: object = None, *, form: bool = False, **more: str
    ) -> ClientResponse:
        """body: a dict for JSON or a form, bytes for themselves."""
        if form:
            return await self._send("POST", path, body, more)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self._send("POST", path, data, {"Content_Type": "application/json", **more})

    async def sign_in(
        self, username: str = "alice", password: str = PASSWORD, **members: object
    ) -> ClientResponse:
        return await self.post("/login", {"username": username, "password": password, **members})

    async def send(self, method: str, path: str, body: object = None) -> ClientResponse:
        """Send JSON, or nothing, by any method."""
        data = json.dumps(body).encode() if body is not None else None
        return await self._send(method, path, data, {"Content_Type": "application/json"})

    async def _send(
        self, method: str, path: str, body: Any, more: dict[str, str]
    ) -> ClientResponse:
        headers = {"Test-Client": self.address, **self.headers}
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        if kept := [each for each in (self.cookie, self.device, self.pending) if each]:
            headers["Cookie"] = "; ".join(kept)
        response = await self.client.request(
            method, MOUNT + path, data=body, headers=headers, allow_redirects=False
        )
        for line in response.headers.getall("Set-Cookie", []):
            pair = line.partition(";")[0]
            if "sidecar-device=" in pair:
                self.device = pair
            elif "sidecar-sign-in=" in pair:
                self.pending = "" if "Max-Age=0" in line else pair
            else:
                self.cookie = "" if "Max-Age=0" in line else pair
        return response
