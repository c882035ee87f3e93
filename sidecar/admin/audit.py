"""Reading the audit log, and taking it away as a file."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import msgspec
from msgspec import UNSET

from sidecar.admin.answers import AuditEntryShape, AuditList, audit_shape
from sidecar.admin.checks import instant_of
from sidecar.admin.desk import Desk
from sidecar.admin.given import AuditFilter, AuditQueryGiven, ExportQuery
from sidecar.core.audit import Action, AuditEntry
from sidecar.core.audit_log import AuditQuery
from sidecar.core.call_refusal import invalid
from sidecar.core.caller import Caller
from sidecar.core.users import UserId

COLUMNS = (
    "id", "at", "action", "outcome", "reason", "actorKind", "actorId", "actorUsername",
    "actorIpAddress", "targetUserId", "targetUsername", "targetSessionId", "scope", "count",
    "details",
)  # fmt: skip
"""Of the CSV form; the members of an entry, one below the other."""

READ_AGAIN = timedelta(minutes=10)
"""So long is reading on, by the same filter, no other act."""
_AT_ONCE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is written while it is read: a file of that name."""

    media_type: str
    filename: str
    parts: AsyncIterator[bytes]


async def read_audit(desk: Desk, caller: Caller, query: AuditQueryGiven) -> AuditList:
    """Entries, the newest first. Who reads is entered, for each filter once in a while."""
    wanted = _wanted(query)
    cursor = query.cursor if query.cursor is not UNSET else None
    try:
        page = await desk.audit.read(wanted, query.limit, cursor)
    except ValueError:
        raise invalid("cursor", "No page was ever given with this cursor.") from None
    # Behind the reading, so that what is read first is not that it is read.
    details = await _given(desk, query)
    entry = AuditEntry(Action.AUDIT_READ, caller.actor, details=MappingProxyType(details))
    # Not by the instants: whoever looks at the last hour asks for another one each time. Nor by the
    # cursor: it is an id, which anybody can make up.
    like = [details.get(name, "") for name in ("userId", "actor", "action")]
    await desk.audit.write_once(entry, "\n".join(like), READ_AGAIN)
    return AuditList(
        items=tuple(map(audit_shape, page.entries)),
        next_cursor=page.next_cursor,
    )


async def export_audit(desk: Desk, caller: Caller, query: ExportQuery) -> Download:
    """All entries that match, as a file. Who takes them away is entered first."""
    wanted = _wanted(query)
    details = MappingProxyType({"format": query.format, **await _given(desk, query)})
    await desk.audit.write(AuditEntry(Action.AUDIT_EXPORTED, caller.actor, details=details))
    write = _FORMS[query.format]
    name = f"audit-{desk.clock.now():%Y%m%d-%H%M%S}.{query.format}"
    media_type = "text/csv" if query.format == "csv" else "application/jsonl"
    return Download(media_type, name, _parts(desk.audit.entries(wanted), write, query.format))


async def _given(desk: Desk, query: AuditFilter) -> dict[str, str]:
    """Return the filters as an entry has them: people by their ids."""
    given = msgspec.to_builtins(query)
    names = ("userId", "actor", "action", "from", "to")
    details = {name: str(given[name]) for name in names if name in given}
    if "actor" in details:
        details["actor"] = await desk.audit.id_of(details["actor"]) or details["actor"]
    return details


def _wanted(query: AuditFilter) -> AuditQuery:
    return AuditQuery(
        user_id=UserId(query.user_id) if query.user_id is not UNSET else None,
        actor=query.actor if query.actor is not UNSET else "",
        action=query.action.value if query.action is not UNSET else "",
        since=instant_of("from", query.since),
        until=instant_of("to", query.until),
    )


async def _parts(
    entries: AsyncIterator[AuditEntry],
    write: Callable[[AuditEntryShape], bytes],
    form: str,
) -> AsyncIterator[bytes]:
    """Yield the file in pieces of some hundred lines."""
    lines = [csv_row(COLUMNS)] if form == "csv" else []
    async for entry in entries:
        lines.append(write(audit_shape(entry)))
        if len(lines) >= _AT_ONCE:
            yield b"".join(lines)
            lines.clear()
    if lines:
        yield b"".join(lines)


def jsonl_line(entry: AuditEntryShape) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def csv_line(entry: AuditEntryShape) -> bytes:
    """Return the entry as a line of RFC 4180 whose cells no spreadsheet takes for formulas."""
    actor, target = entry.actor, entry.target
    details = msgspec.json.encode(entry.details).decode() if entry.details else ""
    return csv_row(
        (
            entry.id, entry.at, entry.action, entry.outcome, entry.reason,
            actor.kind, actor.id, actor.username, actor.ip_address,
            target.user_id or "", target.username, target.handle or "",
            entry.scope, str(entry.count), details,
        )
    )  # fmt: skip


def csv_row(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if _is_formula(cell) else cell for cell in cells])
    return out.getvalue().encode()


def _is_formula(cell: str) -> bool:
    """Say whether a spreadsheet might take it for one, also behind blanks that it cuts off."""
    return cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)


_FORMS: dict[str, Callable[[AuditEntryShape], bytes]] = {"jsonl": jsonl_line, "csv": csv_line}
