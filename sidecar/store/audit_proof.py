"""One entry of the audit log with the proof that it is part of it, to be checked without a store.

The proof is the path from the entry to the root of the seal that covers it, with the seal and its
signature. Whoever checks it needs the public key from somewhere they trust; the one in the proof
only says which it was.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sidecar.core.audit_seal import AuditSeal
from sidecar.core.merkle import leaf_hash, path_to, root_along
from sidecar.store.audit_key import NotAnAuditKey, PublicKey
from sidecar.store.audit_leaves import Raw, leaf_content, leaves_of, numbers_of, read_raw
from sidecar.store.audit_seals import SealLog, StoredSeal, read_seal, starts_of
from sidecar.store.database import Database
from sidecar.store.streams import StreamId

FORM = "session-sidecar audit proof 1"

_CLOCKS = timedelta(minutes=1)
"""By more than this, clocks of two nodes of Redis do not differ."""
_PIECE = 2000


@dataclass(frozen=True, slots=True)
class AuditProof:
    """body: the entry as it is stored. index: its place among the leaves, of `count`."""

    entry_id: str
    body: bytes
    index: int
    count: int
    path: tuple[bytes, ...]
    seal: bytes
    signature: bytes
    key: PublicKey

    def problem(self, trusted: PublicKey | None = None) -> str:
        """Say why it proves nothing; empty if it does. trusted: whose signature it must be."""
        try:
            entry_id, seal = StreamId.parse(self.entry_id), read_seal(self.seal)
        except ValueError as error:
            return f"it holds {error}"
        if trusted is not None and trusted != self.key:
            return f"it was signed with another key: {self.key.key_id}, not {trusted.key_id}"
        if not self.key.is_good(self.seal, self.signature):
            return "the signature of the seal is not good"
        if self.count != seal.count or not _is_within(entry_id, seal):
            return "the seal does not cover that entry"
        content = leaf_content(entry_id.own.encode(), entry_id.partition, self.body)
        if root_along(leaf_hash(content), self.index, self.count, self.path) != seal.root:
            return "the entry is not the one that was sealed"
        return ""


class NoProof(Exception):
    """There is none for this entry. One line for people."""


async def prove(database: Database, entry_id: StreamId, key: PublicKey) -> AuditProof:
    """Return the proof of an entry. Raises NoProof, StoreUnavailable and SealUnreadable."""
    raw = Raw((), ())
    if entry_id.partition < database.keys.partitions:
        raw = await _one(database, entry_id)
    if not raw.ids or raw.bodies[0] is None:
        raise NoProof("no entry has that id")
    stored, before = await _seal_of(SealLog(database), entry_id, database.keys.partitions)
    leaves: list[bytes] = []
    index = -1
    for span in stored.seal.spans:
        covered = await _span(database, span.partition, before[span.partition], span.last)
        if span.partition == entry_id.partition:
            index = len(leaves) + list(covered.ids).index(raw.ids[0])
        leaves += leaves_of(span.partition, covered)
    proof = AuditProof(
        entry_id=str(entry_id),
        body=raw.bodies[0],
        index=index,
        count=len(leaves),
        path=tuple(path_to(index, leaves)),
        seal=stored.text,
        signature=stored.signature,
        key=key,
    )
    problem = proof.problem()
    if problem:
        raise NoProof(f"seal {stored.seal.number} proves nothing: {problem} (see `audit verify`)")
    return proof


def write_proof(proof: AuditProof) -> dict[str, object]:
    """Return the proof as a JSON object."""
    return {
        "form": FORM,
        "entry": {"id": proof.entry_id, "stored": proof.body.decode("utf-8")},
        "index": proof.index,
        "count": proof.count,
        "path": [step.hex() for step in proof.path],
        "seal": proof.seal.decode("utf-8"),
        "signature": b64encode(proof.signature).decode("ascii"),
        "publicKey": proof.key.pem,
    }


def read_proof(text: bytes) -> AuditProof:
    """Return the proof in a file. Raises ValueError for what is none."""
    try:
        fields: dict[str, Any] = json.loads(text)
        if fields["form"] != FORM:
            raise ValueError("a proof of another form")
        return AuditProof(
            entry_id=str(fields["entry"]["id"]),
            body=str(fields["entry"]["stored"]).encode(),
            index=int(fields["index"]),
            count=int(fields["count"]),
            path=tuple(bytes.fromhex(step) for step in fields["path"]),
            seal=str(fields["seal"]).encode(),
            signature=b64decode(fields["signature"], validate=True),
            key=PublicKey.of_pem(fields["publicKey"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError, NotAnAuditKey) as error:
        raise ValueError("no proof of an audit entry") from error


async def _one(database: Database, entry_id: StreamId) -> Raw:
    before = _before(entry_id)
    return await read_raw(database, entry_id.partition, before, 1, last=entry_id.own)


def _before(entry_id: StreamId) -> str:
    """Return a position right before an entry."""
    if entry_id.sequence:
        return f"{entry_id.milliseconds}-{entry_id.sequence - 1}"
    return f"{entry_id.milliseconds - 1}-{2**64 - 1}" if entry_id.milliseconds else "0-0"


async def _seal_of(
    log: SealLog, entry_id: StreamId, partitions: int
) -> tuple[StoredSeal, list[str]]:
    """Return the seal that covers an entry, and the positions before it. Raises NoProof."""
    newest = await log.newest()
    if newest is None:
        raise NoProof("nothing is sealed yet")
    low, high = newest.seal.kept, newest.seal.number
    while low < high:  # the last that was made before the entry, with room for clocks
        middle = (low + high + 1) // 2
        found = await log.get(middle)
        if found is not None and found.seal.sealed_at + _CLOCKS < entry_id.at:
            low = middle
        else:
            high = middle - 1
    begin = await log.get(low)
    if begin is not None and not begin.seal.has_starts:
        begin = await log.get(begin.seal.base)
    if begin is None:
        raise NoProof("the seal of that entry is missing (see `audit verify`)")
    positions = starts_of(begin.seal, partitions)
    async for stored in log.since(begin.seal.number):
        before = list(positions)
        for span in stored.seal.spans:
            positions[span.partition] = span.last
        if _is_within(entry_id, stored.seal):
            return stored, before
    raise NoProof("that entry is not sealed yet: try again in a few seconds")


async def _span(database: Database, partition: int, after: str, last: str) -> Raw:
    ids: list[bytes] = []
    bodies: list[bytes | None] = []
    while True:
        raw = await read_raw(database, partition, after, _PIECE, last=last)
        ids += raw.ids
        bodies += raw.bodies
        if len(raw.ids) < _PIECE:
            return Raw(ids, bodies)
        after = raw.ids[-1].decode("ascii")


def _is_within(entry_id: StreamId, seal: AuditSeal) -> bool:
    own = entry_id[:2]
    return any(
        span.partition == entry_id.partition
        and numbers_of(span.first) <= own <= numbers_of(span.last)
        for span in seal.spans
    )
