"""Why a session ended: one table for the 401 code, the audit action and the metric label.

Source: the table "Ending" of the design, section 4. Every other file asks here; nothing is spelt
twice.
"""

from enum import StrEnum


class Ended(StrEnum):
    """The reason that a tombstone carries. The value is also the metric label."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    IDLE_TIMEOUT = "idle_timeout"
    LIFETIME_EXCEEDED = "lifetime_exceeded"
    BANNED = "banned"
    USER_DELETED = "user_deleted"
    ROLE_CHANGED = "role_changed"
    PASSWORD_CHANGED = "password_changed"
    EVICTED = "evicted"
    PROVIDER_LOGOUT = "provider_logout"
    PROVIDER_REFUSED = "provider_refused"
    SIGNAL = "signal"
    PARENT_ENDED = "parent_ended"
    AGENT_DISABLED = "agent_disabled"

    @property
    def code(self) -> str:
        """The `code` of the 401 that answers a request with this dead session."""
        return _CODES.get(self, "session_revoked")

    @property
    def audit_action(self) -> str:
        """The action of the audit entry for this end."""
        return _ACTIONS.get(self, "session.revoked")


_CODES = {
    Ended.SIGNED_OUT: "session_signed_out",
    Ended.IDLE_TIMEOUT: "session_idle",
    Ended.LIFETIME_EXCEEDED: "session_expired",
}
_ACTIONS = {
    Ended.SIGNED_OUT: "session.signed_out",
    Ended.IDLE_TIMEOUT: "session.expired",
    Ended.LIFETIME_EXCEEDED: "session.expired",
    Ended.EVICTED: "session.evicted",
}
