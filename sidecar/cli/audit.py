"""`sidecar audit`: who did what, and whether the log still is what was written."""

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from types import MappingProxyType

from sidecar.admin.answers import audit_shape
from sidecar.admin.audit import COLUMNS, READ_AGAIN, csv_line, csv_row, jsonl_line
from sidecar.cli import audit_prove, audit_verify
from sidecar.cli.at_hand import AtHand, store_for
from sidecar.cli.common import (
    DONE,
    USAGE,
    CommandFailed,
    Parser,
    add_command,
    add_words,
    printable,
    store_settings_of,
    wants_json,
)
from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.core.audit_log import EVERYTHING, AuditQuery
from sidecar.core.instants import read_instant
from sidecar.core.policy import Policy
from sidecar.core.ports import NoSuchUser
from sidecar.core.users import UserId
from sidecar.store.audit import Audit

_PAUSE = 0.5
_MOST = 10_000


def add_parser(parser: Parser) -> None:
    """Add `audit tail|verify|export|prove|public-key`."""
    words = add_words(parser, dest="audit_command")
    tail = add_command(words, "tail", "Show the newest entries")
    tail.add_argument("-n", type=int, default=20, metavar="N", help="how many (default: 20)")
    tail.add_argument("--follow", "-f", action="store_true", help="go on with what happens")
    audit_verify.add_parser(words)
    export = add_command(words, "export", "Write entries to stdout, the newest first")
    export.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="how")
    _filters(export)
    audit_prove.add_parser(words)


def _filters(parser: Parser) -> None:
    parser.add_argument("--user", metavar="NAME", help="about this person, or by them")
    parser.add_argument("--action", metavar="WORD", help="such as session.revoked")
    parser.add_argument("--since", metavar="INSTANT", help="such as 2026-01-31T09:30:00Z")
    parser.add_argument("--until", metavar="INSTANT", help="and before")


def run(args: argparse.Namespace) -> Coroutine[object, object, int]:
    """Do one of the words. Raises CommandFailed in one line."""
    match args.audit_command:
        case "verify":
            return audit_verify.run(args)
        case "prove":
            return audit_prove.run(args)
        case "public-key":
            return audit_prove.show_key(args)
        case "export":
            return _export(args)
        case _:
            return _tail(args)


async def _tail(args: argparse.Namespace) -> int:
    if not 0 <= args.n <= _MOST:
        raise CommandFailed(f"-n must be from 0 to {_MOST}", USAGE)
    async with store_for(store_settings_of(args), Policy()) as store:
        log = Audit(store.database)
        positions = await log.ends()
        newest: list[AuditEntry] = []
        async for entry in log.entries(EVERYTHING):
            if len(newest) == args.n:
                break
            newest.append(entry)
        await log.write_once(AuditEntry(Action.AUDIT_READ, SYSTEM), "", READ_AGAIN)
        shown = {entry.id for entry in newest}
        for entry in reversed(newest):
            _print(args, entry)
        while args.follow:
            sys.stdout.flush()
            for entry in await log.after(positions):
                if entry.id not in shown:
                    _print(args, entry)
            shown.clear()
            me = asyncio.current_task()
            if me is not None and me.cancelling():
                raise asyncio.CancelledError  # Ctrl-C, which the store's client can swallow
            await asyncio.sleep(_PAUSE)
    return DONE


def _print(args: argparse.Namespace, entry: AuditEntry) -> None:
    if wants_json(args):
        print(jsonl_line(audit_shape(entry)).decode(), end="")
    else:
        print(printable(line_of(entry)))


def line_of(entry: AuditEntry) -> str:
    """Return the entry as one line for people."""
    shape = audit_shape(entry)
    target = shape.target
    whom = target.username or target.user_id or ""
    parts = [
        shape.at,
        shape.action,
        *(["REFUSED"] if shape.outcome == "refused" else []),
        f"by {shape.actor.username or shape.actor.id or shape.actor.kind}",
        *([f"from {shape.actor.ip_address}"] if shape.actor.ip_address else []),
        *([f"on {whom}"] if whom else []),
        *([f"({shape.count} sessions)"] if shape.scope == "bulk" else []),
        *([shape.reason] if shape.reason else []),
        *(f"{name}={' '.join(value.split())}" for name, value in shape.details.items()),
        f"[{shape.id}]",
    ]
    return " ".join(parts)


async def _export(args: argparse.Namespace) -> int:
    query, given = _query(args), {"format": args.format}
    for option, name in (("action", "action"), ("since", "from"), ("until", "to")):
        if getattr(args, option):
            given[name] = getattr(args, option)
    async with store_for(store_settings_of(args), Policy()) as store:
        log = Audit(store.database)
        if args.user is not None:
            given["userId"] = user_id = await _id_of(store, log, args.user)
            query = AuditQuery(user_id, "", query.action, query.since, query.until)
        details = MappingProxyType(given)
        await log.write(AuditEntry(Action.AUDIT_EXPORTED, SYSTEM, details=details))
        write = csv_line if args.format == "csv" else jsonl_line
        if args.format == "csv":
            sys.stdout.buffer.write(csv_row(COLUMNS))
        async for entry in log.entries(query):
            sys.stdout.buffer.write(write(audit_shape(entry)))
        sys.stdout.buffer.flush()
    return DONE


async def _id_of(store: AtHand, log: Audit, name: str) -> UserId:
    """Return the id of who has that name, or of whom entries know by that id alone. Raises
    NoSuchUser."""
    known = await store.users.find(name)
    if known is not None:
        return known.user.id
    async for _ in log.entries(AuditQuery(UserId(name))):
        return UserId(name)
    raise NoSuchUser(name)


def _query(args: argparse.Namespace) -> AuditQuery:
    if args.action is not None and args.action not in [action.value for action in Action]:
        raise CommandFailed(f"--action: there is no {args.action}", USAGE)
    try:
        since, until = (
            read_instant(text) if text is not None else None for text in (args.since, args.until)
        )
    except ValueError as error:
        raise CommandFailed(str(error), USAGE) from None
    return AuditQuery(action=args.action or "", since=since, until=until)
