"""The routes of the webhooks, as rows of the same kind as `routes.py` has."""

from sidecar.admin import webhook_shapes as shapes
from sidecar.admin import webhooks
from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import Action
from sidecar.core.given import Paged
from sidecar.core.users import Role

_ALL = "/api/admin/webhooks"
_ONE = f"{_ALL}/{{id}}"
_DELIVERIES = f"{_ONE}/deliveries"

WEBHOOK_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        "GET",
        _ALL,
        Role.VIEWER,
        webhooks.list_webhooks,
        shapes.WebhookList,
        "List the endpoints that get webhooks",
        query=Paged,
    ),
    ApiRoute(
        "POST",
        _ALL,
        Role.ADMIN,
        webhooks.create_webhook,
        shapes.WebhookSecretAnswer,
        "Add an endpoint; answers its secret, this once",
        body=shapes.NewWebhookBody,
        status=201,
        action=Action.WEBHOOK_CREATED,
        target="webhook",
        codes=("too_many_webhooks",),
    ),
    ApiRoute(
        "GET",
        _ONE,
        Role.VIEWER,
        webhooks.show_webhook,
        shapes.WebhookShape,
        "Show one endpoint",
        target="webhook",
        codes=("not_found",),
    ),
    ApiRoute(
        "PATCH",
        _ONE,
        Role.ADMIN,
        webhooks.change_webhook,
        shapes.WebhookShape,
        "Change, enable or disable an endpoint",
        body=shapes.WebhookChangeBody,
        action=Action.WEBHOOK_UPDATED,
        target="webhook",
        codes=("not_found",),
    ),
    ApiRoute(
        "DELETE",
        _ONE,
        Role.ADMIN,
        webhooks.delete_webhook,
        shapes.WebhookShape,
        "Delete an endpoint; answers what it was",
        action=Action.WEBHOOK_DELETED,
        target="webhook",
        codes=("not_found",),
    ),
    ApiRoute(
        "POST",
        f"{_ONE}/rotate-secret",
        Role.ADMIN,
        webhooks.rotate_webhook_secret,
        shapes.WebhookSecretAnswer,
        "Give an endpoint a new secret; answers it, this once",
        action=Action.WEBHOOK_SECRET_ROTATED,
        target="webhook",
        codes=("not_found",),
    ),
    ApiRoute(
        "POST",
        f"{_ONE}/test",
        Role.ADMIN,
        webhooks.send_test,
        shapes.SentAnswer,
        "Send a test to an endpoint",
        action=Action.WEBHOOK_TEST_SENT,
        target="webhook",
        codes=("not_found", "webhook_disabled"),
    ),
    ApiRoute(
        "GET",
        _DELIVERIES,
        Role.VIEWER,
        webhooks.list_deliveries,
        shapes.DeliveryList,
        "List what became of the newest messages to an endpoint",
        query=Paged,
        target="webhook",
        codes=("not_found",),
    ),
    ApiRoute(
        "POST",
        f"{_DELIVERIES}/{{deliveryId}}/redeliver",
        Role.ADMIN,
        webhooks.redeliver,
        shapes.SentAnswer,
        "Send an event once more",
        action=Action.WEBHOOK_REDELIVERED,
        target="webhook",
        codes=("not_found", "webhook_disabled"),
    ),
)
