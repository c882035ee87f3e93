"""Callers of the admin API, as tests need them."""

from datetime import UTC, datetime

from sidecar.core.caller import Caller
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role, UserId

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def a_caller(
    username: str = "rut",
    role: Role = Role.ADMIN,
    authenticated_at: datetime = NOW,
    ip_address: str = "203.0.113.9",
) -> Caller:
    session = Session(
        handle=Handle("h" * 30),
        secret_hash=b"",
        user_id=UserId(f"u-{username}"),
        username=username,
        role=role,
        created_at=NOW,
        last_active_at=NOW,
        authenticated_at=authenticated_at,
    )
    return Caller(session, ip_address, _still_there)


async def _still_there() -> None:
    """Their session never ends."""
