"""`sidecar audit verify`: is the log what was written, and if not, where does it differ first?"""

import argparse
import sys
from collections.abc import Callable
from datetime import datetime

from sidecar.cli.at_hand import AtHand, store_for
from sidecar.cli.audit_key import key_for
from sidecar.cli.common import (
    DONE,
    REFUSED,
    USAGE,
    CommandFailed,
    Commands,
    add_command,
    print_result,
    store_settings_of,
)
from sidecar.core.audit_seal import Breach, Finding, Verified
from sidecar.core.instants import read_instant, write_instant
from sidecar.core.policy import Policy
from sidecar.store.audit_verify import Verifier
from sidecar.store.seal_note import SealNote, SealNoteUnreadable, read_note

_WIDTH = 30

_SAID = {
    Breach.CHANGED: "the entry {entry} was changed",
    Breach.REMOVED: "the entry {entry} was removed",
    Breach.INSERTED: "the entry {entry} was inserted",
    Breach.REORDERED: "the entry {entry} has changed its place",
    Breach.CUT_OFF_AT_END: "the log was cut off at its end: {entry} is the first that is missing",
    Breach.CUT_OFF_AT_FRONT: "the log was cut off at its front: {entry} is missing",
    Breach.SEAL_MISSING: "seal {seal} is missing",
    Breach.SEAL_CHANGED: "seal {seal} was changed",
    Breach.SEAL_FORGED: "seal {seal} was signed with another key",
    Breach.SEAL_REPLACED: "seal {seal} is not the one that was there",
    Breach.SEALS_CUT_OFF: "seals were cut off at the end: {seal} is the first that is missing",
}


def add_parser(words: Commands) -> None:
    """Add `verify [--since INSTANT] [--public-key FILE] [--at-least NUMBER]`."""
    verify = add_command(words, "verify", "Recompute the log and say where it was changed first")
    verify.add_argument("--since", metavar="INSTANT", help="leave out what was sealed before")
    verify.add_argument(
        "--public-key", metavar="FILE", help="whose seals they must be (default: as remembered)"
    )
    verify.add_argument(
        "--at-least",
        type=int,
        default=0,
        metavar="NUMBER",
        help="a seal that must be there, such as sidecar_audit_seal_number had it",
    )


async def run(args: argparse.Namespace) -> int:
    """DONE if the log is as it was sealed, else REFUSED. Raises CommandFailed in one line."""
    since = _instant(args.since)
    settings = store_settings_of(args)
    try:
        note = read_note(settings.state_dir)
    except SealNoteUnreadable as unreadable:
        raise CommandFailed(str(unreadable)) from None
    async with store_for(settings, Policy()) as store:
        key = await key_for(args, settings, store, note)
        if key is None:
            return _nothing_sealed(args, await _length(store))
        at_least = max(args.at_least, 1 if args.public_key else 0)
        told, over = _progress(await _length(store))
        done = await Verifier(store.database, key, note, at_least, told).verify(since)
        over()
    print_result(args, _document(done, note, key.key_id), _sentence(done, note, at_least))
    return DONE if done.finding is None else REFUSED


def _nothing_sealed(args: argparse.Namespace, count: int) -> int:
    """Say that there is neither seal nor key; which is not true where some were seen before."""
    finding = Finding(Breach.SEALS_CUT_OFF, 1) if args.at_least else None
    text = f"NOT TRUE: {said(finding)}" if finding else _unsealed(count)
    document = {
        "ok": finding is None,
        "entries": 0,
        "unsealed": count,
        "finding": _finding(finding),
    }
    print_result(args, document, text)
    return REFUSED if finding else DONE


def said(finding: Finding) -> str:
    """Return a finding in words."""
    entry, seal = finding.entry_id, finding.seal
    text = _SAID[finding.breach].format(entry=entry, seal=seal)
    return f"{text} (seal {seal})" if entry else text


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return read_instant(text)
    except ValueError as error:
        raise CommandFailed(f"--since: {error}", USAGE) from None


def _document(done: Verified, note: SealNote | None, key_id: str) -> dict[str, object]:
    finding = done.finding
    return {
        "ok": finding is None,
        "entries": done.entries,
        "seals": done.seals,
        "firstSeal": done.first,
        "lastSeal": done.last,
        "sealedAt": write_instant(done.sealed_at) if done.sealed_at else None,
        "unsealed": done.unsealed,
        "keyId": key_id,
        "remembered": note.number if note else None,
        "finding": _finding(finding),
    }


def _finding(finding: Finding | None) -> dict[str, object] | None:
    if finding is None:
        return None
    return {
        "breach": finding.breach.value,
        "seal": finding.seal,
        "entryId": finding.entry_id or None,
        "said": said(finding),
    }


def _sentence(done: Verified, note: SealNote | None, at_least: int) -> str:
    if done.finding is not None:
        return (
            f"NOT TRUE: {said(done.finding)}; {_count(done.entries, 'entry')} before it as sealed"
        )
    if done.sealed_at is None:
        return _unsealed(done.unsealed)
    end = write_instant(done.sealed_at)
    text = f"{_count(done.entries, 'entry')} under {_count(done.seals, 'seal')} are as they were"
    text += f" sealed; the last is seal {done.last} of {end}"
    if done.unsealed:
        text += f"; {_count(done.unsealed, 'entry')} not sealed yet"
    if note is None and at_least <= 1:
        text += "; no state folder here remembers how far the log went (see --at-least)"
    return text


def _unsealed(count: int) -> str:
    return f"nothing is sealed yet: {_count(count, 'entry')} not sealed"


def _count(number: int, word: str) -> str:
    many = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number:,} {word if number == 1 else many}"


async def _length(store: AtHand) -> int:
    keys = store.database.keys
    return sum(
        [
            int(await store.database.command("XLEN", keys.audit(part)))
            for part in range(keys.partitions)
        ]
    )


def _progress(total: int) -> tuple[Callable[[int], None], Callable[[], None]]:
    """Return what shows how far it is, on a terminal only, and what clears it."""
    if not sys.stderr.isatty() or not total:
        return lambda _: None, lambda: None

    def told(count: int) -> None:
        share = min(count / total, 1.0)
        bar = ("#" * round(share * _WIDTH)).ljust(_WIDTH)
        print(f"\r[{bar}] {share:4.0%}  {count:,} entries", end="", file=sys.stderr, flush=True)

    return told, lambda: print("\r\033[K", end="", file=sys.stderr, flush=True)
