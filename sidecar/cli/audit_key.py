"""Whose seals an audit log must have: the key that was named, or remembered, or is in the store."""

import argparse
from pathlib import Path

from sidecar.cli.at_hand import AtHand
from sidecar.cli.common import CommandFailed
from sidecar.settings import Settings
from sidecar.store.audit_key import AuditKeys, NotAnAuditKey, PublicKey
from sidecar.store.keyring import KeyRingSealed
from sidecar.store.seal import SecretFileUnusable, read_secret
from sidecar.store.seal_note import SealNote


def named_key(args: argparse.Namespace) -> PublicKey | None:
    """Return the key of `--public-key`, if it was given. Raises CommandFailed."""
    if args.public_key is None:
        return None
    try:
        return PublicKey.of_pem(Path(args.public_key).read_text())
    except (NotAnAuditKey, UnicodeDecodeError):
        raise CommandFailed(f"{args.public_key} holds no public key of an audit log") from None


async def key_for(
    args: argparse.Namespace, settings: Settings, store: AtHand, note: SealNote | None
) -> PublicKey | None:
    """Return the key; None if there has been none yet. What is written down outside of the store
    counts before what is in it. Raises CommandFailed."""
    named = named_key(args) if "public_key" in args else None
    if named is not None:
        return named
    return note.key if note is not None else await stored_key(settings, store)


async def stored_key(settings: Settings, store: AtHand) -> PublicKey | None:
    """Return the key that the store has; None if it has none. Raises CommandFailed."""
    path = settings.secret_file or settings.state_dir / "secret"
    if not await store.database.command("EXISTS", store.database.keys.audit_key):
        return None
    try:
        key = await AuditKeys(store.database, read_secret(path)).there()
    except (KeyRingSealed, SecretFileUnusable) as problem:
        raise CommandFailed(str(problem)) from None
    return key.public if key is not None else None
