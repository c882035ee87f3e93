"""Secrets at rest: sealed under the secret of `secret_file`, and that file.

Sealed: one byte of version, 16 of salt, 12 of nonce, then AES-256-GCM under a key that HKDF-SHA256
derives from the secret and the salt. The purpose is authenticated too, so that what was sealed as
one thing cannot be put in the place of another.
"""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_SALT = 16
_NONCE = 12
_LEAST_SECRET = 32


class SealBroken(Exception):
    """Sealed with another secret, for another purpose, or altered."""


class SecretFileUnusable(Exception):
    """The file of the secret cannot be read or made, or holds too little. One line for people."""


def seal(secret: bytes, purpose: str, content: bytes) -> bytes:
    """Return `content` so that only who has the secret can read or alter it."""
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    head = _VERSION + salt + nonce
    return head + AESGCM(_key(secret, salt)).encrypt(nonce, content, purpose.encode())


def unseal(secret: bytes, purpose: str, sealed: bytes) -> bytes:
    """Return what was sealed. Raises SealBroken."""
    if sealed[:1] != _VERSION:
        raise SealBroken("sealed by another version")
    salt, nonce = sealed[1 : 1 + _SALT], sealed[1 + _SALT : 1 + _SALT + _NONCE]
    try:
        rest = sealed[1 + _SALT + _NONCE :]
        return AESGCM(_key(secret, salt)).decrypt(nonce, rest, purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken("sealed with another secret, or altered") from error


def read_secret(path: Path) -> bytes:
    """Return the secret in a file, without white space around it. Raises SecretFileUnusable."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise SecretFileUnusable(f"cannot read the secret file {path}: {reason}") from error
    if len(secret) < _LEAST_SECRET:
        raise SecretFileUnusable(
            f"the secret file {path} needs at least {_LEAST_SECRET} bytes, for example: "
            f"openssl rand -hex 32"
        )
    return secret


def secret_of(state_dir: Path) -> bytes:
    """Return the secret of a state folder; made at its first use, readable by its owner only.

    Raises SecretFileUnusable.
    """
    path = state_dir / "secret"
    if not path.exists():
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            _create(path, secrets.token_hex(_LEAST_SECRET))
        except OSError as error:
            reason = (error.strerror or "not writable").lower()
            raise SecretFileUnusable(f"cannot make the secret file {path}: {reason}") from error
    return read_secret(path)


def _create(path: Path, secret: str) -> None:
    """Write beside and link: nobody ever reads half a secret, and the first of two stays."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _key(secret: bytes, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, b"session-sidecar seal").derive(secret)
