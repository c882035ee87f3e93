"""What the next seal covers: entries that no seal covers yet, a bounded number of them.

They are read and hashed a few hundred at a time, so that whoever else waits for this process waits
a millisecond or two.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sidecar.core.audit_seal import SealedSpan
from sidecar.core.merkle import root_of
from sidecar.store.audit_leaves import Raw, indexed, leaves_of, read_raw
from sidecar.store.audit_seals import Indexed, pack_index
from sidecar.store.database import Database

MOST = 10_000
"""Entries that one seal covers."""
_AT_ONCE = 400


@dataclass(slots=True)
class _Part:
    first: str = ""
    last: str = ""
    leaves: list[bytes] = field(default_factory=list)
    index: list[Indexed] = field(default_factory=list)

    def add(self, partition: int, raw: Raw) -> None:
        leaves = leaves_of(partition, raw)
        self.first = self.first or raw.ids[0].decode("ascii")
        self.last = raw.ids[-1].decode("ascii")
        self.leaves += leaves
        self.index += map(indexed, raw.ids, leaves)


@dataclass(frozen=True, slots=True)
class Collected:
    """positions: behind what was collected. is_all: there was no more."""

    spans: tuple[SealedSpan, ...]
    root: bytes
    index: bytes
    positions: Sequence[str]
    is_all: bool

    @property
    def count(self) -> int:
        return sum(span.count for span in self.spans)


async def collect(database: Database, positions: Sequence[str], most: int = MOST) -> Collected:
    """Return what lies behind the positions, about `most` entries. Raises StoreUnavailable."""
    parts = [_Part(last=position) for position in positions]
    hungry, count = list(range(len(parts))), 0
    while hungry and count < most:
        each = max(_AT_ONCE // len(hungry), 1)
        found = await read_behind(database, [(part, parts[part].last) for part in hungry], each)
        for part, raw in found:
            if raw.ids:
                parts[part].add(part, raw)
        hungry = [part for part, raw in found if len(raw.ids) == each]
        count += sum(len(raw.ids) for _, raw in found)
    return Collected(
        spans=tuple(
            SealedSpan(number, part.first, part.last, len(part.leaves))
            for number, part in enumerate(parts)
            if part.leaves
        ),
        root=root_of([leaf for part in parts for leaf in part.leaves]),
        index=pack_index(entry for part in parts for entry in part.index),
        positions=[part.last for part in parts],
        is_all=not hungry,
    )


async def read_behind(
    database: Database, wanted: Sequence[tuple[int, str]], each: int
) -> list[tuple[int, Raw]]:
    """Return up to `each` entries behind the position of each partition."""
    found = await asyncio.gather(*(read_raw(database, part, at, each) for part, at in wanted))
    return [(part, raw) for (part, _), raw in zip(wanted, found, strict=True)]
