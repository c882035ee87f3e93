"""What closes the audit log every few seconds, and what is found where it does not hold.

A seal covers what was added to each partition's stream since the seal before it: it has the first
and the last entry of each, their number, the Merkle root over all of them in the order of the
partitions, and the hash of the seal before it. The signature over the newest seal therefore covers
the whole log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

NO_ENTRY = "0-0"
"""The position before the first entry of a stream."""


@dataclass(frozen=True, slots=True)
class SealedSpan:
    """The entries of one partition that a seal covers. first, last: their ids in its stream."""

    partition: int
    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class AuditSeal:
    """number: from 1 on, without a gap. previous: the hash of the seal before; zeros for the first.

    index_hash: of what names each entry, which lies beside the seal. base: the newest seal up to
    this one that has `starts`: the position of each partition before it, where that is not the
    beginning. kept: the number of the first seal whose entries are kept; a seal with `starts`.
    key_id: of the key that signed it.
    """

    number: int
    sealed_at: datetime
    previous: bytes
    root: bytes
    index_hash: bytes
    spans: tuple[SealedSpan, ...]
    base: int
    kept: int
    key_id: str
    starts: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def count(self) -> int:
        return sum(span.count for span in self.spans)

    @property
    def has_starts(self) -> bool:
        return self.base == self.number


class SealState(NamedTuple):
    """The newest seal's number and instant: how far the log is sealed."""

    number: int
    sealed_at: datetime | None


class Breach(StrEnum):
    """What was done to the log."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT_OFF_AT_END = "cut_off_at_end"
    CUT_OFF_AT_FRONT = "cut_off_at_front"
    SEAL_MISSING = "seal_missing"
    SEAL_CHANGED = "seal_changed"
    SEAL_FORGED = "seal_forged"
    SEAL_REPLACED = "seal_replaced"
    SEALS_CUT_OFF = "seals_cut_off"


class Finding(NamedTuple):
    """The first thing that is wrong. seal: the number of the seal that says so. entry_id: empty
    where it is a seal itself."""

    breach: Breach
    seal: int
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification has found. seals, entries: that are as they were sealed, before the
    finding. first, last: the numbers of the seals it went through; 0: there are none. unsealed:
    entries that no seal covers yet."""

    seals: int
    entries: int
    first: int
    last: int
    sealed_at: datetime | None
    unsealed: int
    finding: Finding | None = None
