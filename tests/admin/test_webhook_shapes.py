"""What admins see of an endpoint and of a delivery."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.admin.webhook_shapes import delivery_shape, webhook_shape
from sidecar.core.webhooks import Cause, Delivery, DeliveryState, Endpoint
from tests.store.seeds import NOW

ENDPOINT = Endpoint("e1", "https://x/", frozenset({"b.b", "a.a"}), "", NOW)
DELIVERY = Delivery(
    "1-0-00", "a.a", "", "", DeliveryState.RETRYING, 2, NOW, NOW, None, "timeout", timedelta(0, 1.2)
)


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        (ENDPOINT, "healthy"),
        (replace(ENDPOINT, failing_since=NOW), "failing"),
        (replace(ENDPOINT, failing_since=NOW, cause=Cause.FAILING), "disabled"),
    ],
)
def test_given_an_endpoint_then_its_status_is_one_word(endpoint: Endpoint, status: str) -> None:
    shape = webhook_shape(endpoint)

    assert shape.status == status
    assert shape.types == ("a.a", "b.b")


def test_given_a_delivery_then_what_is_not_there_is_null() -> None:
    shape = delivery_shape(DELIVERY)

    assert (shape.user_id, shape.status, shape.milliseconds) == (None, None, 1200)
    assert (shape.error, shape.attempts) == ("timeout", 2)
