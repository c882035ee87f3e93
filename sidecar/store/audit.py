"""The audit log: who did what. Changes write their entry in their own script; the rest is here.

Implements the port `AuditLog`. A cursor of a person's entries says where each partition goes on,
`p<id>.<id>…`; any other is the id of the last entry that was given out, or looked at.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sidecar.core.audit import (
    Action,
    Actor,
    ActorKind,
    AuditEntry,
    Target,
    unknown_details,
)
from sidecar.core.audit_log import AuditPage, AuditQuery
from sidecar.core.session import Handle
from sidecar.core.users import UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.audit_merge import Source, merge
from sidecar.store.audit_pieces import Scan, Walk
from sidecar.store.codec import span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.names import Names, named
from sidecar.store.streams import Item, StreamId, Streams, below

_EXPORTED_AT_ONCE = 500
_LONGEST_CURSOR = 4096


class Audit:
    """Reads the audit log, and writes the entries of acts that change nothing in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = keys = database.keys
        self._names = Names(database)
        self._forward = Streams(database, [keys.audit(part) for part in range(keys.partitions)])

    async def write(self, entry: AuditEntry) -> str:
        """Add an entry to the log of the person it is about; return its id."""
        user_id = entry.target.user_id or entry.actor.id
        partition = self._keys.partition_of_user(UserId(user_id))
        given = {"entry": entry_fields(entry)}
        answer = await self._database.run(scripts.AUDIT_WRITE, partition, given)
        milliseconds, _, sequence = answer.decode("ascii").partition("-")
        return str(StreamId(int(milliseconds), int(sequence), partition))

    async def write_once(self, entry: AuditEntry, like: str, every: timedelta) -> bool:
        """Add an entry, unless one of this action, by the same actor and `like` it was added within
        that time; say whether it was added."""
        user_id = UserId(entry.target.user_id or entry.actor.id)
        partition = self._keys.partition_of_user(user_id)
        what = f"{entry.action.value}\n{entry.actor.id}\n{like}"
        keys = [self._keys.written_lately(partition, what)]
        given = {"entry": entry_fields(entry), "every": span_ms(every)}
        return bool(await self._database.run(scripts.AUDIT_ONCE, partition, given, keys=keys))

    async def read(self, query: AuditQuery, limit: int, cursor: str | None = None) -> AuditPage:
        """Return entries, the newest first. Raises ValueError for a cursor that was never given."""
        actor, name = await self._who(query.actor)
        wanted = _wanted(query, actor, name)
        person = query.user_id or actor
        if person:
            sources = self._chains(person, wanted, cursor)
        else:
            sources = self._streams(query, wanted, cursor)
        items, complete_to = await merge(sources, limit + 1)
        page, further = items[:limit], items[limit:]
        if not further and complete_to is None:
            following = None
        elif person:
            following = _positions(sources, further)
        else:
            following = str(page[-1][0] if further else complete_to)
        return AuditPage(await self._named(page), following)

    async def entries(self, query: AuditQuery) -> AsyncIterator[AuditEntry]:
        """Yield all of them, the newest first, read piece by piece."""
        page = await self.read(query, _EXPORTED_AT_ONCE)
        while True:
            for entry in page.entries:
                yield entry
            if page.next_cursor is None:
                return
            page = await self.read(query, _EXPORTED_AT_ONCE, page.next_cursor)

    async def id_of(self, actor: str) -> str:
        """Return the id of who has or had a name last, or the id itself; empty if nobody has."""
        return (await self._who(actor))[0]

    async def ends(self) -> list[str]:
        """Return positions behind the newest entry of each partition."""
        return await self._forward.ends()

    async def after(self, positions: list[str]) -> Sequence[AuditEntry]:
        """Return entries behind the positions, the oldest first, and move the positions on."""
        return await self._named(await self._forward.since(positions, _EXPORTED_AT_ONCE))

    async def _named(self, items: Sequence[Item]) -> tuple[AuditEntry, ...]:
        """Return the entries with the names of all people in them, looked up together."""
        names = await self._names.of(people_in(items))
        return tuple(entry_of(entry_id, fields, names) for entry_id, fields in items)

    async def _who(self, actor: str) -> tuple[str, str]:
        """Return the id that an actor has, or else the name to look for. Ids come before names."""
        if not actor:
            return "", ""
        known, by_name = await asyncio.gather(
            self._database.command("EXISTS", self._keys.user(UserId(actor))),
            self._database.command("GET", self._keys.name(canonical_name(actor))),
        )
        if known or by_name:
            return (actor if known else by_name.decode()), ""
        gone = await self._names.last_of(actor)
        if gone is not None:
            return gone, ""
        heads = await asyncio.gather(
            *(
                self._database.command("HEXISTS", self._keys.audit_heads(part, actor), actor)
                for part in range(self._keys.partitions)
            )
        )
        return (actor, "") if any(heads) else ("", actor)

    def _chains(self, person: str, wanted: dict[str, Any], cursor: str | None) -> list[Source]:
        parts = range(self._keys.partitions)
        if cursor is None:
            return [Source(Walk(self._database, part, person, wanted)) for part in parts]
        if not cursor.startswith("p") or len(cursor) > _LONGEST_CURSOR:
            raise ValueError("not a cursor")
        positions = [StreamId.parse(text) for text in cursor[1:].split(".")]
        named = [at.partition for at in positions]
        if len(set(named)) != len(named) or max(named) >= len(parts):
            raise ValueError("not a cursor")
        return [Source(Walk(self._database, at.partition, person, wanted), at) for at in positions]

    def _streams(
        self, query: AuditQuery, wanted: dict[str, Any], cursor: str | None
    ) -> list[Source]:
        before = StreamId.parse(cursor) if cursor is not None else None
        low = str(to_ms(query.since)) if query.since else "-"
        if query.until is not None:
            # Nothing that ends at an instant has entries of this instant.
            end = StreamId(to_ms(query.until), 0, -1)
            before = end if before is None else min(before, end)
        return [
            Source(Scan(self._database, part, below(before, part), low, wanted))
            for part in range(self._keys.partitions)
        ]


