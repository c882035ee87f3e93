"""The alarms: which there are, and that somebody takes one on."""

from typing import Literal

from msgspec import UNSET, field

from sidecar.admin.desk import Desk
from sidecar.admin.given import AcknowledgeBody, AlarmsQuery
from sidecar.core.alarm_log import AlarmFilter, AlarmGone, AlarmResolved
from sidecar.core.alarms import Alarm, AlarmState, Severity
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.event_shapes import EventUserShape
from sidecar.core.shapes import Instant, Number, Page, Shape, instant, instant_or_none
from sidecar.core.users import UserId


class EvidenceShape(Shape, frozen=True):
    """What is behind an alarm, the newest first. counts, details: by what they are of."""

    ip_addresses: tuple[str, ...]
    devices: tuple[str, ...]
    handles: tuple[str, ...] = field(name="sessionIds")
    counts: dict[str, Number]
    details: dict[str, str]


class AlarmShape(Shape, frozen=True):
    """user: null where it is about nobody in the directory; about: then a name that was typed, or
    an address. count: how often within the window, at its worst. ended_sessions: how many its
    action ended, null if it has none."""

    id: str
    kind: str
    severity: Severity
    state: AlarmState
    user: EventUserShape | None
    about: str
    evidence: EvidenceShape
    first_seen_at: Instant
    last_seen_at: Instant
    count: Number
    action: Literal["notify", "end_sessions"]
    ended_sessions: Number | None
    acknowledged_by: EventUserShape | None
    acknowledged_at: Instant | None
    note: str
    resolved_at: Instant | None


class AlarmList(Page, frozen=True, kw_only=True):
    """active: how many nobody has acknowledged, whatever is asked for."""

    items: tuple[AlarmShape, ...]
    active: Number


async def list_alarms(desk: Desk, _: Caller, query: AlarmsQuery) -> AlarmList:
    """Active ones first, then acknowledged, then resolved ones; each the newest first."""
    wanted = AlarmFilter(
        kind=query.kind if query.kind is not UNSET else "",
        state=query.state if query.state is not UNSET else None,
        user_id=UserId(query.user_id) if query.user_id is not UNSET else None,
    )
    page = await desk.alarms.page(wanted, query.offset, query.limit)
    return AlarmList(
        items=tuple(map(alarm_shape, page.items)),
        total=page.total,
        limit=query.limit,
        offset=query.offset,
        active=page.active,
    )


async def acknowledge_alarm(
    desk: Desk, caller: Caller, alarm_id: str, body: AcknowledgeBody
) -> AlarmShape:
    """Somebody takes it on: it is quiet, until its condition is over. Another may do so later."""
    try:
        alarm = await desk.alarms.acknowledge(alarm_id, caller.actor, body.note)
    except AlarmGone:
        raise CallRefused("not_found") from None
    except AlarmResolved:
        raise CallRefused("alarm_resolved") from None
    return alarm_shape(alarm)


def alarm_shape(alarm: Alarm) -> AlarmShape:
    """Return the alarm as every answer says it."""
    evidence, by = alarm.evidence, alarm.acknowledged_by
    user = EventUserShape(id=alarm.user_id, username=alarm.username) if alarm.user_id else None
    return AlarmShape(
        id=alarm.id,
        kind=alarm.kind,
        severity=alarm.severity,
        state=alarm.state,
        user=user,
        about="" if user else alarm.username or alarm.subject.rpartition("ip:")[2],
        evidence=EvidenceShape(
            ip_addresses=tuple(evidence.ip_addresses),
            devices=tuple(evidence.devices),
            handles=tuple(evidence.handles),
            counts=dict(evidence.counts),
            details=dict(evidence.details),
        ),
        first_seen_at=instant(alarm.first_seen_at),
        last_seen_at=instant(alarm.last_seen_at),
        count=alarm.count,
        action=alarm.action,
        ended_sessions=alarm.ended,
        acknowledged_by=EventUserShape(id=by.id, username=by.username) if by else None,
        acknowledged_at=instant_or_none(alarm.acknowledged_at),
        note=alarm.note,
        resolved_at=instant_or_none(alarm.resolved_at),
    )
