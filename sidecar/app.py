"""One worker, put together: the store, the rules, the data plane and our own pages.

This is the composition root. Everything below names what it needs; only here is it known who
gives it. `serve` runs until it is told to stop, and returns when it has drained.
"""

import asyncio
import gc
import logging
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from socket import socket

from redis.asyncio import Redis

from sidecar.app_alarms import AlarmParts
from sidecar.app_desk import build_desk
from sidecar.app_front import FrontParts, build_front
from sidecar.app_identity import IdentityParts, identity_of
from sidecar.app_scim import scim_of
from sidecar.app_signals import signals_of
from sidecar.app_sinks import Sinks
from sidecar.app_tasks import ReloadAudit, SessionCount
from sidecar.app_traces import spans_of
from sidecar.app_webhooks import build_webhooks
from sidecar.core.audit_seal import SealState
from sidecar.core.policy import Policy
from sidecar.core.ports import SessionReads, StoreUnavailable
from sidecar.core.users import Role
from sidecar.front.live_cut import LiveCut
from sidecar.front.mount import build_mount
from sidecar.front.pages import Pages as PageServer
from sidecar.front.record import Record
from sidecar.front.services import MountServices
from sidecar.gate import Gate
from sidecar.lifecycle import Lifecycle
from sidecar.login.hashing import Hashing
from sidecar.observe.cells import Cells
from sidecar.observe.logs import access_log
from sidecar.observe.metrics import Metrics
from sidecar.policy_source import PolicySource
from sidecar.process import give_back_memory
from sidecar.settings import Settings
from sidecar.store.agent_uses import AgentUses
from sidecar.store.agents import StoredAgents
from sidecar.store.audit import Audit
from sidecar.store.audit_sealer import Sealer
from sidecar.store.clock import StoreClock
from sidecar.store.cluster_reads import ClusterReads
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.dial import PoolDial
from sidecar.store.ended_sessions import EndedSessions
from sidecar.store.events import Events
from sidecar.store.factors import StoredFactors
from sidecar.store.handed_counts import HandedCounts
from sidecar.store.keyring import KeyRing
from sidecar.store.keys import Keys
from sidecar.store.notices import StoredNotices
from sidecar.store.reads import BatchedReads
from sidecar.store.retention import Retention
from sidecar.store.seal import read_secret, secret_of
from sidecar.store.signal_book import StoredSignals
from sidecar.store.sweeper import Sweeper
from sidecar.store.throttle import RedisThrottle
from sidecar.store.users import Users
from sidecar.store.why import why_unavailable
from sidecar.store.wire import Wire

log = logging.getLogger(__name__)

_RETRY = 0.25


async def serve(
    settings: Settings,
    sockets: Sequence[socket],
    ssl_context: ssl.SSLContext | None,
    cells: Cells,
    policy: PolicySource,
    stop: asyncio.Event,
) -> None:
    """Serve on bound sockets until `stop` is set and what is under way has finished.

    settings.redis.url: of a store that is there; an embedded one has been started by now.
    """
    async with AsyncExitStack() as stack:
        worker = Worker(settings, cells, policy, stack)
        if not await worker.start(stop):
            return
        server, pool = build_front(settings, worker.front)
        stack.callback(pool.close)
        worker.live.cover(server)
        await server.listen(sockets, ssl_context)
        await asyncio.to_thread(worker.front.pages.prepare)
        give_back_memory()
        gc.freeze()  # all of this stays: a full collection need not look at it, 40 ms each time
        await stop.wait()
        await server.drain(settings.drain_timeout.total_seconds())


