"""What an event looks like to programs: as an item of a list, and as what a webhook carries."""

from typing import Literal

from msgspec import field

from sidecar.core.audit import ActorKind
from sidecar.core.event_log import Event
from sidecar.core.shapes import Instant, Shape, instant


class EventUserShape(Shape, frozen=True):
    id: str
    username: str


class EventActorShape(Shape, frozen=True):
    """Who did it. id: empty where there is none, as for a sign-in that failed."""

    kind: ActorKind
    id: str
    username: str
    ip_address: str


class EventDataShape(Shape, frozen=True):
    """What a webhook says of an event. details: further texts; which, the type says."""

    user: EventUserShape | None
    handle: str | None = field(name="sessionId")
    reason: str | None
    actor: EventActorShape | None
    details: dict[str, str]


class EventShape(EventDataShape, frozen=True):
    """One thing that happened. id: also the cursor with which to read on behind it."""

    id: str
    at: Instant
    type: str


class WebhookMessageShape(Shape, frozen=True):
    """The body of a webhook, by the convention of Standard Webhooks. id: that of the event, and of
    the header `webhook-id`: the same however often it is sent."""

    id: str
    type: str
    timestamp: Instant
    data: EventDataShape


class ProbeDataShape(Shape, frozen=True):
    webhook_id: str


class ProbeMessageShape(Shape, frozen=True):
    """What *send test* sends."""

    id: str
    type: Literal["webhook.test"]
    timestamp: Instant
    data: ProbeDataShape


def event_shape(event: Event) -> EventShape:
    """Return the event as every list says it."""
    user, actor = _people(event)
    return EventShape(
        id=event.id,
        at=instant(event.at),
        type=event.action,
        user=user,
        handle=event.handle,
        reason=event.reason.value if event.reason else None,
        actor=actor,
        details=dict(event.details),
    )


def message_shape(event: Event) -> WebhookMessageShape:
    """Return the event as a webhook says it."""
    user, actor = _people(event)
    return WebhookMessageShape(
        id=event.id,
        type=event.action,
        timestamp=instant(event.at),
        data=EventDataShape(
            user=user,
            handle=event.handle,
            reason=event.reason.value if event.reason else None,
            actor=actor,
            details=dict(event.details),
        ),
    )


def _people(event: Event) -> tuple[EventUserShape | None, EventActorShape | None]:
    by = event.actor
    return (
        EventUserShape(id=event.user_id, username=event.username) if event.user_id else None,
        EventActorShape(kind=by.kind, id=by.id, username=by.username, ip_address=by.ip_address)
        if by
        else None,
    )
