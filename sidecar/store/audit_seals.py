"""The seals of the audit log in Redis. What they are, `core/audit_seal.py` says.

A stream in the slot of the first partition; the id of each is `<number>-0`. Its fields: `s` the
seal's text, which is what is signed and hashed, `g` the signature, `l` the index: for each entry,
in the order of the leaves, its id and the beginning of its hash, packed. With the index a change
is found to the entry; the root decides.
"""

import json
import struct
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1, sha256
from types import MappingProxyType
from typing import Any, NamedTuple

from sidecar.core.audit_seal import NO_ENTRY, AuditSeal, SealedSpan
from sidecar.store import scripts
from sidecar.store.codec import dump, from_ms, to_ms
from sidecar.store.database import Database

GENESIS = bytes(32)
"""What stands for the hash of the seal before the first."""

_AT_ONCE = 200
_INDEXED = struct.Struct(">QQ8s")


class Indexed(NamedTuple):
    """An entry as the index of a seal knows it. mark: the beginning of its leaf's hash."""

    milliseconds: int
    sequence: int
    mark: bytes


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """A seal as it lies in Redis. seal: what the text says."""

    seal: AuditSeal
    text: bytes
    signature: bytes
    index: bytes

    @property
    def hash(self) -> bytes:
        return sha256(self.text).digest()


class Standing(NamedTuple):
    """positions: up to where each partition's stream is sealed. base_at: when that seal was made
    which last had `starts`."""

    positions: list[str]
    base_at: datetime


class SealUnreadable(Exception):
    """What lies in the place of a seal is none. number: of its place."""

    def __init__(self, number: int) -> None:
        super().__init__(f"seal {number} cannot be read")
        self.number = number


def write_seal(seal: AuditSeal) -> bytes:
    """Return the text of a seal."""
    return dump(
        {
            "v": 1,
            "n": seal.number,
            "t": to_ms(seal.sealed_at),
            "p": _text(seal.previous),
            "r": _text(seal.root),
            "x": _text(seal.index_hash),
            "c": seal.count,
            "s": [[span.partition, span.first, span.last, span.count] for span in seal.spans],
            "b": seal.base,
            "k": seal.kept,
            "y": seal.key_id,
            **({"f": {str(part): at for part, at in seal.starts.items()}} if seal.starts else {}),
        }
    )


def read_seal(text: bytes) -> AuditSeal:
    """Return what a text says. Raises ValueError for what is no seal."""
    try:
        fields: dict[str, Any] = json.loads(text)
        seal = AuditSeal(
            number=int(fields["n"]),
            sealed_at=from_ms(fields["t"]),
            previous=_bytes(fields["p"]),
            root=_bytes(fields["r"]),
            index_hash=_bytes(fields["x"]),
            spans=tuple(SealedSpan(int(p), str(a), str(z), int(c)) for p, a, z, c in fields["s"]),
            base=int(fields["b"]),
            kept=int(fields["k"]),
            key_id=str(fields["y"]),
            starts=MappingProxyType({int(p): str(at) for p, at in fields.get("f", {}).items()}),
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError("not a seal") from error
    if fields["c"] != seal.count:
        raise ValueError("a seal whose numbers contradict each other")
    return seal


def pack_index(entries: Iterable[Indexed]) -> bytes:
    return zlib.compress(b"".join(_INDEXED.pack(*entry) for entry in entries), 1)


def read_index(index: bytes) -> list[Indexed]:
    """Return the entries. Raises ValueError for what is no index."""
    try:
        return [Indexed(*found) for found in _INDEXED.iter_unpack(zlib.decompress(index))]
    except (zlib.error, struct.error) as error:
        raise ValueError("not an index") from error


class SealLog:
    """Reads and adds seals. Every method raises StoreUnavailable, and SealUnreadable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key = database.keys.audit_seals

    async def newest(self) -> StoredSeal | None:
        return _only(await self._database.command("XREVRANGE", self._key, "+", "-", "COUNT", 1))

    async def oldest(self) -> StoredSeal | None:
        return _only(await self._database.command("XRANGE", self._key, "-", "+", "COUNT", 1))

    async def get(self, number: int) -> StoredSeal | None:
        words = ("XRANGE", self._key, number, number, "COUNT", 1)
        return _only(await self._database.command(*words))

    async def after(self, number: int, most: int = _AT_ONCE) -> list[StoredSeal]:
        """Return seals with higher numbers, the lowest first."""
        low = f"{number + 1}-0"
        found = await self._database.command("XRANGE", self._key, low, "+", "COUNT", most)
        return [_stored(*item) for item in found]

    async def since(self, number: int) -> AsyncIterator[StoredSeal]:
        """Yield the seals from this number on, read piece by piece."""
        while True:
            piece = await self.after(number - 1)
            for stored in piece:
                yield stored
            if len(piece) < _AT_ONCE:
                return
            number = piece[-1].seal.number + 1

    async def add(self, before: StoredSeal | None, added: StoredSeal) -> bool:
        """Add the seal behind `before`, if that still is the newest one: say whether it was."""
        number = before.seal.number if before else 0
        text = sha1(before.text, usedforsecurity=False).hexdigest() if before else ""
        stored = (added.text, added.signature, added.index)
        words = (str(number), text, str(added.seal.number))
        return bool(await self._database.run_on(scripts.AUDIT_SEAL, [self._key], *words, *stored))

    async def standing(self, newest: StoredSeal) -> Standing:
        """Return how far the log is sealed, as of a seal."""
        base = newest
        if not newest.seal.has_starts:
            found = await self.get(newest.seal.base)
            if found is None:
                raise SealUnreadable(newest.seal.base)
            base = found
        positions = starts_of(base.seal, self._database.keys.partitions)
        move_on(positions, base.seal)
        behind = newest.seal.number - base.seal.number
        for stored in await self.after(base.seal.number, behind) if behind else ():
            move_on(positions, stored.seal)
        return Standing(positions, base.seal.sealed_at)


def starts_of(seal: AuditSeal, partitions: int) -> list[str]:
    """Return the positions before a seal that has them."""
    return [seal.starts.get(part, NO_ENTRY) for part in range(partitions)]


def move_on(positions: list[str], seal: AuditSeal) -> None:
    for span in seal.spans:
        positions[span.partition] = span.last


def _only(found: list[Any]) -> StoredSeal | None:
    return _stored(*found[0]) if found else None


def _stored(raw_id: bytes, fields: Mapping[bytes, bytes]) -> StoredSeal:
    number = int(raw_id.partition(b"-")[0])
    try:
        text = fields[b"s"]
        seal = read_seal(text)
        if seal.number != number:
            raise ValueError("a seal in the place of another")
        return StoredSeal(seal, text, fields[b"g"], fields[b"l"])
    except (KeyError, ValueError) as error:
        raise SealUnreadable(number) from error


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
