"""The Merkle tree of a seal: one hash for many entries, and a short proof that one is among them.

The left part of a tree has as many leaves as the largest power of two that is less than all of
them. That is what comes of hashing neighbours in pairs, level by level, where one that is left over
moves up as it is. Leaves and nodes are hashed apart, so that none passes for the other.
Source: RFC 9162 sections 2.1.1, 2.1.3.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of leaves; over none, the hash of nothing."""
    level = leaves
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY_ROOT


def path_to(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the hashes that lead from a leaf to the root, the lowest first."""
    path, level = [], leaves
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        index, level = index // 2, _above(level)
    return path


def root_along(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf at `index` of `count` has by its path; None if no tree has one
    of that length."""
    if not 0 <= index < count:
        return None
    here, last, rest = leaf, count - 1, iter(path)
    while last > 0:
        if index % 2 or index < last:
            beside = next(rest, None)
            if beside is None:
                return None
            here = node_hash(beside, here) if index % 2 else node_hash(here, beside)
        index, last = index // 2, last // 2
    return here if next(rest, None) is None else None


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = iter(level)
    above = [
        sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)
    ]
    if len(level) % 2:
        above.append(level[-1])
    return above
