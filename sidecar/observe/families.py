"""Every metric, declared once: name, help, type, its closed label set, and its place in a slot.

Label sets are closed so that no user, handle or path can ever become one, and so that each series
is there from the first scrape, at zero. Source: the list in section 6 of the design.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sidecar.core.policy import ALARMS
from sidecar.core.reasons import Ended

OTHER = "other"
"""The series that counts what a closed label set has no value for."""


EXEMPLAR_WIDTH = 4
"""Cells of the exemplar of one bucket: its instant (0 for none), its value, its trace in halves."""


@dataclass(frozen=True, slots=True)
class Family:
    """One metric.

    merge: how a gauge of several processes becomes one number. `sum` adds them, `min` takes the
    lowest that was set, `latest` the one that was set last: for facts about the whole store, which
    any process may have measured. Counters and histograms are always summed. What a gauge means
    where several replicas report it is the last sentence of its help: Prometheus sees one each.
    exemplars: whether each bucket of a histogram keeps the trace of its last observation.
    """

    name: str
    help: str
    kind: Literal["counter", "gauge", "histogram"]
    label: str = ""
    values: tuple[str, ...] = ("",)
    merge: Literal["sum", "min", "latest"] = "sum"
    buckets: tuple[float, ...] = ()
    exemplars: bool = False

    @property
    def width(self) -> int:
        """How many cells it takes: a histogram also has +Inf, its sum and behind it the exemplars,
        `latest` the instants."""
        if self.kind == "histogram":
            bounds = len(self.buckets) + 1
            return bounds + 1 + (EXEMPLAR_WIDTH * bounds if self.exemplars else 0)
        return len(self.values) * (2 if self.merge == "latest" else 1)


VERDICTS = (
    "public",
    "allow",
    "sign_in",
    "deny",
    "unavailable",
    "bad_request",
    "upstream_error",
)
"""How a request went. public: a route for anyone; upstream_error: let through, but 502 or 504."""

METHODS = (
    *("password", "password+totp", "password+recovery_code"),
    *("oidc", "saml", "ldap", "agent", "service", OTHER),
)
LOGIN_RESULTS = (
    "signed_in",
    "invalid_credentials",
    "banned",
    "locked",
    "session_limit",
    "password_change_required",
    "second_factor_required",
    "second_factor_enrolment_required",
    "invalid_code",
    "challenge_invalid",
    "unavailable",
    OTHER,
)
LIVE_KINDS = ("websocket", "event_stream", "download", "live", OTHER)
ALARM_KINDS = (*ALARMS, OTHER)

WHOLE_SECONDS = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip
SHORT_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)

REQUESTS = Family(
    "sidecar_requests_total",
    "Requests by how they went.",
    "counter",
    label="verdict",
    values=VERDICTS,
)
REQUEST_SECONDS = Family(
    "sidecar_request_seconds",
    "From the first byte of a request to the last of its answer.",
    "histogram",
    buckets=WHOLE_SECONDS,
    exemplars=True,
)
GATE_SECONDS = Family(
    "sidecar_gate_seconds",
    "What deciding about a request took, with its look at the store.",
    "histogram",
    buckets=SHORT_SECONDS,
    exemplars=True,
)
UPSTREAM_SECONDS = Family(
    "sidecar_upstream_seconds",
    "From handing a request to the upstream to the end of its answer.",
    "histogram",
    buckets=WHOLE_SECONDS,
    exemplars=True,
)
SESSIONS_ACTIVE = Family(
    "sidecar_sessions_active",
    "Live sessions in the store. The same for all replicas: take the highest.",
    "gauge",
    merge="latest",
)
SESSIONS_OPENED = Family(
    "sidecar_sessions_opened_total",
    "Sessions opened, by how the person signed in.",
    "counter",
    label="method",
    values=METHODS,
)
SESSIONS_ENDED = Family(
    "sidecar_sessions_ended_total",
    "Sessions ended, by reason.",
    "counter",
    label="reason",
    values=tuple(reason.value for reason in Ended),
)
LOGINS = Family(
    "sidecar_logins_total",
    "Sign-in attempts by result.",
    "counter",
    label="result",
    values=LOGIN_RESULTS,
)
LOCKOUTS = Family("sidecar_lockouts_total", "Names locked after too many failures.", "counter")
REVOCATION_SECONDS = Family(
    "sidecar_revocation_seconds",
    "From the end of a session to the cut of its last live connection.",
    "histogram",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
LIVE_CONNECTIONS = Family(
    "sidecar_live_connections",
    "Open now: WebSockets, and what else has been under way for a second. Add the replicas up.",
    "gauge",
    label="kind",
    values=LIVE_KINDS,
)
CONNECTIONS_REFUSED = Family(
    "sidecar_connections_refused_total",
    "Connections that came when as many were open as may be.",
    "counter",
)
OWN_COOKIES_DROPPED = Family(
    "sidecar_own_cookies_dropped_total",
    "Fields by which the upstream tried to set or to clear a cookie of ours.",
    "counter",
)
DEAD_TOKENS = Family(
    "sidecar_dead_tokens_total",
    "Requests with the token of a session that was revoked, or signed out of before.",
    "counter",
)
IP_SPREAD_USERS = Family(
    "sidecar_ip_spread_users",
    "People who are seen from as many addresses as are an alarm. The same for all replicas: take "
    "the highest.",
    "gauge",
    merge="latest",
)
ALARMS_ACTIVE = Family(
    "sidecar_alarms_active",
    "Alarms that are not over and that nobody has acknowledged. The same for all replicas: take "
    "the highest.",
    "gauge",
    label="kind",
    values=ALARM_KINDS,
    merge="latest",
)
AUDIT_SEAL_NUMBER = Family(
    "sidecar_audit_seal_number",
    "Number of the newest seal of the audit log. The same for all replicas: take the highest.",
    "gauge",
    merge="latest",
)
AUDIT_UNSEALED_SECONDS = Family(
    "sidecar_audit_unsealed_seconds",
    "Age of the oldest unsealed audit entry, or 0. The same for all replicas: take the highest.",
    "gauge",
    merge="latest",
)
STORE_UP = Family(
    "sidecar_store_up",
    "Whether the store answers in time: the lowest of the workers. Of replicas, take the lowest.",
    "gauge",
    merge="min",
)
STORE_SECONDS = Family(
    "sidecar_store_seconds",
    "What one command to the store took.",
    "histogram",
    buckets=SHORT_SECONDS,
)
POLICY_RELOAD_SUCCESS = Family(
    "sidecar_policy_reload_success",
    "Whether the policy on disk was good when it was last read. Of replicas, take the lowest.",
    "gauge",
    merge="min",
)
WORKERS_READY = Family(
    "sidecar_workers_ready", "Workers that take requests. Add the replicas up.", "gauge"
)
WORKER_RESTARTS = Family(
    "sidecar_worker_restarts_total", "Workers that died and were replaced.", "counter"
)
LOG_LINES_DROPPED = Family(
    "sidecar_log_lines_dropped_total",
    "Log and access lines lost because the output did not take them in time.",
    "counter",
)

FAMILIES = (
    REQUESTS,
    REQUEST_SECONDS,
    GATE_SECONDS,
    UPSTREAM_SECONDS,
    SESSIONS_ACTIVE,
    SESSIONS_OPENED,
    SESSIONS_ENDED,
    LOGINS,
    LOCKOUTS,
    REVOCATION_SECONDS,
    LIVE_CONNECTIONS,
    CONNECTIONS_REFUSED,
    OWN_COOKIES_DROPPED,
    DEAD_TOKENS,
    IP_SPREAD_USERS,
    ALARMS_ACTIVE,
    AUDIT_SEAL_NUMBER,
    AUDIT_UNSEALED_SECONDS,
    STORE_UP,
    STORE_SECONDS,
    POLICY_RELOAD_SUCCESS,
    WORKERS_READY,
    WORKER_RESTARTS,
    LOG_LINES_DROPPED,
)


def _offsets(families: Iterable[Family]) -> tuple[dict[str, int], int]:
    offsets = {}
    offset = 0
    for family in families:
        offsets[family.name] = offset
        offset += family.width
    return offsets, offset


OFFSETS, CELL_COUNT = _offsets(FAMILIES)
"""Where each family starts in a slot, and how many cells a slot has."""
