"""The schemas that are published for events hold for those that really happen."""

import json
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from sidecar.core.event_shapes import message_shape
from sidecar.core.event_types import KINDS, WEBHOOK_TEST, EventType
from sidecar.core.users import Role
from sidecar.front.openapi import document
from tests.admin.staff import enter
from tests.house import House, a_house, served


def schema_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    operation = document["webhooks"][name]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return {**schema, "components": document["components"]}


async def some_of_each(house: House) -> None:
    """Let happen what an admin and a person can do to one another."""
    async with served(house) as client:
        owner = await enter(house, client, "olga", Role.OWNER)
        uma = await enter(house, client, "uma", Role.USER)
        other = await enter(house, client, "uma")
        await other.visitor.post("/logout")
        await owner.delete(f"/sessions/{uma.handle}")
        for name in ("uma", "a password in the wrong field"):
            for _ in range(10):
                await uma.visitor.sign_in(name, "wrong")
        person = f"/users/{uma.id}"
        await owner.post(f"{person}/unlock")
        await owner.patch(person, {"role": "viewer", "displayName": "Uma"})
        await owner.post(f"{person}/password", {"new": "a harbour under the lantern"})
        await owner.post(f"{person}/password-reset")
        await owner.post(f"{person}/ban", {"reason": "a secret reason"})
        await owner.post(f"{person}/unban")
        await owner.delete(person)


async def test_given_events_when_their_messages_are_checked_then_each_keeps_to_its_schema(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house:
        await some_of_each(house)
        published = json.loads(json.dumps(document(house.services)))
        events = (await house.services.desk.events.page("", (), 200)).events

    seen = set()
    for event in events:
        message = json.loads(message_shape(event).json())
        Draft202012Validator(schema_of(published, event.action)).validate(message)
        assert event.details.keys() <= KINDS[EventType(event.action)].details.keys()
        seen.add(event.action)
    assert seen >= {
        "session.opened", "session.signed_out", "session.revoked", "login.failed", "user.created",
        "user.locked", "user.unlocked", "user.role_changed", "user.updated", "user.banned",
        "user.password_changed", "user.password_reset_started", "user.unbanned", "user.deleted",
    }  # fmt: skip
    said = b"".join(message_shape(event).json() for event in events)
    assert b"secret reason" not in said
    assert b"wrong field" not in said
    failed = next(event for event in events if event.action == "login.failed")
    assert failed.actor is not None
    assert (failed.username, failed.actor.ip_address) == ("uma", "203.0.113.9")


async def test_given_the_document_then_every_type_has_its_webhook_and_wrong_messages_fail(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house:
        published = json.loads(json.dumps(document(house.services)))

    assert published["webhooks"].keys() == {str(kind) for kind in KINDS} | {WEBHOOK_TEST}
    actor = {"kind": "user", "id": "u", "username": "n", "ipAddress": ""}
    data = {"user": None, "sessionId": "h", "reason": "flown", "actor": actor, "details": {}}
    message = {"id": "1", "type": "session.revoked", "timestamp": "2026", "data": data}
    check = Draft202012Validator(schema_of(published, "session.revoked"))
    faults = {tuple(fault.instance_path) for fault in check.iter_errors(message)}
    assert faults == {("data", "user"), ("data", "reason")}


@pytest.mark.parametrize("kind", list(EventType))
def test_given_a_type_then_what_it_is_about_is_a_sentence(kind: EventType) -> None:
    assert KINDS[kind].about.endswith(".")
