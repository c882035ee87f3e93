"""Webhooks: who gets what happens, and what became of it."""

from msgspec import UNSET

from sidecar.admin.desk import Desk
from sidecar.admin.webhook_shapes import (
    DeliveryList,
    NewWebhookBody,
    SentAnswer,
    WebhookChangeBody,
    WebhookList,
    WebhookSecretAnswer,
    WebhookShape,
    delivery_shape,
    webhook_shape,
)
from sidecar.core.call_refusal import CallRefused, invalid
from sidecar.core.caller import Caller
from sidecar.core.given import Paged
from sidecar.core.webhook_book import (
    EndpointChange,
    EndpointDisabled,
    NoSuchEndpoint,
    TooManyEndpoints,
)
from sidecar.core.webhooks import write_secret


async def list_webhooks(desk: Desk, _: Caller, query: Paged) -> WebhookList:
    """All endpoints, the oldest first."""
    endpoints = await desk.webhooks.list()
    items = endpoints[query.offset : query.offset + query.limit]
    return WebhookList(
        items=tuple(map(webhook_shape, items)),
        total=len(endpoints),
        limit=query.limit,
        offset=query.offset,
    )


async def show_webhook(desk: Desk, _: Caller, endpoint_id: str) -> WebhookShape:
    """One endpoint."""
    try:
        return webhook_shape(await desk.webhooks.get(endpoint_id))
    except NoSuchEndpoint:
        raise CallRefused("not_found") from None


async def create_webhook(desk: Desk, caller: Caller, body: NewWebhookBody) -> WebhookSecretAnswer:
    """Add an endpoint; the answer is the only one that has its secret."""
    _check(desk, body.url, body.description)
    try:
        endpoint, secret = await desk.webhooks.add(
            body.url, frozenset(map(str, body.types)), body.description, caller.actor
        )
    except TooManyEndpoints:
        raise CallRefused("too_many_webhooks", is_act=True) from None
    return WebhookSecretAnswer(webhook=webhook_shape(endpoint), secret=write_secret(secret))


async def change_webhook(
    desk: Desk, caller: Caller, endpoint_id: str, body: WebhookChangeBody
) -> WebhookShape:
    """Change what is given."""
    url = body.url if body.url is not UNSET else None
    description = body.description if body.description is not UNSET else None
    _check(desk, url, description)
    change = EndpointChange(
        url=url,
        types=frozenset(map(str, body.types)) if body.types is not UNSET else None,
        description=description,
        enabled=body.enabled if body.enabled is not UNSET else None,
    )
    try:
        return webhook_shape(await desk.webhooks.change(endpoint_id, change, caller.actor))
    except NoSuchEndpoint:
        raise CallRefused("not_found") from None


async def delete_webhook(desk: Desk, caller: Caller, endpoint_id: str) -> WebhookShape:
    """Delete an endpoint, and what is in line for it; the answer is what it was."""
    try:
        return webhook_shape(await desk.webhooks.delete(endpoint_id, caller.actor))
    except NoSuchEndpoint:
        raise CallRefused("not_found") from None


async def rotate_webhook_secret(
    desk: Desk, caller: Caller, endpoint_id: str
) -> WebhookSecretAnswer:
    """Give an endpoint a new secret; the one before signs too, for a day."""
    try:
        endpoint, secret = await desk.webhooks.rotate(endpoint_id, caller.actor)
    except NoSuchEndpoint:
        raise CallRefused("not_found") from None
    return WebhookSecretAnswer(webhook=webhook_shape(endpoint), secret=write_secret(secret))


async def send_test(desk: Desk, caller: Caller, endpoint_id: str) -> SentAnswer:
    """Send a test, once; what came of it is in the list of deliveries."""
    try:
        return SentAnswer(delivery_id=await desk.webhooks.test(endpoint_id, caller.actor))
    except NoSuchEndpoint:
        raise CallRefused("not_found") from None
    except EndpointDisabled:
        raise CallRefused("webhook_disabled", is_act=True) from None


async def list_deliveries(desk: Desk, _: Caller, endpoint_id: str, query: Paged) -> DeliveryList:
    """What became of the newest messages to an endpoint."""
    try:
        found, total = await desk.webhooks.deliveries(endpoint_id, query.offset, query.limit)
    except NoSuchEndpoint:
        raise CallRefused("not_found") from None
    return DeliveryList(
        items=tuple(map(delivery_shape, found)),
        total=total,
        limit=query.limit,
        offset=query.offset,
    )


async def redeliver(desk: Desk, caller: Caller, endpoint_id: str, delivery_id: str) -> SentAnswer:
    """Send an event once more, with the id that it had."""
    try:
        await desk.webhooks.redeliver(endpoint_id, delivery_id, caller.actor)
    except NoSuchEndpoint:
        raise CallRefused("not_found") from None
    except EndpointDisabled:
        raise CallRefused("webhook_disabled", is_act=True) from None
    return SentAnswer(delivery_id=delivery_id)


def _check(desk: Desk, url: str | None, description: str | None) -> None:
    fault = desk.outbound.url_fault(url) if url is not None else None
    if fault is not None:  # Entered: it may be a try to reach what only we can.
        raise CallRefused("invalid_input", faults={"url": fault}, is_act=True)
    if description and not description.isprintable():
        raise invalid("description", "Use visible characters only.")
