"""The rules that count: marks of one subject within a window; and those about the product itself.

Each returns what it found, or None: then its alarm is not raised, or is over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sidecar.core.alarm_facts import FailureRate, Mark, Observation, PersonFacts
from sidecar.core.alarms import MOST_LISTED, Evidence, Finding
from sidecar.core.instants import read_instant, write_instant
from sidecar.core.policy import AlarmRule

BY_PERSON, BY_ADDRESS, BY_ALL = "user:", "ip:", "all"
"""How the subjects of failed_logins begin."""

UNTIL_MENDED = frozenset({"webhook_failing", "policy_reload_failed"})
"""Their condition is over when it is in order again, however long that takes."""

LONGEST = timedelta(days=30)
"""How long marks are kept of what lasts until it is mended."""

_NAMES = {
    "failed_logins": "failures",
    "lockout": "lockouts",
    "dead_token": "uses",
    "cap_reached": "attempts",
    "mass_revocation": "sessions",
    "webhook_failing": "times",
    "policy_reload_failed": "times",
}
"""What the counts of each kind are called in its evidence."""


def threshold_of(kind: str, subject: str, rule: AlarmRule) -> int:
    """Return how many are an alarm: of failed sign-ins, those from one address have their own."""
    if kind == "failed_logins" and subject.startswith(BY_ADDRESS):
        return rule.per_ip or rule.threshold
    return rule.threshold


def kept_for(kind: str, rule: AlarmRule) -> timedelta:
    """Return how long a mark may matter."""
    return LONGEST if kind in UNTIL_MENDED else rule.window


def counted(
    about: Observation,
    marks: Sequence[Mark],
    rule: AlarmRule,
    now: datetime,
    *,
    is_raised: bool = False,
) -> Finding | None:
    """Marks of one subject, added up within the window.

    is_raised: there is an alarm; of what lasts until it is mended, any mark then keeps it up.
    """
    kind, subject = about.kind, about.subject
    if kind == "store_degraded":
        return store_degraded(marks, rule, now)
    within = [mark for mark in marks if mark.at > now - rule.window]
    enough = sum(mark.weight for mark in within) >= threshold_of(kind, subject, rule)
    if not (enough or (is_raised and kind in UNTIL_MENDED and marks)):
        return None
    shown = sorted(within or marks, key=lambda mark: mark.at)
    total = sum(mark.weight for mark in shown)
    listed = list(reversed(shown))
    handles = dict.fromkeys(mark.handle for mark in listed if mark.handle)
    return Finding(
        kind=kind,
        subject=subject,
        evidence=Evidence(
            ip_addresses=_some(mark.address for mark in listed),
            handles=tuple(handles)[:MOST_LISTED],
            counts=MappingProxyType(_counts(kind, subject, shown, total)),
            details=_told(listed[0]),
        ),
        count=total,
        first_seen_at=shown[0].at,
        last_seen_at=shown[-1].at,
        user_id=about.user_id,
        username=about.username,
    )


def with_person(finding: Finding, person: PersonFacts) -> Finding:
    """Return it with the person's live sessions behind those that it names."""
    evidence = finding.evidence
    handles = (*evidence.handles, *(session.handle for session in person.sessions))
    return replace(
        finding,
        username=finding.username or person.username,
        evidence=replace(
            evidence,
            devices=_some(session.device.label for session in person.sessions),
            handles=tuple(dict.fromkeys(handles))[:MOST_LISTED],
        ),
    )


def overall_failures(rate: FailureRate, rule: AlarmRule) -> Finding | None:
    """More failed sign-ins than ever is usual here: many, and many times the usual number."""
    if not rule.overall or rate.recent < rule.overall:
        return None
    if rate.recent < (rule.times_usual or 1) * rate.usual:
        return None
    return Finding(
        kind="failed_logins",
        subject=BY_ALL,
        evidence=Evidence(
            counts=MappingProxyType({"failures": rate.recent, "usual": round(rate.usual)})
        ),
        count=rate.recent,
        first_seen_at=rate.at,
        last_seen_at=rate.at,
    )


def store_degraded(marks: Sequence[Mark], rule: AlarmRule, now: datetime) -> Finding | None:
    """Outages that ended within the window. Every process reports what it has seen: what overlaps
    was one outage."""
    spans = sorted((read_instant(mark.details["begin"]), mark.at) for mark in marks)
    outages: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        if end <= now - rule.window:
            continue
        if outages and begin <= outages[-1][1]:
            outages[-1] = (outages[-1][0], max(end, outages[-1][1]))
        else:
            outages.append((begin, end))
    if len(outages) < rule.threshold:
        return None
    begin, end = outages[-1]
    silent = sum((till - since for since, till in outages), timedelta())
    return Finding(
        kind="store_degraded",
        subject="",
        evidence=Evidence(
            counts=MappingProxyType(
                {"outages": len(outages), "seconds": max(1, round(silent.total_seconds()))}
            ),
            details=MappingProxyType({"begin": write_instant(begin), "end": write_instant(end)}),
        ),
        count=len(outages),
        first_seen_at=outages[0][0],
        last_seen_at=end,
    )


def audit_unsealed(
    waiting_since: datetime | None, rule: AlarmRule, now: datetime
) -> Finding | None:
    """The oldest entry without a seal waits for longer than the window."""
    if waiting_since is None or now - waiting_since < rule.window:
        return None
    seconds = round((now - waiting_since).total_seconds())
    return Finding(
        kind="audit_unsealed",
        subject="",
        evidence=Evidence(
            counts=MappingProxyType({"seconds": seconds}),
            details=MappingProxyType({"since": write_instant(waiting_since)}),
        ),
        count=1,
        first_seen_at=waiting_since,
        last_seen_at=now,
    )


def _counts(kind: str, subject: str, marks: Sequence[Mark], total: int) -> dict[str, int]:
    counts = {_NAMES[kind]: total}
    if subject.startswith(BY_ADDRESS):
        counts["names"] = len({mark.details.get("name", "") for mark in marks})
    return counts


def _told(mark: Mark) -> MappingProxyType[str, str]:
    """Return the details of a mark, but no name: of people there is the id, and what nobody is
    called may be a password that was typed into the wrong field."""
    details = mark.details.items()
    return MappingProxyType({name: text for name, text in details if name != "name"})


def _some(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:MOST_LISTED]
