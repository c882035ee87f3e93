"""Says that the upstream tried to set or to clear a cookie of ours, which never reached a client.

An application has no reason to: it is misconfigured, or somebody made it plant a session (case
S-51).
"""

import logging
from time import monotonic

from sidecar.observe.metrics import Counter

log = logging.getLogger(__name__)

_REPORT_EVERY = 10.0


class OwnCookieReport:
    """Counts each time, and says it in the log once in a while."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._unsaid = 0
        self._next_report = 0.0

    def __call__(self, count: int) -> None:
        self._counter.add("", count)
        self._unsaid += count
        now = monotonic()
        if now >= self._next_report:
            log.warning("own_cookies_dropped", extra={"count": self._unsaid})
            self._unsaid = 0
            self._next_report = now + _REPORT_EVERY
