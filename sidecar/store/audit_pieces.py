"""The audit log in pieces: from one stream, what a query wants of it, the newest first.

A person's entries are read along their chain, which names the one before each (lua/common.lua), so
that it does not matter how many others there are. Without a person the stream itself is read. A
piece looks at a bounded number of entries, so that no read holds Redis up, and says where to go on.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sidecar.store import scripts
from sidecar.store.codec import dump
from sidecar.store.database import Database
from sidecar.store.streams import Item, StreamId

ALONG_A_CHAIN = 150
AT_ONCE = 400
"""Entries that one piece looks at: about a millisecond of Redis."""


class Piece(NamedTuple):
    """rest: where to go on; None: there is no more. In a chain the entry to go on with, else the
    last one that was looked at."""

    items: list[Item]
    rest: StreamId | None


class Walk:
    """One partition's part of a person's entries."""

    def __init__(
        self, database: Database, partition: int, person: str, wanted: Mapping[str, object]
    ) -> None:
        self._database = database
        self.partition = partition
        keys = database.keys
        self._keys = [keys.audit(partition), keys.audit_heads(partition, person)]
        self._wanted = {**wanted, "person": person, "most": ALONG_A_CHAIN}

    async def piece(self, at: StreamId | None, limit: int) -> Piece:
        """Return the next entries. at: None: from the newest."""
        given = {**self._wanted, "limit": limit, **({"at": at.own} if at else {})}
        answer = await self._database.run_on(scripts.AUDIT_WALK, self._keys, dump(given))
        return _piece(answer, self.partition)


class Scan:
    """One partition's stream. low: the oldest id to read."""

    def __init__(
        self, database: Database, partition: int, high: str, low: str, wanted: Mapping[str, object]
    ) -> None:
        self._database = database
        self.partition = partition
        self._keys = [database.keys.audit(partition)]
        self._high = high
        self._wanted = {**wanted, "low": low, "most": AT_ONCE}

    async def piece(self, at: StreamId | None, limit: int) -> Piece:
        """Return the next entries. at: None: from the upper end."""
        given = {**self._wanted, "limit": limit, "at": f"({at.own}" if at else self._high}
        answer = await self._database.run_on(scripts.AUDIT_SCAN, self._keys, dump(given))
        return _piece(answer, self.partition)


def _piece(answer: list[bytes], partition: int) -> Piece:
    rest, *flat = answer
    items: list[Item] = [
        (_id(entry_id, partition), _fields(raw))
        for entry_id, raw in zip(flat[::2], flat[1::2], strict=True)
    ]
    return Piece(items, _id(rest, partition) if rest else None)


def _id(raw: bytes, partition: int) -> StreamId:
    milliseconds, _, sequence = raw.decode("ascii").partition("-")
    return StreamId(int(milliseconds), int(sequence), partition)


def _fields(raw: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(raw)
    return fields
