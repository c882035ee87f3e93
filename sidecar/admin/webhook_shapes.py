"""What the API of the webhooks is given, and what it answers. A secret is in one answer only: that
to whoever made it."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from sidecar.core.event_types import EventType
from sidecar.core.given import Given
from sidecar.core.outbound import LONGEST_URL
from sidecar.core.shapes import Instant, Number, Page, Shape, instant, instant_or_none
from sidecar.core.webhooks import Cause, Delivery, DeliveryState, Endpoint

Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_URL,
        extra_json_schema={"format": "uri"},
        description="Where to send: public, and with https, unless settings allow others.",
        examples=["https://hooks.example.com/sessions"],
    ),
]
Types = Annotated[
    tuple[EventType, ...],
    Meta(max_length=len(EventType), description="Which events; an empty list: all."),
]
Description = Annotated[str, Meta(max_length=200)]


class NewWebhookBody(Given, frozen=True):
    url: Url
    types: Types = ()
    description: Description = ""


class WebhookChangeBody(Given, frozen=True):
    """What is left out stays as it is. enabled: true begins again, false stops."""

    url: Url | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class WebhookShape(Shape, frozen=True):
    """An endpoint. disabled_by: why it gets nothing; null while it is enabled. failing_since: of
    the first delivery that failed with none that arrived after it. previous_secret_until: how long
    the secret before this one signs too. waiting: how many deliveries are in line."""

    id: str
    url: str
    description: str
    types: tuple[str, ...]
    status: Literal["healthy", "failing", "disabled"]
    disabled_by: Cause | None
    failing_since: Instant | None
    last_delivered_at: Instant | None
    previous_secret_until: Instant | None
    waiting: Number
    created_at: Instant


class WebhookList(Page, frozen=True):
    items: tuple[WebhookShape, ...]


class WebhookSecretAnswer(Shape, frozen=True):
    """secret: `whsec_…`, to verify with. Nobody is told it again."""

    webhook: WebhookShape
    secret: str


class SentAnswer(Shape, frozen=True):
    delivery_id: str


class DeliveryShape(Shape, frozen=True):
    """What came of one message at its newest attempt. status: of the answer; error: a word, where
    there was none: refused (an address that may not be reached), timeout, name_not_found, tls,
    connection, no_http, event_gone. milliseconds: how long the attempt took."""

    id: str
    type: str
    user_id: str | None
    username: str
    state: DeliveryState
    attempts: Number
    at: Instant
    next_at: Instant | None
    status: int | None
    error: str
    milliseconds: Number


class DeliveryList(Page, frozen=True):
    items: tuple[DeliveryShape, ...]


def webhook_shape(endpoint: Endpoint) -> WebhookShape:
    status: Literal["healthy", "failing", "disabled"] = "disabled"
    if endpoint.cause is None:
        status = "failing" if endpoint.failing_since else "healthy"
    return WebhookShape(
        id=endpoint.id,
        url=endpoint.url,
        description=endpoint.description,
        types=tuple(sorted(endpoint.types)),
        status=status,
        disabled_by=endpoint.cause,
        failing_since=instant_or_none(endpoint.failing_since),
        last_delivered_at=instant_or_none(endpoint.delivered_at),
        previous_secret_until=instant_or_none(endpoint.previous_until),
        waiting=endpoint.waiting,
        created_at=instant(endpoint.created_at),
    )


def delivery_shape(delivery: Delivery) -> DeliveryShape:
    return DeliveryShape(
        id=delivery.id,
        type=delivery.type,
        user_id=delivery.user_id or None,
        username=delivery.username,
        state=delivery.state,
        attempts=delivery.attempts,
        at=instant(delivery.at),
        next_at=instant_or_none(delivery.next_at),
        status=delivery.status,
        error=delivery.error,
        milliseconds=round(delivery.took.total_seconds() * 1000),
    )
