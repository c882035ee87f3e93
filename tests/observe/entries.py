"""Audit entries as sinks get them, and how a line of theirs reads."""

import json
from datetime import UTC, datetime
from typing import Any

from sidecar.core.audit import SYSTEM, Action, AuditEntry

AT = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)


def an_entry(number: int, **fields: Any) -> AuditEntry:
    facts: dict[str, Any] = {"id": f"{number}-0-00", "at": AT} | fields
    return AuditEntry(Action.USER_CREATED, SYSTEM, **facts)


def line(entry: AuditEntry) -> bytes:
    return json.dumps({"id": entry.id}).encode() + b"\n"


def ids(text: bytes) -> list[str]:
    """Return the ids of whole lines. Raises ValueError for a line that is torn."""
    return [json.loads(one)["id"] for one in text.splitlines()]
