import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from sidecar.core.session import Agent, Device, Handle, Limits, Session
from sidecar.core.shapes import SessionShape, instant, session_shape, user_shape
from sidecar.core.users import Role, Status, User, UserId

NOW = datetime(2026, 3, 4, 5, 6, 7, 89_999, tzinfo=UTC)
SESSION = Session(
    handle=Handle("h" * 30),
    secret_hash=b"s" * 32,
    user_id=UserId("u1"),
    username="alice",
    role=Role.ADMIN,
    created_at=NOW,
    last_active_at=NOW + timedelta(minutes=5),
    authenticated_at=NOW,
    ip_address="203.0.113.9",
    user_agent="Firefox",
    device=Device("Firefox on Linux", "Firefox", "Linux", "desktop"),
)
ALICE = User(UserId("u1"), "alice", Role.ADMIN, NOW, groups=("staff",))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NOW, "2026-03-04T05:06:07.089Z"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 1, 0, 0, 0, 999_999, UTC), "2026-01-01T00:00:00.999Z"),
    ],
)
def test_given_an_instant_then_it_has_three_fraction_digits_and_z(
    value: datetime, text: str
) -> None:
    assert instant(value) == text


def test_given_a_session_then_its_shape_is_that_of_the_contract() -> None:
    shape = json.loads(session_shape(SESSION, Limits(), SESSION.handle).json())

    assert shape == {
        "id": "h" * 30,
        "kind": "browser",
        "user": {"id": "u1", "username": "alice", "role": "admin"},
        "ipAddress": "203.0.113.9",
        "lastIpAddress": "203.0.113.9",
        "userAgent": "Firefox",
        "device": {
            "label": "Firefox on Linux",
            "browser": "Firefox",
            "os": "Linux",
            "type": "desktop",
        },
        "createdAt": "2026-03-04T05:06:07.089Z",
        "lastActiveAt": "2026-03-04T05:11:07.089Z",
        "expiresAt": "2026-03-05T05:06:07.089Z",
        "idleExpiresAt": "2026-03-04T06:11:07.089Z",
        "authMethod": "password",
        "current": True,
    }


def test_given_a_shape_then_its_schema_says_which_texts_are_instants_and_which_roles_there_are():
    _, schemas = msgspec.json.schema_components([SessionShape])

    session, user = schemas["SessionShape"], schemas["SessionUserShape"]
    assert session["properties"]["createdAt"] == {"type": "string", "format": "date-time"}
    of_agents = {"name", "scopes", "parentId"}
    assert set(session["required"]) == set(session["properties"]) - of_agents
    assert set(user["properties"]["role"]["enum"]) == {"user", "viewer", "admin", "owner"}


def test_given_a_session_of_software_then_the_shape_says_what_it_may_and_until_when() -> None:
    own = Agent("bot", ("GET /a", "* /b"), NOW + timedelta(minutes=5), Handle("p" * 30))

    shape = json.loads(session_shape(replace(SESSION, agent=own), Limits(), None).json())

    assert (shape["name"], shape["scopes"]) == ("bot", ["GET /a", "* /b"])
    assert shape["parentId"] == "p" * 30
    assert shape["expiresAt"] == shape["idleExpiresAt"] == instant(NOW + timedelta(minutes=5))


def test_given_another_session_then_it_is_not_the_current_one() -> None:
    assert not session_shape(SESSION, Limits(), None).current
    assert not session_shape(SESSION, Limits(), Handle("x" * 30)).current


def test_given_a_person_then_the_shape_is_that_of_the_contract() -> None:
    assert json.loads(user_shape(ALICE, Status.LOCKED, 2).json()) == {
        "id": "u1",
        "username": "alice",
        "displayName": "",
        "email": "",
        "groups": ["staff"],
        "role": "admin",
        "status": "locked",
        "sessionCount": 2,
        "createdAt": "2026-03-04T05:06:07.089Z",
        "lastLoginAt": None,
    }
