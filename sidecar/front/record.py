"""What is noted of each request when it is over: its numbers and its access line.

A request pays for one tuple. Counting and formatting are done for many at a time, because they
then cost a fraction of what they cost one by one. What a process has not yet handed over is lost
if it is killed (SIGKILL, power): the numbers of the last `INTERVAL` at most, and the lines of that
and of the pause of the writer, 50 ms in all.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from operator import sub
from time import perf_counter, time
from typing import TYPE_CHECKING

from sidecar.observe.access import AccessLog, Finished
from sidecar.observe.metrics import Metrics

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

Report = Callable[[Sequence[Finished], float], None]

BATCH = 256
INTERVAL = 0.03
"""Seconds that a request may wait for others. Who scrapes waits longer (`ops.py`)."""


class Record:
    """Counts and logs the requests of one worker. Belongs to the event loop that it is used on."""

    def __init__(
        self, metrics: Metrics, access: AccessLog | None, report: Report | None = None
    ) -> None:
        """access: None writes no lines at all. report: takes the spans of requests with a trace."""
        self._metrics = metrics
        self._access = access
        self._report = report
        self._entries: list[Finished] = []
        self._timer_runs = False

    def finished(self, conn: "ClientEnd") -> None:
        """Note the connection's current request."""
        message, head = conn.message, conn.head
        entries = self._entries
        entries.append(
            (
                perf_counter(),
                conn.started,
                conn.decided,
                conn.forwarded,
                conn.trace,
                conn.request_id,
                "" if message is None else message.method,
                conn.path,
                conn.status,
                conn.verdict,
                conn.session,
                (conn.peer or "") if head is None else head.client_ip,
                conn.bytes_sent,
            )
        )
        if not self._timer_runs:
            self._timer_runs = True
            asyncio.get_running_loop().call_later(INTERVAL, self._due)
        elif len(entries) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Count all requests so far, and hand over their lines in the order in which they ended."""
        entries, self._entries = self._entries, []
        if not entries:
            return
        offset = time() - perf_counter()
        if self._access is not None:
            self._access.write(entries, offset)
        ended, began, decided, forwarded, traces, _, _, _, _, verdicts, _, _, _ = zip(
            *entries, strict=True
        )
        metrics = self._metrics
        metrics.request_seconds.observe_all(list(map(sub, ended, began)))
        metrics.gate_seconds.observe_all(
            [end - at for end, at in zip(decided, began, strict=True) if end]
        )
        metrics.upstream_seconds.observe_all(
            [end - at for end, at, sent in zip(ended, decided, forwarded, strict=True) if sent]
        )
        for verdict, count in Counter(verdicts).items():
            metrics.requests.add(verdict, count)
        if any(traces):
            self._traced(entries, offset)

    def _traced(self, entries: Sequence[Finished], offset: float) -> None:
        """Name the traces of slow and fast requests beside the numbers, and report the spans."""
        metrics = self._metrics
        for ended, began, decided, forwarded, trace, *_ in entries:
            if trace is None or not trace.sampled:
                continue
            trace_id, at = trace.trace_id, ended + offset
            metrics.request_seconds.exemplify(ended - began, trace_id, at)
            if decided:
                metrics.gate_seconds.exemplify(decided - began, trace_id, at)
            if forwarded:
                metrics.upstream_seconds.exemplify(ended - decided, trace_id, at)
        if self._report is not None:
            self._report(entries, offset)

    def _due(self) -> None:
        self._timer_runs = False
        self.flush()
