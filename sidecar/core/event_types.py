"""Every type of event there is, and what each says: for those who read, filter and publish them.

A type reads like an action of the audit log, and most are the event of one. What an event carries
is said once, here; `openapi.json` publishes it as JSON Schema, and the tests hold real events
against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from sidecar.core.reasons import Ended

Presence = Literal["always", "maybe", "never"]


class EventType(StrEnum):
    SESSION_OPENED = "session.opened"
    SESSION_ADDRESS_CHANGED = "session.address_changed"
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
    USER_FACTOR_ADDED = "user.factor_added"
    USER_FACTOR_REMOVED = "user.factor_removed"
    USER_FACTORS_RESET = "user.factors_reset"
    USER_RECOVERY_CODES_MADE = "user.recovery_codes_made"
    USER_RECOVERY_CODE_USED = "user.recovery_code_used"
    USER_UPDATED = "user.updated"
    USER_DELETED = "user.deleted"
    USER_ERASED = "user.erased"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_UPDATED = "webhook.updated"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_DISABLED = "webhook.disabled"
    ALARM_RAISED = "alarm.raised"
    ALARM_ACKNOWLEDGED = "alarm.acknowledged"
    ALARM_RESOLVED = "alarm.resolved"
    WEBHOOK_TEST_SENT = "webhook.test_sent"
    WEBHOOK_REDELIVERED = "webhook.redelivered"


WEBHOOK_TEST = "webhook.test"
"""What *send test* sends, to one endpoint and to nobody else: no event, so it is in no list."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """What an event of a type says.

    about: one sentence. user, session: whether it names a person, a session. reasons: what may
    stand as its reason; empty: it has none. details: its further texts by name, each with a
    sentence; one that does not apply is left out.
    """

    about: str
    user: Presence = "always"
    session: Presence = "never"
    reasons: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def _ended(action: str) -> tuple[str, ...]:
    return tuple(reason.value for reason in Ended if reason.audit_action == action)


def _session(about: str, type_: str = "") -> EventKind:
    return EventKind(about, session="always", reasons=_ended(type_))


def _webhook(about: str, **details: str) -> EventKind:
    names = {"webhook": "The id of the endpoint.", "host": "Where it is.", **details}
    return EventKind(about, user="never", details=MappingProxyType(names))


def _alarm(about: str, **details: str) -> EventKind:
    names = {
        "alarm": "The id of the alarm.",
        "kind": "What it is of, such as `ip_spread`.",
        "severity": "`info`, `warning` or `critical`.",
        "count": "How often it happened within the window of the policy, at its worst.",
        "addresses": "The addresses behind it, separated by commas, the newest first.",
        **details,
    }
    return EventKind(about, user="maybe", details=MappingProxyType(names))


_FACTOR = MappingProxyType({"kind": "`totp`: an app that makes codes."})
_DEVICE = MappingProxyType({"device": "What the device is called."})

KINDS: Mapping[EventType, EventKind] = MappingProxyType(
    {
        EventType.SESSION_OPENED: _session("Somebody signed in, and a session was opened."),
        EventType.SESSION_ADDRESS_CHANGED: EventKind(
            "A session is used from an address that is new to it: the actor's.",
            session="always",
            details=MappingProxyType({"from": "The address that it was used from before."}),
        ),
        EventType.SESSION_ROTATED: _session("A session got a new secret: its holder proved again."),
        EventType.SESSION_SIGNED_OUT: _session(
            "The holder of a session signed out.", "session.signed_out"
        ),
        EventType.SESSION_REVOKED: _session(
            "A session was ended by somebody else than its holder there: one event for each.",
            "session.revoked",
        ),
        EventType.SESSION_EXPIRED: _session(
            "A session reached a limit: idle for too long, or too old.", "session.expired"
        ),
        EventType.SESSION_EVICTED: _session(
            "A session made room for a newer one of the same person.", "session.evicted"
        ),
        EventType.DEVICE_FIRST_SEEN: EventKind(
            "Somebody signed in from a device that is new.", session="always", details=_DEVICE
        ),
        EventType.DEVICE_CONFIRMED: EventKind(
            "A person said that a new device is theirs.", session="always", details=_DEVICE
        ),
        EventType.DEVICE_DISOWNED: EventKind(
            "A person said that a new device is not theirs.", session="always", details=_DEVICE
        ),
        EventType.LOGIN_FAILED: EventKind(
            "A sign-in failed. The person is there only if the name is somebody's; the address of "
            "whoever tried is the actor's.",
            user="maybe",
        ),
        EventType.USER_CREATED: EventKind(
            "A person was added.", details=MappingProxyType({"role": "Theirs."})
        ),
        EventType.USER_LOCKED: EventKind(
            "A name was locked after too many failed sign-ins. The person is there only if the "
            "name is somebody's.",
            user="maybe",
        ),
        EventType.USER_UNLOCKED: EventKind(
            "The failed sign-ins of a name were forgotten.", user="maybe"
        ),
        EventType.USER_BANNED: EventKind(
            "A person was banned.",
            details=MappingProxyType({"until": "When it lapses by itself, RFC 3339."}),
        ),
        EventType.USER_UNBANNED: EventKind("A ban was lifted."),
        EventType.USER_ROLE_CHANGED: EventKind(
            "A person has another role.",
            details=MappingProxyType({"from": "The role before.", "to": "The role now."}),
        ),
        EventType.USER_PASSWORD_CHANGED: EventKind(
            "A person has another password.",
            details=MappingProxyType({"by": "`reset_link`: it was set by such a link."}),
        ),
        EventType.USER_PASSWORD_RESET_STARTED: EventKind(
            "A link was made with which a person sets a new password."
        ),
        EventType.USER_FACTOR_ADDED: EventKind(
            "A person has set up a second factor.", details=_FACTOR
        ),
        EventType.USER_FACTOR_REMOVED: EventKind(
            "A person has removed a second factor.", details=_FACTOR
        ),
        EventType.USER_FACTORS_RESET: EventKind(
            "An admin has taken all second factors of a person away."
        ),
        EventType.USER_RECOVERY_CODES_MADE: EventKind("A person has new recovery codes."),
        EventType.USER_RECOVERY_CODE_USED: EventKind(
            "A person used a recovery code up.",
            details=MappingProxyType({"left": "How many are left."}),
        ),
        EventType.USER_UPDATED: EventKind(
            "What a person is called, reached by or belongs to has changed.",
            details=MappingProxyType({"fields": "What changed, separated by commas."}),
        ),
        EventType.USER_DELETED: EventKind("A person was deleted."),
        EventType.USER_ERASED: EventKind("All that said who a person is was taken away."),
        EventType.WEBHOOK_CREATED: _webhook("An endpoint for webhooks was added."),
        EventType.WEBHOOK_UPDATED: _webhook(
            "An endpoint was changed.", fields="What changed, separated by commas."
        ),
        EventType.WEBHOOK_DELETED: _webhook("An endpoint was deleted."),
        EventType.WEBHOOK_SECRET_ROTATED: _webhook("An endpoint got a new secret."),
        EventType.WEBHOOK_ENABLED: _webhook("An endpoint gets events again."),
        EventType.WEBHOOK_DISABLED: _webhook(
            "An endpoint gets no events any more.",
            cause="`admin`: by somebody; `failing`: nothing arrived for three days; `gone`: it "
            "answered 410.",
        ),
        EventType.ALARM_RAISED: _alarm(
            "Something needs to be looked at. The person is there if it is about one."
        ),
        EventType.ALARM_ACKNOWLEDGED: _alarm(
            "Somebody has taken an alarm on.", note="What they said about it."
        ),
        EventType.ALARM_RESOLVED: _alarm("What an alarm was about is over."),
        EventType.WEBHOOK_TEST_SENT: _webhook("Somebody let a test be sent to an endpoint."),
        EventType.WEBHOOK_REDELIVERED: _webhook(
            "Somebody let an event be sent to an endpoint once more.",
            delivery="The id of the delivery, which is that of the event.",
        ),
    }
)
