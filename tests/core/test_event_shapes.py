"""An event as programs see it."""

from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from sidecar.core.audit import SYSTEM
from sidecar.core.event_log import Event
from sidecar.core.event_shapes import event_shape, message_shape
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import UserId

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
EVENT = Event(
    id="5-0-00",
    at=AT,
    type="session.ended",
    user_id=UserId("u1"),
    username="uma",
    handle=Handle("h1"),
    reason=Ended.BANNED,
    actor=SYSTEM,
    details=MappingProxyType({"fields": "groups"}),
)


def test_given_the_end_of_a_session_then_list_and_webhook_say_the_same_of_it() -> None:
    item = msgspec.to_builtins(event_shape(EVENT))
    message = msgspec.to_builtins(message_shape(EVENT))

    assert item == {
        "id": "5-0-00",
        "at": "2026-01-31T09:30:00.000Z",
        "type": "session.revoked",
        "user": {"id": "u1", "username": "uma"},
        "sessionId": "h1",
        "reason": "banned",
        "actor": {"kind": "system", "id": "system", "username": "", "ipAddress": ""},
        "details": {"fields": "groups"},
    }
    assert message["timestamp"] == item.pop("at")
    assert {"id": message["id"], "type": message["type"], **message["data"]} == item


def test_given_an_event_about_nobody_then_it_names_nobody() -> None:
    shape = event_shape(Event("5-0-00", AT, "login.failed"))

    assert (shape.user, shape.handle, shape.reason, shape.actor) == (None, None, None, None)
