"""What a worker does beside requests, by itself: counts sessions, audits reloads of the policy."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType

from sidecar import __version__
from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.core.ports import StoreUnavailable
from sidecar.observe.metrics import Gauge
from sidecar.policy_source import Report
from sidecar.store.background import end

log = logging.getLogger(__name__)

COUNT_EVERY = timedelta(seconds=5)
_RETRY = 0.25
_MOST_CHANGES = 100

Write = Callable[[AuditEntry], Awaitable[str]]


class SessionCount:
    """Keeps the gauge of live sessions. Every worker counts, so that each replica can be asked.

    count: asks the store; while that is silent the gauge shows what was last known.
    """

    def __init__(
        self, count: Callable[[], Awaitable[int]], gauge: Gauge, every: timedelta = COUNT_EVERY
    ) -> None:
        self._count = count
        self._gauge = gauge
        self._every = every.total_seconds()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await end(self._task)

    async def _keep(self) -> None:
        while True:
            with suppress(StoreUnavailable):
                self._gauge.set(await self._count())
            await asyncio.sleep(self._every)


class ReloadAudit:
    """Writes an audit entry for each reload of the policy, and for the start of the product, that
    this worker is to report.

    A silent store is asked again until it has the entry, rather twice than not at all; at the end
    what is under way is waited for, and each entry that is left is tried once more.
    """

    def __init__(
        self,
        reports: "asyncio.Queue[Report]",
        write: Write,
        entered: Callable[[Report], None] = lambda _: None,
    ) -> None:
        """entered: hears of each that is in the log."""
        self._reports = reports
        self._write = write
        self._entered = entered
        self._open: Report | None = None
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await end(self._task)
        async with self._turn:
            reports = [self._open] if self._open is not None else []
            self._open = None
            while not self._reports.empty():
                reports.append(self._reports.get_nowait())
            try:
                for report in reports:
                    await self._write(report_entry(report))
                    self._entered(report)
            except StoreUnavailable:
                log.error("policy_reload_not_audited")

    async def _keep(self) -> None:
        while True:
            self._open = await self._reports.get()
            while self._open is not None:
                try:
                    # The store may have it when we are asked to end: that is not cut off.
                    await asyncio.shield(self._enter(self._open))
                except StoreUnavailable:
                    await asyncio.sleep(_RETRY)

    async def _enter(self, report: Report) -> None:
        async with self._turn:
            if self._open is report:
                await self._write(report_entry(report))
                self._open = None
                self._entered(report)


def report_entry(report: Report) -> AuditEntry:
    """Say what happened. What was wrong with a policy is in the log: it may quote the file."""
    if report.started:
        details = {"version": __version__, "workers": str(report.started)}
        return AuditEntry(Action.SERVICE_STARTED, SYSTEM, details=MappingProxyType(details))
    if report.faults:
        details = {"result": "refused", "faults": str(len(report.faults))}
        return AuditEntry(
            Action.POLICY_RELOADED,
            SYSTEM,
            count=0,
            outcome="refused",
            details=MappingProxyType(details),
        )
    details = {"result": "ok"}
    if report.changes:
        details["changes"] = "\n".join(report.changes[:_MOST_CHANGES])
    if len(report.changes) > _MOST_CHANGES:
        details["omitted"] = str(len(report.changes) - _MOST_CHANGES)
    return AuditEntry(Action.POLICY_RELOADED, SYSTEM, details=MappingProxyType(details))
