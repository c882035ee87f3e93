"""What a state folder remembers of the audit log: the newest seal that was seen, and whose it is.

Who can change Redis may cut the log off at its end, with the seals that covered it. This file says
how far it went. It lies in the state folder of each sidecar, and only ever moves on.
"""

import json
import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sidecar.core.instants import read_instant, write_instant
from sidecar.store.audit_key import PublicKey

_NAME = "audit-seal.json"


class SealNote(NamedTuple):
    """hash: of the seal's text."""

    number: int
    sealed_at: datetime
    hash: bytes
    key: PublicKey


class SealNoteUnreadable(Exception):
    """The file is there and cannot be read. One line for people."""


def read_note(state_dir: Path) -> SealNote | None:
    """Return what is remembered; None if nothing is. Raises SealNoteUnreadable."""
    path = state_dir / _NAME
    try:
        fields = json.loads(path.read_bytes())
        return SealNote(
            int(fields["number"]),
            read_instant(fields["sealedAt"]),
            bytes.fromhex(fields["sha256"]),
            PublicKey(b64decode(fields["publicKey"], validate=True)),
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise SealNoteUnreadable(f"cannot read {path}: {reason}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SealNoteUnreadable(f"{path} does not say which seal was the newest") from error


def write_note(state_dir: Path, note: SealNote) -> None:
    """Replace the file in one step. Raises OSError."""
    path = state_dir / _NAME
    fields = {
        "number": note.number,
        "sealedAt": write_instant(note.sealed_at),
        "sha256": note.hash.hex(),
        "publicKey": b64encode(note.key.raw).decode("ascii"),
    }
    draft = path.with_name(f".{_NAME}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(fields, indent=2) + "\n")
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
