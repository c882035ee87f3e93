"""Audit and events over all partitions: a merge of streams by id.

Each partition has a stream of its own. An entry's id is the stream's id and the partition,
`<ms>-<sequence>-<partition>`, so that it is unique and sorts by time. Going back in time, one id
is a cursor over all streams. Going forward it is one only up to the horizon, the earliest instant
at which any of the streams was looked at: below that none can get an entry any more, whatever the
clocks of their nodes say. A follower, who is not to wait for that, keeps one position for each
stream.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sidecar.store import scripts
from sidecar.store.codec import from_ms
from sidecar.store.database import Database

_PAUSE = 0.05
_TICK = 0.002
_LOOKS = 3
"""What was added in this very millisecond is behind the horizon of the next look."""
_HIGHEST = 10**19 - 1
_ID = re.compile(r"(\d{1,15})-(\d{1,19})-(\d{2})", re.ASCII)


class StreamId(NamedTuple):
    milliseconds: int
    sequence: int
    partition: int

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.sequence}-{self.partition:02d}"

    @property
    def at(self) -> datetime:
        return from_ms(self.milliseconds)

    @property
    def own(self) -> str:
        """The id within its stream."""
        return f"{self.milliseconds}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> "StreamId":
        """Return the id. Raises ValueError for what was never one."""
        match = _ID.fullmatch(text)
        if match is None:
            raise ValueError("not a cursor")
        return cls(int(match[1]), int(match[2]), int(match[3]))


Item = tuple[StreamId, dict[str, Any]]


class Streams:
    """The streams of one kind, of all partitions. names: the key of each partition's stream."""

    def __init__(self, database: Database, names: Sequence[str]) -> None:
        self._database = database
        self._names = names

    async def oldest(self, limit: int, after: StreamId | None) -> list[Item]:
        """Return up to `limit` entries newer than `after`, the oldest first: none that another
        could still come before."""
        starts = [_above(after, partition) for partition in range(len(self._names))]
        items: list[Item] = []
        for _ in range(_LOOKS):
            looks = await self._look("XRANGE", starts, "+", limit)
            horizon = _horizon(looks)
            read = [item for part, look in enumerate(looks) for item in _items(look.entries, part)]
            items = [item for item in read if item[0].milliseconds < horizon]
            if len(items) == len(read) or len(items) >= limit:
                break
            await asyncio.sleep(_TICK)
        return sorted(items, key=_id_of)[:limit]

    async def latest(self) -> StreamId:
        """Return the id behind which is all that is added after this call, and little else."""
        newest, horizon = StreamId(0, 0, 0), 0
        for _ in range(_LOOKS):
            looks = await self._look("XREVRANGE", ["+"] * len(self._names), "-", 1)
            horizon = _horizon(looks)
            ends = [
                _stream_id(look.entries[0][0], part)
                for part, look in enumerate(looks)
                if look.entries
            ]
            newest = max(ends, default=newest)
            if newest.milliseconds < horizon:
                return newest
            await asyncio.sleep(_TICK)
        return StreamId(horizon - 1, _HIGHEST, 99)

    async def ends(self) -> list[str]:
        """Return the position behind the last entry of each stream."""
        found = await asyncio.gather(
            *(
                self._database.command("XREVRANGE", name, "+", "-", "COUNT", 1)
                for name in self._names
            )
        )
        return [_text(part[0][0]) if part else "0-0" for part in found]

    async def wait(self, positions: Sequence[str]) -> bool:
        """Wait for an entry behind `positions`, half a deadline at most; say whether there may be
        one.

        One stream can be waited for in Redis. The streams of a cluster are in slots of their own,
        which one command cannot span, so they are looked at again and again.
        """
        if len(self._names) > 1:
            await asyncio.sleep(_PAUSE)
            return True
        patience = max(1, int(self._database.deadline * 500))
        name, position = self._names[0], positions[0]
        words = ("XREAD", "COUNT", 1, "BLOCK", patience, "STREAMS", name, position)
        return bool(await self._database.command(*words))

    async def rewind(self, positions: list[str]) -> None:
        """Move back each position that is behind the end of its stream. The store has lost what
        it had, and what happens now may get an id that was there before."""
        for partition, end in enumerate(await self.ends()):
            positions[partition] = min(positions[partition], end, key=_by_age)

    async def since(self, positions: list[str], limit: int) -> list[Item]:
        """Return entries behind `positions`, oldest first, and move the positions on."""
        found = await self._database.read_all(
            ("XRANGE", name, f"({position}", "+", "COUNT", limit)
            for name, position in zip(self._names, positions, strict=True)
        )
        items = []
        for partition, part in enumerate(found):
            read = _items(part, partition)
            if read:
                positions[partition] = read[-1][0].own
            items += read
        return sorted(items, key=_id_of)

    async def _look(
        self, command: str, starts: Sequence[str], end: str, limit: int
    ) -> list["_Look"]:
        return await asyncio.gather(
            *(
                self._look_at(name, command, start, end, limit)
                for name, start in zip(self._names, starts, strict=True)
            )
        )

    async def _look_at(self, name: str, *words: str | int) -> "_Look":
        at, entries = await self._database.run_on(scripts.STREAM_LOOK, [name], *words)
        return _Look(
            int(at), [(id_, dict(zip(flat[::2], flat[1::2], strict=True))) for id_, flat in entries]
        )


class _Look(NamedTuple):
    """at: the millisecond, by the clock of that stream's node; what is added later has none
    below."""

    at: int
    entries: list[Any]


def _horizon(looks: Sequence["_Look"]) -> int:
    """Return the millisecond from which on an entry may still come: never, of one stream
    alone, below what it has."""
    return min(look.at for look in looks) if len(looks) > 1 else 10**15


def below(before: StreamId | None, partition: int) -> str:
    """Return where a stream ends that is read up to `before`, in the words of XREVRANGE."""
    if before is None:
        return "+"
    if before.own == "0-0":  # nothing has this id, and Redis finds none below it
        return before.own
    return before.own if partition < before.partition else f"({before.own}"


def _above(after: StreamId | None, partition: int) -> str:
    if after is None:
        return "-"
    return after.own if partition > after.partition else f"({after.own}"


def _items(part: list[Any], partition: int) -> list[Item]:
    return [
        (_stream_id(entry_id, partition), json.loads(fields[b"e"]))
        for entry_id, fields in part
        if fields and b"e" in fields
    ]


def _by_age(position: str) -> tuple[int, int]:
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence)


def _id_of(item: Item) -> StreamId:
    return item[0]


def _stream_id(raw: bytes, partition: int) -> StreamId:
    milliseconds, _, sequence = _text(raw).partition("-")
    return StreamId(int(milliseconds), int(sequence), partition)


def _text(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode("ascii")
