"""What the audit log may say when somebody signs in: the script knows which of it."""

from typing import Any

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.session import Session
from sidecar.store.audit import entry_fields


def entries_of(session: Session, actor: Actor) -> dict[str, dict[str, Any]]:
    """Return the entries of a session that opens, of those that end for it, and of a refusal: the
    script says why."""
    method = {"method": session.auth_method}
    target = Target(session.user_id, session.username, session.handle)
    opened = AuditEntry(Action.SESSION_OPENED, actor, target, details=method)
    refused = AuditEntry(
        Action.LOGIN_FAILED,
        actor,
        Target(session.user_id),
        count=0,
        outcome="refused",
        details={**method, "step": "sign_in"},
    )
    return {
        "opened": entry_fields(opened),
        "ended": entry_fields(AuditEntry(Action.SESSION_REVOKED, actor)),
        "refused": entry_fields(refused),
    }
