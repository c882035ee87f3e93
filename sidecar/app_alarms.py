"""The alarms of one worker, put together: what it notes, what it evaluates, what its gauges say."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path

from sidecar.core.alarm_log import AlarmLog, SealWatch
from sidecar.core.alarm_people import Locate
from sidecar.core.policy import ALARMS, Policy
from sidecar.core.ports import Clock, Sessions, StoreUnavailable, Tombstone
from sidecar.core.replay import is_replay
from sidecar.core.session import Handle
from sidecar.geoip import open_places
from sidecar.login.device import device_of
from sidecar.observe.alarm_watch import AlarmWatch, Surroundings
from sidecar.observe.metrics import Metrics
from sidecar.store.alarm_causes import Causes
from sidecar.store.alarms import Alarms
from sidecar.store.audit_waiting import AuditWaiting
from sidecar.store.background import end
from sidecar.store.database import Database
from sidecar.store.fact_notes import FactNotes
from sidecar.store.lease import Lease

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=4)
"""A holder that died is followed by another within this, and a second."""

GAUGES_EVERY = timedelta(seconds=3)


class AlarmGauges:
    """Keeps the gauges of alarms, and of what one is raised for. Every worker asks the store, so
    that each replica can be asked, and all say the same."""

    def __init__(self, log: AlarmLog, seals: SealWatch, clock: Clock, metrics: Metrics) -> None:
        self._log = log
        self._seals = seals
        self._clock = clock
        self._metrics = metrics
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await end(self._task)

    async def show(self) -> None:
        """Ask once. Raises StoreUnavailable."""
        counts = await self._log.counts()
        for kind in ALARMS:
            self._metrics.alarms_active.set(counts.active.get(kind, 0), kind)
        self._metrics.ip_spread_users.set(counts.open.get("ip_spread", 0))
        since = await self._seals.unsealed_since()
        age = (self._clock.now() - since).total_seconds() if since else 0.0
        self._metrics.audit_unsealed_seconds.set(max(age, 0.0))

    async def _keep(self) -> None:
        while True:
            with suppress(StoreUnavailable):
                await self.show()
            await asyncio.sleep(GAUGES_EVERY.total_seconds())


class AlarmParts:
    """All that one worker has to do with alarms. sealed: returns up to where the
    audit log is sealed."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        clock: Clock,
        sessions: Sessions,
        metrics: Metrics,
        sealed: Callable[[], Sequence[str]],
    ) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock
        self._sessions = sessions
        self._metrics = metrics
        self._seals = AuditWaiting(database, sealed)
        self._notes = FactNotes(database, clock)
        self._gauges = AlarmGauges(Alarms(database, policy), self._seals, clock, metrics)

    def start(self, stack: AsyncExitStack, places: Path | None) -> None:
        """Note what alarms are raised for, and raise them where nobody else does, until the stack
        is left. places: a database of them."""
        for part in (self._notes, self._watch(locate_by(places, stack)), self._gauges):
            part.start()
            stack.push_async_callback(part.stop)

    def dead_token(self, tombstone: Tombstone, handle: Handle, client_ip: str, own: bool) -> None:
        """The token of a session that has ended was used. Never waits."""
        if not is_replay(tombstone, self._clock.now(), own=own):
            return
        self._metrics.dead_tokens.add()
        self._notes.dead_token(tombstone, handle, client_ip)
        what = {"user_id": tombstone.user_id, "reason": tombstone.reason}
        log.warning("dead_token_used", extra=what)

    def store_state(self, up: bool) -> None:
        """The store answers, or does not. Never waits."""
        self._metrics.store_up.set(1.0 if up else 0.0)
        self._notes.store_state(up)

    def _watch(self, locate: Locate | None) -> AlarmWatch:
        async def named(user_agent: str) -> str:
            device = await asyncio.to_thread(device_of, user_agent, self._policy().devices)
            return device.label

        around = Surroundings(
            causes=Causes(self._database, self._policy, self._clock),
            book=Alarms(self._database, self._policy),
            sessions=self._sessions,
            clock=self._clock,
            policy=self._policy,
            named=named,
            locate=locate,
            seals=self._seals,
        )
        return AlarmWatch(around, Lease(self._database, "alarms", LEASE))


def locate_by(path: Path | None, stack: AsyncExitStack) -> Locate | None:
    """Return what says where addresses are; None without a database."""
    if path is None:
        return None
    places = open_places(path)
    stack.callback(places.close)
    return places.locate
