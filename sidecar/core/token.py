"""The shape of the token in the cookie, and the handle's own layout.

    1.<key id>.<handle>.<secret>.<mac>

The secret is 256 bits, base64url. The MAC is the first 128 bits of HMAC-SHA256 over everything
before it, so that garbage is refused without a look at the store. The store keeps only the
SHA-256 of the secret.

Software has the same behind `sst_`, which secret scanners know: `sst_1.<key id>.…`. The MAC is over
that beginning too, so neither kind of token is good for anything in the place of the other.

A handle is 7 characters of time (milliseconds, so that handles sort by creation and a cursor
survives the deletion of its session), 1 of partition and 22 of randomness (128 bits), in an
alphabet whose order is its ASCII order.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from sidecar.core.session import Handle

Token = NewType("Token", str)
"""A live credential. Never in a log, list, URL, metric or error."""

ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
HANDLE_LENGTH = 30
HANDLE_PATTERN = rf"^[A-Za-z0-9_-]{{{HANDLE_LENGTH}}}$(?!\n)"
"""What `is_handle` says, for schemas: `$` alone also matches before a line end that follows."""
MAX_PARTITIONS = len(ALPHABET)
BEARER = "sst_"
"""What a token begins with that software sends as `Authorization: Bearer`."""
_VERSION = "1"
_TIME_LENGTH = 7
_SECRET_LENGTH = 43
_MAC_LENGTH = 22
_ALLOWED = frozenset(ALPHABET)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class Credential:
    """What a genuine token says: which session, and the SHA-256 of its secret."""

    handle: Handle
    secret_hash: bytes


def new_handle(now: datetime, partition: int, randomness: bytes) -> Handle:
    """Lay out a handle. randomness: 22 bytes, of which each gives 6 bits (132 bits)."""
    if len(randomness) != HANDLE_LENGTH - _TIME_LENGTH - 1:
        raise ValueError("a handle takes 22 random bytes")
    milliseconds = int(now.timestamp() * 1000)
    time = "".join(
        ALPHABET[(milliseconds >> shift) & 63] for shift in range(6 * (_TIME_LENGTH - 1), -1, -6)
    )
    return Handle(time + ALPHABET[partition] + "".join(ALPHABET[byte & 63] for byte in randomness))


def is_handle(text: str) -> bool:
    """Say whether `text` has the shape of a handle, so that nothing else becomes part of a key."""
    return len(text) == HANDLE_LENGTH and _ALLOWED.issuperset(text)


def partition_of(handle: Handle) -> int:
    """Return the partition that the handle names. Pre-condition: is_handle."""
    return _VALUES[handle[_TIME_LENGTH]]


def hash_secret(secret: str) -> bytes:
    """Return what the store keeps of a secret: 32 bytes."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def write_token(handle: Handle, secret: str, key_id: str, key: bytes, kind: str = "") -> Token:
    """Return the cookie's value; with BEARER as its kind, what software sends. secret: 43 base64url
    characters (256 bits)."""
    body = f"{kind}{_VERSION}.{key_id}.{handle}.{secret}"
    return Token(f"{body}.{_mac(body, key)}")


def read_token(value: str, keys: Mapping[str, bytes], kind: str = "") -> Credential | None:
    """Return what a genuine token of this kind says, or None for anything else. Never raises.

    keys: key id to key; all that are still accepted, so that a rotated ring signs nobody out.
    """
    parts = value.split(".")
    if len(parts) != 5 or parts[0] != kind + _VERSION or not value.isascii():
        return None
    _, key_id, handle, secret, mac = parts
    key = keys.get(key_id)
    if key is None or len(secret) != _SECRET_LENGTH or not is_handle(handle):
        return None
    if not hmac.compare_digest(_mac(value[: -_MAC_LENGTH - 1], key), mac):
        return None
    return Credential(Handle(handle), hash_secret(secret))


def _mac(body: str, key: bytes) -> str:
    digest = hmac.digest(key, body.encode("ascii"), "sha256")[:16]
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
