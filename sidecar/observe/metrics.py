"""What the product counts, as plain local numbers: nothing here formats or locks.

One `Metrics` per process, over the slot of that process. `collector.py` reads all slots when
somebody scrapes.
"""

import math
import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from sidecar.observe import families
from sidecar.observe.cells import Cells, View, Words
from sidecar.observe.families import (
    CELL_COUNT,
    EXEMPLAR_WIDTH,
    FAMILIES,
    OFFSETS,
    OTHER,
    Family,
)


class Counter:
    """A number that only grows, one per label value."""

    __slots__ = ("_cells", "_indexes", "_other")

    def __init__(self, cells: View, family: Family) -> None:
        self._cells = cells
        self._indexes = _indexes(family)
        self._other = self._indexes.get(OTHER, -1)

    def add(self, label: str = "", amount: float = 1.0) -> None:
        """Count `amount` more. A label outside the closed set counts as `other` where there is one,
        else it raises LookupError: that is a fault of ours, never of a client."""
        index = self._indexes.get(label, self._other)
        if index < 0:
            raise LookupError(f"no such label value: {label}")
        self._cells[index] += amount

    def value(self, label: str = "") -> float:
        """Return what this process has counted."""
        return float(self._cells[self._indexes[label]])


class Gauge:
    """A number of now, one per label value."""

    __slots__ = ("_cells", "_indexes", "_other", "_stamped")

    def __init__(self, cells: View, family: Family) -> None:
        self._cells = cells
        self._indexes = _indexes(family)
        self._other = self._indexes.get(OTHER, -1)
        self._stamped = family.merge == "latest"

    def set(self, value: float, label: str = "") -> None:
        index = self._indexes.get(label, self._other)
        self._cells[index] = value
        if self._stamped:
            self._cells[index + 1] = time.monotonic()

    def add(self, amount: float, label: str = "") -> None:
        """Move a summed gauge up or down."""
        self._cells[self._indexes.get(label, self._other)] += amount

    def value(self, label: str = "") -> float:
        """Return what this process last set; NaN where it has not set anything."""
        return float(self._cells[self._indexes[label]])


class Histogram:
    """How long something took, counted into buckets."""

    __slots__ = ("_bounds", "_cells", "_first", "_sum", "_words")

    def __init__(self, cells: View, family: Family, words: "Words | None" = None) -> None:
        """words: the same cells, of a family that has room for exemplars."""
        self._cells = cells
        self._words = words
        self._bounds = family.buckets
        self._first = OFFSETS[family.name]
        self._sum = self._first + len(family.buckets) + 1

    def observe(self, seconds: float) -> None:
        cells = self._cells
        cells[self._first + bisect_left(self._bounds, seconds)] += 1.0
        cells[self._sum] += seconds

    def observe_all(self, seconds: Sequence[float]) -> None:
        """Observe many. Shared memory is written once for each bucket, not for each of them."""
        ordered = sorted(seconds)
        cells, index, counted = self._cells, self._first, 0
        for bound in self._bounds:
            upto = bisect_right(ordered, bound)
            if upto != counted:
                cells[index] += upto - counted
                counted = upto
            index += 1
        cells[index] += len(ordered) - counted
        cells[self._sum] += sum(ordered)

    def exemplify(self, seconds: float, trace_id: str, at: float) -> None:
        """Make this observation, which has been counted, the example of its bucket.

        trace_id: 32 hexadecimal digits. at: Unix time. It is written before its instant and after
        that has been taken away, so that who reads meanwhile finds none.
        """
        if self._words is None:
            raise LookupError("no room for exemplars")
        index = self._sum + 1 + EXEMPLAR_WIDTH * bisect_left(self._bounds, seconds)
        self._cells[index] = 0.0
        self._cells[index + 1] = seconds
        self._words[index + 2] = int(trace_id[:16], 16)
        self._words[index + 3] = int(trace_id[16:], 16)
        self._cells[index] = at

    def count(self) -> int:
        """Return how many this process has observed."""
        return int(sum(self._cells[self._first : self._sum]))


class Metrics:
    """All metrics of one process, each under the name of what it counts."""

    def __init__(self, cells: Cells) -> None:
        """Continue the counters that the slot holds, and forget its gauges."""
        view, words = cells.view, cells.words
        reset_gauges(cells)
        self.requests = Counter(view, families.REQUESTS)
        self.request_seconds = Histogram(view, families.REQUEST_SECONDS, words)
        self.gate_seconds = Histogram(view, families.GATE_SECONDS, words)
        self.upstream_seconds = Histogram(view, families.UPSTREAM_SECONDS, words)
        self.sessions_active = Gauge(view, families.SESSIONS_ACTIVE)
        self.sessions_opened = Counter(view, families.SESSIONS_OPENED)
        self.sessions_ended = Counter(view, families.SESSIONS_ENDED)
        self.logins = Counter(view, families.LOGINS)
        self.lockouts = Counter(view, families.LOCKOUTS)
        self.revocation_seconds = Histogram(view, families.REVOCATION_SECONDS)
        self.live_connections = Gauge(view, families.LIVE_CONNECTIONS)
        self.connections_refused = Counter(view, families.CONNECTIONS_REFUSED)
        self.own_cookies_dropped = Counter(view, families.OWN_COOKIES_DROPPED)
        self.dead_tokens = Counter(view, families.DEAD_TOKENS)
        self.ip_spread_users = Gauge(view, families.IP_SPREAD_USERS)
        self.alarms_active = Gauge(view, families.ALARMS_ACTIVE)
        self.audit_seal_number = Gauge(view, families.AUDIT_SEAL_NUMBER)
        self.audit_unsealed_seconds = Gauge(view, families.AUDIT_UNSEALED_SECONDS)
        self.store_up = Gauge(view, families.STORE_UP)
        self.store_seconds = Histogram(view, families.STORE_SECONDS)
        self.policy_reload_success = Gauge(view, families.POLICY_RELOAD_SUCCESS)
        self.workers_ready = Gauge(view, families.WORKERS_READY)
        self.worker_restarts = Counter(view, families.WORKER_RESTARTS)
        self.log_lines_dropped = Counter(view, families.LOG_LINES_DROPPED)

    @classmethod
    def alone(cls) -> "Metrics":
        """Return the metrics of a process that nobody scrapes: a command, or a test."""
        return cls(new_slot())

    def opened(self, method: str) -> None:
        """A session was opened by this way of signing in."""
        self.sessions_opened.add(method)

    def ended(self, reason: str, count: int = 1) -> None:
        """Sessions ended; reason: a value of `Ended`."""
        self.sessions_ended.add(reason, count)


def new_slot() -> Cells:
    """Return a slot with room for every metric."""
    return Cells.create(CELL_COUNT)


def reset_gauges(cells: Cells) -> None:
    """Forget what was true of a process that is no more; its counters stay."""
    for family in FAMILIES:
        if family.kind == "gauge":
            unset = 0.0 if family.merge == "sum" else math.nan
            for index in range(family.width):
                cells.view[OFFSETS[family.name] + index] = unset


def _indexes(family: Family) -> Mapping[str, int]:
    step = family.width // len(family.values)
    return {label: OFFSETS[family.name] + step * at for at, label in enumerate(family.values)}
