"""The shapes of entries and of ended sessions, from what the store keeps."""

from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from sidecar.admin.answers import audit_shape, ended_shape
from sidecar.core.audit import SYSTEM, Action, AuditEntry, Target
from sidecar.core.listing import EndedSession
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Kind
from sidecar.core.users import Role, UserId

AT = datetime(2026, 5, 4, 12, 0, 0, 1500, UTC)


def test_given_an_entry_when_it_is_shown_then_what_it_is_not_about_is_null() -> None:
    entry = AuditEntry(
        Action.POLICY_RELOADED,
        SYSTEM,
        outcome="refused",
        details=MappingProxyType({"faults": "2"}),
        id="1-0-00",
        at=AT,
    )

    shape = audit_shape(entry)

    assert (shape.target.user_id, shape.target.handle) == (None, None)
    assert (shape.at, shape.outcome, shape.details) == (
        "2026-05-04T12:00:00.001Z",
        "refused",
        {"faults": "2"},
    )


def test_given_an_entry_that_was_never_stored_then_it_has_no_shape() -> None:
    with pytest.raises(ValueError, match="never stored"):
        audit_shape(AuditEntry(Action.POLICY_RELOADED, SYSTEM, Target()))


def test_given_an_ended_session_when_it_is_shown_then_it_says_who_ended_it() -> None:
    ended = EndedSession(
        handle=Handle("h" * 30),
        user_id=UserId("u1"),
        username="maria",
        role=Role.ADMIN,
        kind=Kind.AGENT,
        ip_address="::1",
        device_label="A script",
        created_at=AT,
        ended_at=AT,
        reason=Ended.IDLE_TIMEOUT,
        ended_by=SYSTEM,
    )

    shape = ended_shape(ended)

    assert (shape.user.role, shape.kind, shape.reason) == ("admin", "agent", "idle_timeout")
    assert (shape.ended_by.kind, shape.ended_by.id) == ("system", "system")