def entry_fields(entry: AuditEntry) -> dict[str, Any]:
    """Return what is said of an entry: short names, and only what differs from the default.

    The scripts fill in what only they know: h, tu, c and r; m, the people where they are several;
    and pt and pa, the entries before it of its target and of its actor. Beside an id no name is
    stored: u and tn are for the event (lua/common.lua).
    """
    actor, target = entry.actor, entry.target
    if unknown := unknown_details(entry.action, entry.outcome, entry.details):
        raise ValueError(f"{entry.action} has no details {unknown}")
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
        "r": entry.reason,
        "o": entry.outcome if entry.outcome != "done" else "",
        "d": dict(entry.details),
    }
    stored = {name: value for name, value in fields.items() if value}
    if entry.count != 1:
        stored["c"] = entry.count
    return stored


def _wanted(query: AuditQuery, actor: str, name: str) -> dict[str, Any]:
    wanted = {
        "action": query.action,
        "actor": actor,
        "name": name,
        "lower": name.lower(),
        "since": _instant(query.since),
        "until": _instant(query.until),
    }
    return {key: value for key, value in wanted.items() if value not in ("", None)}


def _instant(instant: datetime | None) -> int | None:
    return to_ms(instant) if instant is not None else None


def _positions(sources: Sequence[Source], further: Sequence[Item]) -> str:
    """Return where each partition's chain goes on, after the page and before what follows it."""
    begins = {source.partition: source.begins for source in sources}
    begins.update({entry_id.partition: entry_id for entry_id, _ in further})
    return "p" + ".".join(str(at) for at in begins.values() if at is not None)


def people_in(items: Iterable[Item]) -> Iterator[str]:
    """Yield the ids of all people in entries, for their names to be looked up."""
    for _, fields in items:
        yield from (fields.get("i", ""), fields.get("tu", ""), *fields.get("m", ()))


def entry_of(entry_id: StreamId, fields: dict[str, Any], names: Mapping[str, str]) -> AuditEntry:
    """Return an entry with the names of the people in it. Raises ValueError for an action that only
    a newer version knows."""
    user_id, handle, details = fields.get("tu"), fields.get("h"), fields.get("d", {})
    actor = Actor(
        ActorKind(fields["k"]), fields.get("i", ""), fields.get("u", ""), fields.get("p", "")
    )
    if fields.get("m"):
        called = sorted(names.get(each, each) for each in fields["m"])
        details = {**details, "users": "\n".join(called)}
    return AuditEntry(
        action=Action(fields["a"]),
        actor=named(actor, names),
        target=Target(
            UserId(user_id) if user_id else None,
            names.get(user_id or "", "") or fields.get("tn", ""),
            Handle(handle) if handle else None,
        ),
        scope="bulk" if fields.get("s") == "bulk" else "single",
        count=int(fields.get("c", 1)),
        reason=fields.get("r", ""),
        outcome="refused" if fields.get("o") == "refused" else "done",
        details=MappingProxyType(details),
        id=str(entry_id),
        at=entry_id.at,
    )
