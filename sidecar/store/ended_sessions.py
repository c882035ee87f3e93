"""The history of ended sessions: who ended which, when and why; kept as long as the policy says.

    ended       a JSON array for each, by the instant of its end
                [handle, user, name, role, kind, address, label, created, ended, reason,
                 actor's kind, id, name if there is no id, address, note]
    ue:<shard>  for each person's number: the end (11 hexadecimal digits), then the handle

Written by the step that ends the session (lua/session_index.lua).
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.listing import EndedPage, EndedSession
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.core.session import Handle, Kind
from sidecar.core.users import Role, UserId
from sidecar.store import scripts
from sidecar.store.codec import from_ms, reason_of, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.names import Names, named
from sidecar.store.ranges import Ranges
from sidecar.store.seek import Range

_AT_ONCE = 100
_MOST_ROUNDS = 50


class EndedSessions:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy], clock: Clock) -> None:
        self._database = database
        self._keys = database.keys
        self._ranges = Ranges(database)
        self._names = Names(database)
        self._policy = policy
        self._clock = clock

    async def page(self, user_id: UserId | None, offset: int, limit: int) -> EndedPage:
        """Return sessions that ended within the retention, the last one first."""
        if user_id is not None:
            return await self._of_user(user_id, offset, limit)
        ranges = [await self._counted(part) for part in range(self._keys.partitions)]
        documents: list[bytes] = []
        async for found in self._ranges.merged(ranges, offset, limit, descending=True):
            documents += [entry.handle for entry in found]
            if len(documents) >= limit:
                break
        total = sum(part.length for part in ranges)
        return EndedPage(await self._named(map(_decode, documents[:limit])), total)

    async def trim(self) -> None:
        """Drop what is older than the retention, as far as a bounded amount of work goes."""
        for partition in range(self._keys.partitions):
            for _ in range(_MOST_ROUNDS):
                given = {"mark": self._kept_since(), "most": _AT_ONCE}
                dropped = await self._database.run(scripts.TRIM_ENDED, partition, given)
                if int(dropped) < _AT_ONCE:
                    break

    async def _counted(self, partition: int) -> Range:
        name, mark = self._keys.ended(partition), self._kept_since()
        length = await self._database.command("ZCOUNT", name, f"({mark}", "+inf")
        return Range(partition, name, mark, length=int(length))

    async def _of_user(self, user_id: UserId, offset: int, limit: int) -> EndedPage:
        """The person's ends are in order in their index; documents are found by the instant."""
        key, number = self._keys.ended_of_user(user_id)
        ended = self._keys.ended(self._keys.partition_of_user(user_id))
        words = (str(number), f"{self._kept_since():011x}", offset, limit)
        total, *documents = await self._database.run_on(scripts.ENDED_OF_USER, [key, ended], *words)
        found = [each for each in map(_decode, documents) if each.user_id == user_id]
        return EndedPage(await self._named(found), int(total))

    async def _named(self, found: Iterable[EndedSession]) -> list[EndedSession]:
        """Put the names beside the ids of those who ended them."""
        ended = list(found)
        names = await self._names.of(each.ended_by.id for each in ended)
        return [replace(each, ended_by=named(each.ended_by, names)) for each in ended]

    def _kept_since(self) -> int:
        return to_ms(self._clock.now()) - span_ms(self._policy().ended_sessions_retention)


def _decode(document: bytes) -> EndedSession:
    items: list[Any] = json.loads(document)
    return EndedSession(
        handle=Handle(items[0]),
        user_id=UserId(items[1]),
        username=items[2],
        role=Role(items[3]),
        kind=Kind(items[4] or Kind.BROWSER),
        ip_address=items[5],
        device_label=items[6],
        created_at=from_ms(items[7]),
        ended_at=from_ms(items[8]),
        reason=reason_of(items[9]),
        ended_by=Actor(ActorKind(items[10]), *items[11:14]),
        note=items[14],
    )
