"""Alarms: what there are of them, how grave each is, and what is kept of one.

    ip_spread             addresses of one person (IPv6 by /64)
    failed_logins         failed sign-ins: of one name, from one address, of all
    lockout               a name that was locked
    dead_token            the token of a session that was revoked, used again
    session_shift         one session from another address and another program
    impossible_travel     two places that nobody travels between so fast; its threshold is in km/h
    cap_reached           a sign-in of somebody who has as many sessions as may be
    mass_revocation       sessions that one person ended
    store_degraded        outages of the store
    audit_unsealed        audit entries that wait for a seal for longer than the window
    webhook_failing       a webhook that was switched off because it does not answer
    policy_reload_failed  a policy that was refused

One alarm is about one subject: a person, a session, an address. It is raised once, and updated
while its condition holds; it resolves by itself when that is over. Somebody may acknowledge it
meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from sidecar.core.audit import Actor
from sidecar.core.session import Handle
from sidecar.core.users import UserId


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlarmState(StrEnum):
    """In the order in which they are listed."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        "ip_spread": Severity.WARNING,
        "failed_logins": Severity.WARNING,
        "lockout": Severity.WARNING,
        "dead_token": Severity.WARNING,
        "session_shift": Severity.CRITICAL,
        "impossible_travel": Severity.CRITICAL,
        "cap_reached": Severity.INFO,
        "mass_revocation": Severity.CRITICAL,
        "store_degraded": Severity.CRITICAL,
        "audit_unsealed": Severity.CRITICAL,
        "webhook_failing": Severity.WARNING,
        "policy_reload_failed": Severity.WARNING,
    }
)
SYSTEM_KINDS = frozenset(
    {"store_degraded", "audit_unsealed", "webhook_failing", "policy_reload_failed"}
)
"""Those that no session is concerned in."""

MOST_LISTED = 20
"""Of addresses, devices and sessions, each, in the evidence of one alarm."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is behind an alarm. counts: numbers by what they count; details: texts by name."""

    ip_addresses: Sequence[str] = ()
    devices: Sequence[str] = ()
    handles: Sequence[Handle] = ()
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found true now. subject: with the kind, what makes an alarm one. count: how often
    within the window."""

    kind: str
    subject: str
    evidence: Evidence
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    user_id: UserId | None = None
    username: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as it is kept. count: within the window, at its worst. ended: how many sessions its
    action ended; None if it has none, or has not acted yet."""

    id: str
    kind: str
    subject: str
    severity: Severity
    state: AlarmState
    evidence: Evidence
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    user_id: UserId | None = None
    username: str = ""
    action: Literal["notify", "end_sessions"] = "notify"
    must_act: bool = False
    ended: int | None = None
    acknowledged_by: Actor | None = None
    acknowledged_at: datetime | None = None
    note: str = ""
    resolved_at: datetime | None = None
