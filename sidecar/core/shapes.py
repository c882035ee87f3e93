"""The JSON shapes of the contract: what a session and a person look like to a client.

One place for both, so that every list, answer and event says the same. No shape has a field for a
token, a secret or its hash.
"""

from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, NewType

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from sidecar.core.instants import write_instant
from sidecar.core.session import Handle, Limits, Session, expires_at, idle_expires_at
from sidecar.core.users import Role, Status, User

InstantText = NewType("InstantText", str)
Instant = Annotated[InstantText, Meta(extra_json_schema={"format": "date-time"})]
"""An instant in JSON: only `instant` makes one."""
Number = Annotated[int, Meta(ge=0)]
RoleWord = Literal["user", "viewer", "admin", "owner"]

_WORDS: MappingProxyType[Role, RoleWord] = MappingProxyType(
    {Role.USER: "user", Role.VIEWER: "viewer", Role.ADMIN: "admin", Role.OWNER: "owner"}
)


def instant(value: datetime) -> Instant:
    """Write an instant as every answer does."""
    return InstantText(write_instant(value))


def instant_or_none(value: datetime | None) -> Instant | None:
    return None if value is None else instant(value)


def role_word(role: Role) -> RoleWord:
    """Return the role's name with the type that a JSON schema can list."""
    return _WORDS[role]


class Shape(Struct, frozen=True, kw_only=True, rename="camel"):
    """A JSON object: camelCase outside, frozen inside."""

    def json(self) -> bytes:
        return msgspec.json.encode(self)


class Page(Shape, frozen=True):
    """What all lists by offset have. total: of all items that match."""

    total: Number
    limit: int
    offset: int


class SessionUserShape(Shape, frozen=True):
    id: str
    username: str
    role: RoleWord


class DeviceShape(Shape, frozen=True):
    label: str
    browser: str
    os: str
    type: str


class SessionShape(Shape, frozen=True):
    """name, scopes, parent_id: of agents and services alone. parent_id: the session that the agent
    was delegated from; null for a service."""

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
    name: str | UnsetType = UNSET
    scopes: tuple[str, ...] | UnsetType = UNSET
    parent_id: str | UnsetType | None = UNSET


class UserShape(Shape, frozen=True):
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


class SignedInShape(Shape, frozen=True):
    """The answer to a sign-in by JSON. recovery_codes: of a second factor that was set up with it;
    nobody is told them again."""

    session: SessionShape
    redirect: str
    recovery_codes: tuple[str, ...] | UnsetType = UNSET


class OwnSessionShape(Shape, frozen=True):
    """The answer to `GET /api/session`."""

    session: SessionShape
    user: UserShape


class OwnSessionList(Page, frozen=True):
    """Sessions of whoever asks: the one they ask from, then the newest."""

    items: tuple[SessionShape, ...]


class NoticeShape(Shape, frozen=True):
    """A device that somebody signed in from for the first time. id: of the first session there.
    sessions: how many are live from there. confirmable: it may be said here that it is one's own.
    """

    id: str
    device: DeviceShape
    ip_address: str
    seen_at: Instant
    sessions: Number
    state: Literal["waiting", "disowned"]
    confirmable: bool


class NoticeList(Page, frozen=True):
    items: tuple[NoticeShape, ...]


class NoticeAnswer(Shape, frozen=True):
    """change_password: it is known to somebody else, and setting another one is what to do next."""

    revoked: Number
    change_password: bool


class RevokedAnswer(Shape, frozen=True):
    """ended_current: the caller's own session was among them, and this was its last answer."""

    revoked: Number
    ended_current: bool | UnsetType = UNSET


def session_shape(session: Session, limits: Limits, current: Handle | None) -> SessionShape:
    """Return the shape of `session`. current: the handle of the session that asks."""
    device, agent = session.device, session.agent
    return SessionShape(
        id=session.handle,
        kind=session.kind.value,
        user=SessionUserShape(
            id=session.user_id,
            username=session.username,
            role=role_word(session.role),
        ),
        ip_address=session.ip_address,
        last_ip_address=session.last_ip_address or session.ip_address,
        user_agent=session.user_agent,
        device=DeviceShape(
            label=device.label, browser=device.browser, os=device.os, type=device.type
        ),
        created_at=instant(session.created_at),
        last_active_at=instant(session.last_active_at),
        expires_at=instant(expires_at(session, limits)),
        idle_expires_at=instant(idle_expires_at(session, limits)),
        auth_method=session.auth_method,
        current=session.handle == current,
        name=agent.name if agent else UNSET,
        scopes=agent.scopes if agent else UNSET,
        parent_id=agent.parent if agent else UNSET,
    )


def user_shape(user: User, status: Status, session_count: int) -> UserShape:
    return UserShape(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        email=user.email,
        groups=user.groups,
        role=role_word(user.role),
        status=status.value,
        session_count=session_count,
        created_at=instant(user.created_at),
        last_login_at=instant_or_none(user.last_login_at),
    )
