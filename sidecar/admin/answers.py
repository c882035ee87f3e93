"""What the admin API answers, member by member; sessions and people as everywhere."""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, UnsetType, field

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry
from sidecar.core.event_shapes import EventShape
from sidecar.core.listing import EndedSession
from sidecar.core.reasons import Ended
from sidecar.core.session import Kind
from sidecar.core.shapes import (
    Instant,
    Number,
    Page,
    SessionShape,
    SessionUserShape,
    Shape,
    UserShape,
    instant,
    role_word,
)


class SessionList(Page, frozen=True, kw_only=True):
    """address_counts: of each person of this page whose live sessions are used from four
    addresses or more (IPv6 by /64), how many those are."""

    items: tuple[SessionShape, ...]
    total_is_estimate: bool | UnsetType = UNSET
    address_counts: dict[str, int]


class ActorShape(Shape, frozen=True):
    """id: empty where there is none."""

    kind: ActorKind
    id: str
    username: str
    ip_address: str


class LabelShape(Shape, frozen=True):
    label: str


class EndedSessionShape(Shape, frozen=True):
    """A session that has ended: what is kept of it. note: what whoever ended it said."""

    id: str
    user: SessionUserShape
    kind: Kind
    ip_address: str
    device: LabelShape
    created_at: Instant
    ended_at: Instant
    reason: Ended
    ended_by: ActorShape
    note: str


class EndedList(Page, frozen=True):
    items: tuple[EndedSessionShape, ...]


class UserList(Page, frozen=True):
    items: tuple[UserShape, ...]


class ResetAnswer(Shape, frozen=True):
    """url: for the person alone, good once until expires_at. Nobody is told it again."""

    url: str
    expires_at: Instant


class TargetShape(Shape, frozen=True):
    user_id: str | None
    username: str
    handle: str | None = field(name="sessionId")


class AuditEntryShape(Shape, frozen=True):
    """One act. count: how many sessions a bulk act ended; 0 for an act that was refused."""

    id: str
    at: Instant
    action: Action
    actor: ActorShape
    target: TargetShape
    scope: Literal["single", "bulk"]
    count: Number
    reason: str
    outcome: Literal["done", "refused"]
    details: Mapping[str, str]


class AuditList(Shape, frozen=True):
    """next_cursor: null after the last page. A page may be short, and still have a next one."""

    items: tuple[AuditEntryShape, ...]
    next_cursor: str | None


class EventList(Shape, frozen=True):
    """next_cursor: what to give as `after` the next time, also when nothing has happened."""

    items: tuple[EventShape, ...]
    next_cursor: str


def actor_shape(actor: Actor) -> ActorShape:
    return ActorShape(
        kind=actor.kind, id=actor.id, username=actor.username, ip_address=actor.ip_address
    )


def ended_shape(ended: EndedSession) -> EndedSessionShape:
    return EndedSessionShape(
        id=ended.handle,
        user=SessionUserShape(
            id=ended.user_id, username=ended.username, role=role_word(ended.role)
        ),
        kind=ended.kind,
        ip_address=ended.ip_address,
        device=LabelShape(label=ended.device_label),
        created_at=instant(ended.created_at),
        ended_at=instant(ended.ended_at),
        reason=ended.reason,
        ended_by=actor_shape(ended.ended_by),
        note=ended.note,
    )


def audit_shape(entry: AuditEntry) -> AuditEntryShape:
    """Return the shape of an entry as the store gave it: with id and instant."""
    target = entry.target
    if entry.at is None:
        raise ValueError("an entry that was never stored has no instant")
    return AuditEntryShape(
        id=entry.id,
        at=instant(entry.at),
        action=entry.action,
        actor=actor_shape(entry.actor),
        target=TargetShape(user_id=target.user_id, username=target.username, handle=target.handle),
        scope=entry.scope,
        count=entry.count,
        reason=entry.reason,
        outcome=entry.outcome,
        details=dict(entry.details),
    )
