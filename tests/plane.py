"""The data plane in one process, on a real Redis: front, gate and proxy, put together for a test.

`/pub/**` is for anyone; everything else needs a session, which `Plane.seed` opens.
"""

import asyncio
import itertools
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import socket
from typing import Any

from aiohttp import web
from redis.asyncio import Redis

from sidecar.core.client_ip import TrustedNets
from sidecar.core.cookies import CookieTable
from sidecar.core.headers import RequestHead
from sidecar.core.policy import Policy, Route
from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.token import BEARER, Token, hash_secret, new_handle, write_token
from sidecar.core.trace_context import Trace
from sidecar.front.answers import Answers
from sidecar.front.forward_auth import ForwardAuth
from sidecar.front.identity import Identity
from sidecar.front.injection import Injection
from sidecar.front.own_headers import OwnHeaders
from sidecar.front.pages import Pages as PageServer
from sidecar.front.reading import Reader, ReadingRules
from sidecar.front.record import Record
from sidecar.front.server import FrontLimits, Server
from sidecar.front.walk import Walk
from sidecar.gate import Gate
from sidecar.login.assets import load_assets
from sidecar.login.pages import Pages
from sidecar.login.texts import load_catalogue
from sidecar.observe.access import Finished
from sidecar.observe.cells import Cells
from sidecar.observe.metrics import Metrics, new_slot
from sidecar.proxy.own_cookies import OwnCookieReport
from sidecar.proxy.pool import Pool, Upstream
from sidecar.store.codec import encode, to_ms
from sidecar.store.dial import PoolDial
from sidecar.store.keys import Keys
from sidecar.store.reads import BatchedReads
from sidecar.store.signing import SigningKey
from sidecar.store.wire import Wire as StoreWire
from tests.store.seeds import a_session
from tests.wires import ScriptedUpstream, Wire, dial

MOUNT = "/_sidecar"
ORIGIN = "http://app.example"
POLICY = Policy(routes=(Route(path="/pub/**", allow="anyone"),))
KEY = SigningKey("assertions", b"\x01" * 32)
CLEAR = "sidecar=; Max-Age=0; HttpOnly; SameSite=Lax; Path=/"


class Noted:
    """Stands where the life cycle of sessions is: notes what the gate tells it."""

    def __init__(self) -> None:
        self.touched: list[Session] = []
        self.addresses: list[str] = []
        self.ended: list[tuple[Session, Ended]] = []
        self.dead: list[Tombstone] = []

    def touch(self, session: Session, client_ip: str = "", head: RequestHead | None = None) -> None:
        self.touched.append(session)
        self.addresses.append(client_ip)

    def died(self, tombstone: Tombstone, handle: Handle, client_ip: str, own: bool) -> None:
        self.dead.append(tombstone)

    def expired(self, session: Session, reason: Ended) -> None:
        self.ended.append((session, reason))


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class NotedLines:
    """Stands where the access log is: keeps what was noted of each request."""

    def __init__(self) -> None:
        self._lines: list[dict[str, Any]] = []
        self.flush: Callable[[], None] = lambda: None

    @property
    def lines(self) -> list[dict[str, Any]]:
        self.flush()
        return self._lines

    def write(self, entries: Sequence[Finished], offset: float) -> None:
        for *_, request_id, method, path, status, verdict, session, client_ip, sent in entries:
            self._lines.append(
                {
                    "request_id": request_id,
                    "method": method,
                    "path": path,
                    "status": status,
                    "verdict": verdict,
                    "handle": session and session.handle,
                    "user_id": session and session.user_id,
                    "client_ip": client_ip,
                    "octets": sent,
                }
            )


