"""The audit log: who did what. Changes write their entry in their own script; the rest is here."""

from types import MappingProxyType
from typing import Any, NamedTuple

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store.codec import dump
from sidecar.store.database import Database
from sidecar.store.streams import StreamId, Streams


class AuditPage(NamedTuple):
    """next_cursor: where the next page begins; None after the last one."""

    entries: tuple[AuditEntry, ...]
    next_cursor: str | None


class Audit:
    """Reads the audit log, and writes the entries of acts that change nothing in the store."""

    def __init__(self, database: Database) -> None:
        keys = database.keys
        self._keys = keys
        self._streams = Streams(database, [keys.audit(part) for part in range(keys.partitions)])

    async def write(self, entry: AuditEntry) -> str:
        """Add an entry to the log of the person it is about; return its id."""
        user_id = entry.target.user_id or entry.actor.id
        partition = self._keys.partition_of_user(UserId(user_id))
        return str(await self._streams.add(partition, dump(entry_fields(entry))))

    async def read(self, limit: int, cursor: str | None = None) -> AuditPage:
        """Return entries, the newest first. Raises ValueError for a cursor that was never given."""
        before = StreamId.parse(cursor) if cursor is not None else None
        items = await self._streams.newest(limit + 1, before)
        entries = tuple(_entry(entry_id, fields) for entry_id, fields in items[:limit])
        return AuditPage(entries, entries[-1].id if len(items) > limit else None)


def entry_fields(entry: AuditEntry) -> dict[str, Any]:
    """Return what is stored of an entry: short names, and only what differs from the default.

    The scripts fill in what only they know: h, tu, tn, c and r.
    """
    actor, target = entry.actor, entry.target
    fields: dict[str, Any] = {
        "a": entry.action.value,
        "k": actor.kind.value,
        "i": actor.id,
        "u": actor.username,
        "p": actor.ip_address,
        "tu": target.user_id,
        "tn": target.username,
        "h": target.handle,
        "s": entry.scope if entry.scope != "single" else "",
        "c": entry.count if entry.count != 1 else 0,
        "r": entry.reason,
        "o": entry.outcome if entry.outcome != "done" else "",
        "d": dict(entry.details),
    }
    return {name: value for name, value in fields.items() if value}


def _entry(entry_id: StreamId, fields: dict[str, Any]) -> AuditEntry:
    user_id, handle = fields.get("tu"), fields.get("h")
    return AuditEntry(
        action=Action(fields["a"]),
        actor=Actor(
            ActorKind(fields["k"]), fields.get("i", ""), fields.get("u", ""), fields.get("p", "")
        ),
        target=Target(
            UserId(user_id) if user_id else None,
            fields.get("tn", ""),
            Handle(handle) if handle else None,
        ),
        scope="bulk" if fields.get("s") == "bulk" else "single",
        count=int(fields.get("c", 1)),
        reason=fields.get("r", ""),
        outcome="refused" if fields.get("o") == "refused" else "done",
        details=MappingProxyType(fields.get("d", {})),
        id=str(entry_id),
        at=entry_id.at,
    )
