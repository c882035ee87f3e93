"""What is noted of each request when it is over: its numbers and its access line."""

from time import perf_counter
from typing import TYPE_CHECKING

from sidecar.observe.access import AccessLog
from sidecar.observe.metrics import Metrics

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd


class Record:
    """Counts and logs the requests of one worker."""

    def __init__(self, metrics: Metrics, access: AccessLog | None) -> None:
        self._requests = metrics.requests
        self._whole = metrics.request_seconds.observe
        self._gate = metrics.gate_seconds.observe
        self._upstream = metrics.upstream_seconds.observe
        self._access = access

    def finished(self, conn: "ClientEnd") -> None:
        """Note the connection's current request. Seconds are on the monotonic clock."""
        now = perf_counter()
        started, decided = conn.started, conn.decided
        seconds = now - started
        gate = decided - started if decided else 0.0
        upstream = now - decided if decided and conn.forwarded else 0.0
        self._requests.add(conn.verdict)
        self._whole(seconds)
        if decided:
            self._gate(gate)
            if conn.forwarded:
                self._upstream(upstream)
        if self._access is not None:
            message = conn.message
            head = conn.head
            session = conn.session
            self._access.write(
                conn.request_id,
                message.method if message is not None else "",
                conn.path,
                conn.status,
                conn.verdict,
                None if session is None else session.handle,
                None if session is None else session.user_id,
                head.client_ip if head is not None else conn.peer or "",
                conn.bytes_sent,
                seconds,
                gate,
                upstream,
            )
