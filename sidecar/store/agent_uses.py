"""What agents asked for, in the audit log: taken at once, written soon, many together.

Each agent gets at most one entry a minute for each rule of the policy that decided about it, over
all replicas, which has how often that was since the entry before. A process that is killed takes
along what it heard of in the last half second.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.policy import Route
from sidecar.core.ports import StoreUnavailable
from sidecar.core.session import Handle, Session
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.background import end
from sidecar.store.codec import span_ms
from sidecar.store.database import Database

EVERY = timedelta(minutes=1)
_GATHER = 0.5
_MOST_WAITING = 10_000

_Key = tuple[Handle, str, bool]


@dataclass(slots=True)
class _Use:
    """count: since it was last told to the store. due: when the loop's clock lets it be told."""

    session: Session
    count: int
    due: float


class AgentUses:
    """One for each process."""

    def __init__(self, database: Database, every: timedelta = EVERY) -> None:
        self._database = database
        self._every = every
        self._waiting: dict[_Key, _Use] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Write what waits, as far as the store lets. Does not raise."""
        await end(self._task)
        try:
            await self.flush()
        except StoreUnavailable:
            return

    def note(self, session: Session, route: Route, allowed: bool) -> None:
        """An agent asked for what this rule is about. Never waits."""
        key = (session.handle, rule_name(route), allowed)
        use = self._waiting.get(key)
        if use is not None:
            use.count += 1
        elif len(self._waiting) < _MOST_WAITING:
            self._waiting[key] = _Use(session, 1, 0.0)

    async def flush(self) -> None:
        """Tell the store what may be told. Raises StoreUnavailable: then the rest waits on."""
        now = asyncio.get_running_loop().time()
        parts: dict[int, list[_Key]] = {}
        for key, use in self._waiting.items():
            if use.due <= now or use.count:
                parts.setdefault(self._database.keys.partition_of(key[0]), []).append(key)
        for partition, keys in parts.items():
            await self._write(partition, keys, now)

    async def _write(self, partition: int, keys: list[_Key], now: float) -> None:
        counts = [self._waiting[key].count for key in keys]
        uses = [
            {
                "h": handle,
                "rule": rule,
                "n": count,
                "o": "" if allowed else "refused",
                "entry": _entry(self._waiting[handle, rule, allowed].session, rule, allowed),
            }
            for (handle, rule, allowed), count in zip(keys, counts, strict=True)
        ]
        given = {"uses": uses, "every": span_ms(self._every)}
        answer = await self._database.run(scripts.AGENT_USED, partition, given)
        for key, count, wait in zip(keys, counts, answer, strict=True):
            use = self._waiting[key]
            use.count -= count
            if wait or use.count:
                use.due = now + int(wait) / 1000
            else:
                del self._waiting[key]

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_GATHER)
            try:
                await self.flush()
            except StoreUnavailable:
                continue


def rule_name(route: Route) -> str:
    """Return what the audit log calls a rule: the methods it is about, and its path."""
    return f"{','.join(sorted(route.methods))} {route.path}".strip()


def _entry(session: Session, rule: str, allowed: bool) -> dict[str, object]:
    kind = ActorKind.AGENT if session.kind.value == "agent" else ActorKind.SERVICE
    outcome: Literal["done", "refused"] = "done" if allowed else "refused"
    entry = AuditEntry(
        Action.AGENT_ACCESSED,
        Actor(kind, session.user_id, session.username, session.last_ip_address),
        Target(session.user_id, session.username, session.handle),
        reason="" if allowed else "forbidden",
        outcome=outcome,
        details={"agent": session.agent.name if session.agent else "", "route": rule},
    )
    return entry_fields(entry)
