"""Sessions and users that name only what matters to a test."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role, UserId

NOW = datetime(2026, 5, 17, 9, 30, 0, 123000, tzinfo=UTC)
ADMIN = Actor(ActorKind.USER, "admin-1", "root", "192.0.2.1")

_SESSION = Session(
    handle=Handle("h" * 30),
    secret_hash=bytes(range(32)),
    user_id=UserId("u1"),
    username="alice",
    role=Role.USER,
    created_at=NOW,
    last_active_at=NOW,
    authenticated_at=NOW,
)


def a_session(**fields: Any) -> Session:
    return replace(_SESSION, **fields)


def random_bytes() -> bytes:
    return secrets.token_bytes(22)
