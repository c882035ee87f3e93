"""The JSON shapes of the contract: what a session and a person look like to a client.

One place for both, so that every list, answer and event says the same. No shape has a field for a
token, a secret or its hash.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from sidecar.core.session import Handle, Limits, Session, expires_at, idle_expires_at
from sidecar.core.users import Role, Status, User


def instant(value: datetime) -> str:
    """Write an instant as RFC 3339 UTC with exactly three fraction digits and `Z`.

    Milliseconds are cut, not rounded: an instant never lies in the future because of its format.
    """
    utc = value.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def _word(role: Role) -> str:
    return role.word


Instant = Annotated[datetime, PlainSerializer(instant, return_type=str)]
RoleWord = Annotated[
    Role, PlainSerializer(_word, return_type=Literal["user", "viewer", "admin", "owner"])
]


class Shape(BaseModel):
    """A JSON object: camelCase outside, frozen inside."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, frozen=True, extra="forbid"
    )

    def json_text(self) -> str:
        return self.model_dump_json(by_alias=True)


class SessionUserShape(Shape):
    id: str
    username: str
    role: RoleWord


class DeviceShape(Shape):
    label: str
    browser: str
    os: str
    type: str


class SessionShape(Shape):
    id: str
    kind: Literal["browser", "desktop", "agent", "service"]
    user: SessionUserShape
    ip_address: str
    last_ip_address: str
    user_agent: str
    device: DeviceShape
    created_at: Instant
    last_active_at: Instant
    expires_at: Instant
    idle_expires_at: Instant
    auth_method: str
    current: bool


class UserShape(Shape):
    id: str
    username: str
    display_name: str
    email: str
    groups: tuple[str, ...]
    role: RoleWord
    status: Literal["active", "banned", "locked"]
    session_count: int
    created_at: Instant
    last_login_at: Instant | None


class SignedInShape(Shape):
    """The answer to a sign-in by JSON."""

    session: SessionShape
    redirect: str


class OwnSessionShape(Shape):
    """The answer to `GET /api/session`."""

    session: SessionShape
    user: UserShape


def session_shape(session: Session, limits: Limits, current: Handle | None) -> SessionShape:
    """Return the shape of `session`. current: the handle of the session that asks."""
    device = session.device
    return SessionShape(
        id=session.handle,
        kind=session.kind.value,
        user=SessionUserShape(
            id=session.user_id,
            username=session.username,
            role=session.role,
        ),
        ip_address=session.ip_address,
        last_ip_address=session.ip_address,
        user_agent=session.user_agent,
        device=DeviceShape(
            label=device.label, browser=device.browser, os=device.os, type=device.type
        ),
        created_at=session.created_at,
        last_active_at=session.last_active_at,
        expires_at=expires_at(session, limits),
        idle_expires_at=idle_expires_at(session, limits),
        auth_method=session.auth_method,
        current=session.handle == current,
    )


def status_of(user: User, now: datetime, locked_until: datetime | None) -> Status:
    """Say how the person stands: a ban outranks a lock."""
    if user.is_banned(now):
        return Status.BANNED
    if locked_until is not None and now < locked_until:
        return Status.LOCKED
    return Status.ACTIVE


def user_shape(user: User, status: Status, session_count: int) -> UserShape:
    return UserShape(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        email=user.email,
        groups=user.groups,
        role=user.role,
        status=status.value,
        session_count=session_count,
        created_at=user.created_at,
        last_login_at=user.last_login_at,
    )
