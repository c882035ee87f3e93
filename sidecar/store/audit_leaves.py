"""Entries of the audit log as leaves of a seal's tree: their id and the bytes that are stored.

The id is the public one, with the partition, so that no entry passes for one of another stream.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from sidecar.store import scripts
from sidecar.store.audit_seals import Indexed
from sidecar.store.database import Database


class Raw(NamedTuple):
    """ids, bodies: of the same entries. body: None for what is no entry."""

    ids: Sequence[bytes]
    bodies: Sequence[bytes | None]


async def read_raw(
    database: Database, partition: int, after: str, most: int, last: str = "+"
) -> Raw:
    """Return entries of one stream behind a position, the oldest first."""
    words = (f"({after}", last, most)
    keys = [database.keys.audit(partition)]
    flat = await database.run_on(scripts.STREAM_PIECE, keys, *words)
    return Raw(flat[::2], flat[1::2])


def leaf_content(own_id: bytes, partition: int, body: bytes) -> bytes:
    return b"%b-%02d\n%b" % (own_id, partition, body)


def leaves_of(partition: int, raw: Raw) -> list[bytes]:
    """Return the hash of each leaf: `merkle.leaf_hash` of its content, said for many at once."""
    middle = b"-%02d\n" % partition
    return [
        sha256(b"\0%b%b%b" % (own_id, middle, body or b"")).digest()
        for own_id, body in zip(raw.ids, raw.bodies, strict=True)
    ]


def indexed(own_id: bytes, leaf: bytes) -> Indexed:
    milliseconds, sequence = numbers_of(own_id)
    return Indexed(milliseconds, sequence, leaf[:8])


def numbers_of(own_id: bytes | str) -> tuple[int, int]:
    """Return an id within its stream as what it sorts by."""
    text = own_id if isinstance(own_id, str) else own_id.decode("ascii")
    milliseconds, _, sequence = text.partition("-")
    return int(milliseconds), int(sequence)