@dataclass
class Plane:
    """The data plane. pool, server: its two ends. noted, access: what it told others."""

    port: int
    pool: Pool
    server: Server
    store: StoreWire
    redis: Redis
    metrics: Metrics
    noted: Noted
    access: NotedLines
    ring: dict[str, bytes]
    cells: Cells
    wires: list[Wire] = field(default_factory=list)

    async def seed(self, **facts: Any) -> Token:
        """Open a session that is as `facts` say, and return its token: a bearer's for an agent."""
        now = datetime.now(UTC)
        secret = secrets.token_urlsafe(32)
        handle = new_handle(now, 0, secrets.token_bytes(22))
        instants = {"created_at": now, "last_active_at": now, "authenticated_at": now}
        session = a_session(**instants | facts, handle=handle, secret_hash=hash_secret(secret))
        keys = Keys()
        await self.redis.set(keys.session(handle), encode(session))
        await self.redis.set(keys.last_active(handle), to_ms(session.last_active_at))
        return write_token(handle, secret, "k1", self.ring["k1"], BEARER if session.agent else "")

    async def client(self, **options: Any) -> Wire:
        """Connect as a client."""
        wire = await dial(self.port, **options)
        self.wires.append(wire)
        return wire


@asynccontextmanager
async def a_plane(
    redis_url: str,
    upstream: ScriptedUpstream | Upstream,
    *,
    policy: Policy = POLICY,
    limits: FrontLimits | None = None,
    app: web.Application | None = None,
    tls: ssl.SSLContext | None = None,
    trusted: Sequence[str] = (),
    deadline: float = 5.0,
    inject: bool = False,
    new_spans: Callable[[Trace | None], Trace] | None = None,
) -> AsyncIterator[Plane]:
    """Run a data plane in front of `upstream`. app: what is served under the mount. inject: put
    the tag of the live script into pages, as the policy says. new_spans: takes part in traces."""
    redis = Redis.from_url(redis_url)
    cells = new_slot()
    metrics, noted, access = Metrics(cells), Noted(), NotedLines()
    store = StoreWire(
        PoolDial(redis),
        deadline,
        lambda up: metrics.store_up.set(float(up)),
        metrics.store_seconds.observe,
    )
    await store.start()
    ring = {"k1": secrets.token_bytes(32)}
    cookies = CookieTable(lambda: ring, secure=False)
    where = upstream if isinstance(upstream, Upstream) else Upstream(port=upstream.port)
    pool = Pool(where, OwnCookieReport(metrics.own_cookies_dropped))
    page_server = PageServer(app or web.Application())
    await page_server.start()
    live = metrics.live_connections
    server = Server(
        limits or FrontLimits(),
        lambda change: live.add(change, "websocket"),
        metrics.connections_refused.add,
    )
    gate = Gate(
        BatchedReads(store, Keys()),
        noted,  # type: ignore[arg-type]  # of the life cycle only what the gate calls
        SystemClock(),
        lambda: policy,
        noted.died,
    )
    rules = ReadingRules(TrustedNets.parse(trusted), "http", own_spans=new_spans is not None)
    reader = Reader(rules, cookies)
    identity = Identity(
        issuer=ORIGIN, audience="app", signing_key=lambda: KEY, now=SystemClock().now
    )
    answers = Answers(
        Pages(ORIGIN, MOUNT, load_assets(MOUNT), load_catalogue()),
        OwnHeaders(secure=False),
        CLEAR,
    )
    record = Record(metrics, access)  # type: ignore[arg-type]  # noted, not written
    access.flush = record.flush
    numbers = itertools.count(1)
    server.walk = Walk(
        reader=reader,
        gate=gate,
        pool=pool,
        identity=identity,
        answers=answers,
        record=record,
        forward_auth=ForwardAuth(
            mount=MOUNT,
            enabled=bool(trusted),
            reader=reader,
            gate=gate,
            identity=identity,
            answers=answers,
        ),
        mount=MOUNT,
        public_origin=ORIGIN,
        request_ids=lambda: f"r{next(numbers)}",
        to_page=page_server.serve,
        injection=Injection(reader, lambda: policy, MOUNT, ORIGIN) if inject else None,
        new_spans=new_spans,
    )
    listening = socket()
    listening.bind(("127.0.0.1", 0))
    await server.listen([listening], tls)
    plane = Plane(
        listening.getsockname()[1], pool, server, store, redis, metrics, noted, access, ring, cells
    )
    try:
        yield plane
    finally:
        for wire in plane.wires:
            wire.abort()
        await server.drain(0.0)
        pool.close()
        await page_server.close()
        await store.close()
        await redis.aclose()
        await asyncio.sleep(0)