class Worker:
    """The parts of one worker behind the front. What it starts ends with the stack."""

    def __init__(
        self, settings: Settings, cells: Cells, policy: PolicySource, stack: AsyncExitStack
    ) -> None:
        self._settings = settings
        self._stack = stack
        self._metrics = metrics = Metrics(cells)
        redis = settings.redis
        client = connect(redis.url.text, redis.deadline, prefix=redis.prefix)
        keys = Keys(redis.prefix, redis.partitions)
        self._client = client
        self._database = database = Database(client, keys, redis.deadline)
        self._clock = clock = StoreClock(database)

        def in_force() -> Policy:
            return policy.current

        self._secret = secret = (
            read_secret(settings.secret_file)
            if settings.secret_file is not None
            else secret_of(settings.state_dir)
        )
        self._ring = KeyRing(database, secret, clock, lambda: _longest_lifetime(in_force()))
        history = EndedSessions(database, in_force, clock)
        counts = partial(HandedCounts(database).take, metrics)
        chores = (Retention(database, in_force).trim, history.trim, counts)
        self._sweeper = Sweeper(database, in_force, metrics, chores)
        self._webhooks = build_webhooks(settings.webhooks, database, secret, clock)
        self._sinks = Sinks(settings.audit, database)
        self._sealer = Sealer(database, secret, in_force, settings.state_dir, self._sealed)
        self._lifecycle = Lifecycle(database, in_force, clock, self._ring, metrics)
        self._session_count = SessionCount(self._lifecycle.count, metrics.sessions_active)
        self._reload_audit = ReloadAudit(policy.reports, Audit(database).write, policy.entered)
        self._alarms = AlarmParts(
            database, in_force, clock, self._lifecycle, metrics, lambda: self._sealer.sealed
        )
        self._policy = in_force
        self._policy_state = policy.state
        self.front: FrontParts
        self.live: LiveCut

    async def start(self, stop: asyncio.Event) -> bool:
        """Begin all that runs beside requests. False: told to stop before the store was there."""
        stack = self._stack
        spans = spans_of(self._settings.otel)
        if spans is not None:
            stack.callback(spans.close)
        record = Record(
            self._metrics,
            access_log() if self._settings.log.access else None,
            None if spans is None else spans.report,
        )
        stack.callback(record.flush)  # at the very end: what is cut by the end is over, too
        stack.push_async_callback(self._database.close)
        await self._clock.start()
        stack.push_async_callback(self._clock.stop)
        if not await self._keys_there(stop):
            return False
        stack.push_async_callback(self._ring.stop)
        self._sealer.start()
        stack.push_async_callback(self._sealer.stop)
        self._sweeper.start()
        stack.push_async_callback(self._sweeper.stop)
        stack.push_async_callback(self._lifecycle.flush)
        self._sinks.start()
        stack.push_async_callback(self._sinks.stop)
        self._webhooks.dispatcher.start()
        stack.push_async_callback(self._webhooks.dispatcher.stop)
        self._session_count.start()
        stack.push_async_callback(self._session_count.stop)
        self._reload_audit.start()
        stack.push_async_callback(self._reload_audit.stop)
        self._alarms.start(stack, self._settings.geoip.database)
        reads = await self._reads()
        uses = AgentUses(self._database)
        uses.start()
        stack.push_async_callback(uses.stop)
        told = (self._alarms.dead_token, uses.note)
        gate = Gate(reads, self._lifecycle, self._clock, self._policy, *told)
        self.live = LiveCut(
            feed=Events(self._database),
            reads=reads,
            sessions=self._lifecycle,
            clock=self._clock,
            policy=self._policy,
            metrics=self._metrics,
            deadline=self._settings.redis.deadline,
        )
        self.live.start()
        stack.push_async_callback(self.live.stop)
        hashing = Hashing()
        stack.callback(hashing.close)
        services = self._services(gate, hashing)
        page_server = PageServer(build_mount(services))
        await page_server.start()
        stack.push_async_callback(page_server.close)
        self.front = FrontParts(
            gate=gate,
            policy=self._policy,
            clock=self._clock,
            keys=self._ring,
            pages=services.pages,
            page_server=page_server,
            metrics=self._metrics,
            record=record,
            spans=spans,
        )
        return True

    async def _keys_there(self, stop: asyncio.Event) -> bool:
        """Wait for the store: without its keys no cookie can be told from garbage."""
        said = None
        while not stop.is_set():
            try:
                await self._ring.start()
            except StoreUnavailable as silent:
                self._metrics.store_up.set(0.0)
                why = why_unavailable(silent)
                if why != said:
                    where = str(self._settings.redis.url)
                    log.warning("waiting_for_store", extra={"store": where, "why": why})
                    said = why
                await asyncio.sleep(_RETRY)
            else:
                return True
        return False

    async def _reads(self) -> SessionReads:
        metrics = self._metrics
        on_state = self._alarms.store_state
        deadline = self._settings.redis.deadline.total_seconds()
        if not isinstance(self._client, Redis):
            return ClusterReads(self._database, on_state, metrics.store_seconds.observe)
        dial = PoolDial(self._client)
        wire = Wire(dial, deadline, on_state, metrics.store_seconds.observe)
        await wire.start()
        self._stack.push_async_callback(wire.close)
        return BatchedReads(wire, self._database.keys)

    def _services(self, gate: Gate, hashing: Hashing) -> MountServices:
        metrics, settings, clock = self._metrics, self._settings, self._clock
        agents = StoredAgents(self._database, self._policy, clock, self._ring, metrics)
        directory = Users(self._database, self._policy, metrics)
        lockout, on_lock = (lambda: self._policy().lockout), metrics.lockouts.add
        throttle = RedisThrottle(self._database, lockout, clock, on_lock)
        factors = StoredFactors(self._database, self._policy, metrics, self._secret)
        shared = (self._lifecycle, clock, self._ring, self._database, self._policy, metrics)
        identity = identity_of(settings, IdentityParts(directory, throttle, *shared), self._stack)
        return MountServices(
            public_url=settings.public_url,
            mount=settings.mount,
            directory=directory,
            throttle=throttle,
            sessions=self._lifecycle,
            clock=self._clock,
            hashing=hashing,
            signed_in=gate.signed_in,
            look_again=gate.look_again,
            policy=self._policy,
            desk=build_desk(
                self._database,
                self._clock,
                self._policy_state,
                self._lifecycle,
                directory,
                hashing,
                self._webhooks.book,
                public_url=settings.public_url,
                mount=settings.mount,
                sentinel="sentinel" in settings.redis.url.text.partition(":")[0],
                has_places=settings.geoip.database is not None,
                outbound=self._webhooks.rules,
                agents=agents,
                factors=factors,
            ),
            agents=agents,
            factors=factors,
            public_keys=lambda: self._ring.public_keys,
            count_login=metrics.logins.add,
            live=self.live,
            notices=StoredNotices(self._database, self._policy, self._clock, metrics),
            account_path=settings.account_path,
            providers=identity.room,
            directories=identity.directories,
            scim=scim_of(settings, directory),
            signals=signals_of(settings, StoredSignals(self._database, self._policy, metrics)),
        )

    def _sealed(self, state: SealState) -> None:
        self._metrics.audit_seal_number.set(state.number)


def _longest_lifetime(policy: Policy) -> timedelta:
    return max(policy.limits_for(role).absolute_lifetime for role in Role)
