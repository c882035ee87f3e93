"""What the audit log records: who did what to whom, how often, why, and whether it was done.

All actions are here, with the details that each may carry: a detail that is not in `DETAILS` is not
written. Entries refer to people by id; their names are put beside the ids when somebody reads.
"""

from collections.abc import Iterable, Mapping
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
    SESSION_ADDRESS_CHANGED = "session.address_changed"
    SESSION_ROTATED = "session.rotated"
    SESSION_SIGNED_OUT = "session.signed_out"
    SESSION_REVOKED = "session.revoked"
    SESSION_EXPIRED = "session.expired"
    SESSION_EVICTED = "session.evicted"
    AGENT_CREATED = "agent.created"
    AGENT_ACCESSED = "agent.accessed"
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
    USER_FACTOR_ADDED = "user.factor_added"
    USER_FACTOR_REMOVED = "user.factor_removed"
    USER_FACTORS_RESET = "user.factors_reset"
    USER_RECOVERY_CODES_MADE = "user.recovery_codes_made"
    USER_RECOVERY_CODE_USED = "user.recovery_code_used"
    USER_UPDATED = "user.updated"
    USER_DELETED = "user.deleted"
    USER_ERASED = "user.erased"
    POLICY_RELOADED = "policy.reloaded"
    AUDIT_READ = "audit.read"
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


_DEVICE = {"device": "What the device is called."}
_BULK = {
    "note": "What whoever did it said about it.",
    "filter": "What was meant, where sessions were found by a filter.",
    "act": "The same in all entries of one act, where it took several.",
    "part": "Which of them this is: `2/7`.",
    "users": "The names of all people it was about, one in each line; put there when it is read.",
}
_QUERY = {
    "userId": "Whose entries: the filter.",
    "actor": "By whom: the filter.",
    "action": "Which action: the filter.",
    "from": "From when on: the filter.",
    "to": "Until when: the filter.",
}
_STEP = {
    "method": "By what they would have proved who they are.",
    "step": "`sign_in`, or `reauth`: somebody who is signed in proves it again.",
}
_ALARM = {
    "alarm": "Its id.",
    "kind": "What it is about.",
    "severity": "How bad it is.",
    "count": "How often it was seen.",
    "addresses": "From where, with commas between.",
}
_WEBHOOK = {"webhook": "The id of the endpoint.", "host": "Where it is."}

_FACTOR = {"kind": "`totp`: an app that makes codes."}

REFUSED_DETAILS: Mapping[str, str] = MappingProxyType(
    {
        "call": "The call of the API that was refused.",
        "note": "What whoever tried it said about it.",
    }
)
"""What any entry may carry whose outcome is `refused`, besides those of its action."""

DETAILS: Mapping[Action, Mapping[str, str]] = MappingProxyType(
    {
        Action.SESSION_OPENED: {"method": "By what they proved who they are."},
        Action.SESSION_ADDRESS_CHANGED: {"from": "The address that it was used from before."},
        Action.SESSION_ROTATED: {},
        Action.SESSION_SIGNED_OUT: {"note": _BULK["note"]},
        Action.SESSION_REVOKED: _BULK,
        Action.SESSION_EXPIRED: {},
        Action.SESSION_EVICTED: {},
        Action.AGENT_CREATED: {
            "agent": "What it is called.",
            "kind": "`agent` or `service`.",
            "scopes": "What it may ask for, one in each line.",
        },
        Action.AGENT_ACCESSED: {
            "agent": "What it is called.",
            "route": "The rule of the policy that decided about it.",
        },
        Action.DEVICE_FIRST_SEEN: _DEVICE,
        Action.DEVICE_CONFIRMED: _DEVICE,
        Action.DEVICE_DISOWNED: _DEVICE,
        Action.LOGIN_FAILED: _STEP,
        Action.USER_CREATED: {"role": "Theirs."},
        Action.USER_LOCKED: {},
        Action.USER_UNLOCKED: {},
        Action.USER_BANNED: {"until": "When it lapses by itself."},
        Action.USER_UNBANNED: {},
        Action.USER_ROLE_CHANGED: {"from": "The role before.", "to": "The role since."},
        Action.USER_PASSWORD_CHANGED: {"by": "`reset_link`, where it was set with one."},
        Action.USER_PASSWORD_RESET_STARTED: {},
        Action.USER_FACTOR_ADDED: _FACTOR,
        Action.USER_FACTOR_REMOVED: _FACTOR,
        Action.USER_FACTORS_RESET: {},
        Action.USER_RECOVERY_CODES_MADE: {},
        Action.USER_RECOVERY_CODE_USED: {"left": "How many are left."},
        Action.USER_UPDATED: {"fields": "What was changed of them, with commas between."},
        Action.USER_DELETED: {},
        Action.USER_ERASED: {},
        Action.POLICY_RELOADED: {
            "result": "`ok` or `refused`.",
            "faults": "How many were found. What they are, the log of the program says.",
            "changes": "`key: before → since`, one in each line; at most a hundred.",
            "omitted": "How many further keys were changed.",
        },
        Action.AUDIT_READ: _QUERY,
        Action.AUDIT_EXPORTED: {
            "format": "`jsonl`, `csv`, or `proof` of one entry.",
            "entry": "Whose proof it is.",
            **_QUERY,
        },
        Action.ALARM_RAISED: _ALARM,
        Action.ALARM_ACKNOWLEDGED: {**_ALARM, "note": "What whoever did it said about it."},
        Action.ALARM_RESOLVED: _ALARM,
        Action.WEBHOOK_CREATED: _WEBHOOK,
        Action.WEBHOOK_UPDATED: {**_WEBHOOK, "fields": "What was changed, with commas between."},
        Action.WEBHOOK_DELETED: _WEBHOOK,
        Action.WEBHOOK_SECRET_ROTATED: _WEBHOOK,
        Action.WEBHOOK_ENABLED: _WEBHOOK,
        Action.WEBHOOK_DISABLED: {**_WEBHOOK, "cause": "`admin`, `failing` or `gone`."},
        Action.WEBHOOK_TEST_SENT: _WEBHOOK,
        Action.WEBHOOK_REDELIVERED: {**_WEBHOOK, "delivery": "The id of the delivery."},
        Action.SERVICE_STARTED: {
            "version": "Of the program.",
            "workers": "How many processes serve.",
        },
    }
)
"""The details that entries may carry, for each action, with what they say. All are texts."""


def unknown_details(action: Action, outcome: str, names: Iterable[str]) -> list[str]:
    """Return the details that an entry of this action must not have."""
    known = {*DETAILS[action], *(REFUSED_DETAILS if outcome == "refused" else ())}
    return sorted(set(names) - known)


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
