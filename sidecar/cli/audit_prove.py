"""`sidecar audit prove` and `public-key`: proof that one entry is in the log, for somebody else."""

import argparse
import json
import sys
from pathlib import Path
from types import MappingProxyType

from sidecar.cli.at_hand import store_for
from sidecar.cli.audit_key import key_for, named_key, stored_key
from sidecar.cli.common import (
    DONE,
    REFUSED,
    USAGE,
    CommandFailed,
    Commands,
    add_command,
    print_json,
    print_result,
    store_settings_of,
    wants_json,
)
from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.core.instants import write_instant
from sidecar.core.policy import Policy
from sidecar.store.audit import Audit
from sidecar.store.audit_proof import AuditProof, NoProof, prove, read_proof, write_proof
from sidecar.store.audit_seals import SealUnreadable, read_seal
from sidecar.store.seal_note import SealNote, SealNoteUnreadable, read_note
from sidecar.store.streams import StreamId


def add_parser(words: Commands) -> None:
    """Add `prove ID`, `prove --check FILE` and `public-key`."""
    parser = add_command(words, "prove", "Write the proof of one entry, or check one")
    parser.add_argument("id", nargs="?", metavar="ID", help="the entry")
    parser.add_argument("--output", metavar="FILE", help="where to (default: stdout)")
    parser.add_argument("--check", metavar="FILE", help="say whether this proof is good")
    parser.add_argument("--public-key", metavar="FILE", help="whose seal it must be")
    add_command(words, "public-key", "Print the key that verifies the seals, as PEM")


async def run(args: argparse.Namespace) -> int:
    """Raises CommandFailed in one line."""
    if (args.id is None) == (args.check is None):
        raise CommandFailed("name one entry, or a proof with --check FILE", USAGE)
    return _check(args) if args.check is not None else await _prove(args)


async def show_key(args: argparse.Namespace) -> int:
    settings = store_settings_of(args)
    async with store_for(settings, Policy()) as store:
        key = await stored_key(settings, store)
    if key is None:
        raise CommandFailed("nothing has been sealed yet, so there is no key")
    if wants_json(args):
        print_json({"keyId": key.key_id, "publicKey": key.pem})
    else:
        print(key.pem, end="")
    return DONE


async def _prove(args: argparse.Namespace) -> int:
    try:
        entry_id = StreamId.parse(args.id)
    except ValueError:
        raise CommandFailed(f"{args.id} is no id of an entry", USAGE) from None
    settings = store_settings_of(args)
    async with store_for(settings, Policy()) as store:
        key = await key_for(args, settings, store, _note(settings.state_dir))
        if key is None:
            raise CommandFailed("nothing has been sealed yet")
        try:
            proof = await prove(store.database, entry_id, key)
        except (NoProof, SealUnreadable) as none:
            raise CommandFailed(str(none)) from None
        details = MappingProxyType({"format": "proof", "entry": args.id})
        taken = AuditEntry(Action.AUDIT_EXPORTED, SYSTEM, details=details)
        await Audit(store.database).write(taken)
    _write(args, json.dumps(write_proof(proof), indent=2, ensure_ascii=False) + "\n")
    return DONE


def _write(args: argparse.Namespace, text: str) -> None:
    if args.output is None:
        sys.stdout.write(text)
        return
    Path(args.output).write_text(text, encoding="utf-8")
    print_result(args, {"file": args.output}, f"the proof of {args.id} is in {args.output}")


def _check(args: argparse.Namespace) -> int:
    try:
        proof = read_proof(Path(args.check).read_bytes())
    except ValueError as error:
        raise CommandFailed(f"{args.check} holds {error}") from None
    problem = proof.problem(named_key(args))
    result = {"ok": not problem, "problem": problem or None, **_about(proof)}
    print_result(args, result, f"NOT TRUE: {problem}" if problem else _sentence(args, proof))
    return REFUSED if problem else DONE


def _about(proof: AuditProof) -> dict[str, object]:
    try:
        seal = read_seal(proof.seal)
    except ValueError:
        return {}
    return {
        "entryId": proof.entry_id,
        "entry": proof.body.decode("utf-8", "replace"),
        "seal": seal.number,
        "sealedAt": write_instant(seal.sealed_at),
        "keyId": proof.key.key_id,
    }


def _sentence(args: argparse.Namespace, proof: AuditProof) -> str:
    seal = read_seal(proof.seal)
    text = f"the entry {proof.entry_id} was sealed at {write_instant(seal.sealed_at)}"
    text += f" (seal {seal.number}) and reads {proof.body.decode('utf-8', 'replace')}"
    if args.public_key is None:
        text += f"; by the key {proof.key.key_id} that the proof itself names"
    return text


def _note(state_dir: Path) -> SealNote | None:
    try:
        return read_note(state_dir)
    except SealNoteUnreadable as unreadable:
        raise CommandFailed(str(unreadable)) from None
