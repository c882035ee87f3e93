"""The data plane with its live sign-out, and a life cycle that ends sessions beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from sidecar.core.audit import SYSTEM
from sidecar.core.policy import Policy
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.token import Token
from sidecar.front.live_cut import LiveCut
from sidecar.lifecycle import Lifecycle
from sidecar.observe.metrics import Metrics
from sidecar.proxy.pool import Upstream
from sidecar.store.clock import StoreClock
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.dial import PoolDial
from sidecar.store.events import Events
from sidecar.store.keyring import KeyRing
from sidecar.store.keys import Keys
from sidecar.store.reads import BatchedReads
from sidecar.store.wire import Wire
from tests.plane import POLICY, Plane, a_plane
from tests.wires import ScriptedUpstream

SHORT_DEADLINE = timedelta(seconds=1)


@dataclass
class Beside:
    """What stands beside the data plane. live: what is tested; lifecycle: of another replica."""

    live: LiveCut
    lifecycle: Lifecycle
    database: Database
    metrics: Metrics
    policies: list[Policy]

    async def end(self, token: Token, reason: Ended = Ended.REVOKED) -> None:
        """End a session that `Plane.seed` opened."""
        assert await self.lifecycle.end(handle_in(token), reason, SYSTEM) is not None

    async def vanish(self, token: Token) -> None:
        """Lose a session without a word."""
        await self.database.command("DEL", self.database.keys.session(handle_in(token)))


def handle_in(token: Token) -> Handle:
    return Handle(token.split(".")[2])


@asynccontextmanager
async def beside(
    redis_url: str, policy: Policy = POLICY, *, started: bool = True
) -> AsyncIterator[Beside]:
    """Run live sign-out without a data plane."""
    client = connect(redis_url, SHORT_DEADLINE)
    assert isinstance(client, Redis)
    database = Database(client, Keys(), SHORT_DEADLINE)
    clock = StoreClock(database)
    await clock.start()
    policies, metrics = [policy], Metrics.alone()

    def in_force() -> Policy:
        return policies[-1]

    ring = KeyRing(database, b"s" * 32, clock, lambda: timedelta(hours=24))
    lifecycle = Lifecycle(database, in_force, clock, ring, metrics)
    wire = Wire(PoolDial(client), 5.0, lambda up: None, lambda seconds: None)
    await wire.start()
    live = LiveCut(
        feed=Events(database),
        reads=BatchedReads(wire, database.keys),
        sessions=lifecycle,
        clock=clock,
        policy=in_force,
        metrics=metrics,
        deadline=SHORT_DEADLINE,
    )
    if started:
        live.start()
    try:
        yield Beside(live, lifecycle, database, metrics, policies)
    finally:
        await live.stop()
        await lifecycle.flush()
        await wire.close()
        await clock.stop()
        await database.close()


@asynccontextmanager
async def a_live_plane(
    redis_url: str, upstream: ScriptedUpstream | Upstream, policy: Policy = POLICY, **options: Any
) -> AsyncIterator[tuple[Plane, Beside]]:
    """Run a data plane whose connections are cut. options: of `a_plane`."""
    async with (
        a_plane(redis_url, upstream, policy=policy, **options) as plane,
        beside(redis_url, policy, started=False) as rest,
    ):
        rest.live.cover(plane.server)
        rest.live.start()
        yield plane, rest
