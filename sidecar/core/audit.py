"""What the audit log records: who did what to whom, how often, why, and whether it was done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from sidecar.core.session import Handle
from sidecar.core.users import UserId


class ActorKind(StrEnum):
    USER = "user"
    AGENT = "agent"
    SERVICE = "service"
    PROVIDER = "provider"
    APIKEY = "apikey"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. handle: the session it was done from, which never is part of the entry."""

    kind: ActorKind
    id: str = ""
    username: str = ""
    ip_address: str = ""


SYSTEM = Actor(ActorKind.SYSTEM, id="system")
"""The policy itself, a sweeper, or a command on the machine."""


class Action(StrEnum):
    SESSION_OPENED = "session.opened"
    SESSION_ROTATED = "session.rotated"
    SESSION_SIGNED_OUT = "session.signed_out"
    SESSION_REVOKED = "session.revoked"
    SESSION_EXPIRED = "session.expired"
    SESSION_EVICTED = "session.evicted"
    DEVICE_FIRST_SEEN = "device.first_seen"
    DEVICE_CONFIRMED = "device.confirmed"
    DEVICE_DISOWNED = "device.disowned"
    LOGIN_FAILED = "login.failed"
    USER_CREATED = "user.created"
    USER_LOCKED = "user.locked"
    USER_UNLOCKED = "user.unlocked"
    USER_BANNED = "user.banned"
    USER_UNBANNED = "user.unbanned"
    USER_ROLE_CHANGED = "user.role_changed"
    USER_PASSWORD_CHANGED = "user.password_changed"
    USER_PASSWORD_RESET_STARTED = "user.password_reset_started"
    USER_UPDATED = "user.updated"
    USER_DELETED = "user.deleted"
    POLICY_RELOADED = "policy.reloaded"
    AUDIT_EXPORTED = "audit.exported"
    ALARM_RAISED = "alarm.raised"
    ALARM_ACKNOWLEDGED = "alarm.acknowledged"
    ALARM_RESOLVED = "alarm.resolved"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_UPDATED = "webhook.updated"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST_SENT = "webhook.test_sent"
    WEBHOOK_REDELIVERED = "webhook.redelivered"
    SERVICE_STARTED = "service.started"


@dataclass(frozen=True, slots=True)
class Target:
    user_id: UserId | None = None
    username: str = ""
    handle: Handle | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. The store adds id and instant: its own stream id and clock."""

    action: Action
    actor: Actor
    target: Target = Target()
    scope: Literal["single", "bulk"] = "single"
    count: int = 1
    reason: str = ""
    outcome: Literal["done", "refused"] = "done"
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    id: str = ""
    at: datetime | None = None
