"""`sidecar sessions`: who is signed in, and ending that, from the machine."""

import argparse
from collections.abc import Coroutine, Sequence

from sidecar.cli.at_hand import AtHand, describe_session, store_for
from sidecar.cli.common import (
    DONE,
    USAGE,
    CommandFailed,
    Parser,
    add_command,
    add_words,
    print_items,
    print_result,
    store_settings_of,
)
from sidecar.core.audit import SYSTEM
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.token import is_handle

_COLUMNS = {
    "ID": "id",
    "USERNAME": "username",
    "IP ADDRESS": "ipAddress",
    "DEVICE": "device",
    "CREATED": "createdAt",
    "LAST ACTIVE": "lastActiveAt",
}


def add_parser(parser: Parser) -> None:
    """Add `sessions list [--user NAME]` and `sessions revoke ID|--user NAME`."""
    words = add_words(parser, dest="sessions_command")
    listing = add_command(words, "list", "List live sessions, the newest first")
    listing.add_argument("--user", metavar="NAME", help="of one person only")
    listing.add_argument("--limit", type=int, default=200, metavar="N", help="at most so many")
    listing.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first")
    revoke = add_command(words, "revoke", "End a session, or all sessions of one person")
    revoke.add_argument("id", nargs="?", metavar="ID", help="the session, as listed")
    revoke.add_argument("--user", metavar="NAME", help="all sessions of this person")


def run(args: argparse.Namespace) -> Coroutine[object, object, int]:
    """Do one of the words. Raises CommandFailed in one line."""
    return _run(args)


async def _run(args: argparse.Namespace) -> int:
    listing = args.sessions_command == "list"
    if listing and (args.limit < 1 or args.offset < 0):
        raise CommandFailed("--limit must be at least 1 and --offset at least 0", USAGE)
    if not listing and (args.id is None) == (args.user is None):
        raise CommandFailed("name one session, or one person with --user NAME", USAGE)
    async with store_for(store_settings_of(args)) as store:
        await (_list(args, store) if listing else _revoke(args, store))
    return DONE


async def _list(args: argparse.Namespace, store: AtHand) -> None:
    found: Sequence[Session]
    if args.user is None:
        found, total = await store.sessions.list(args.offset, args.limit)
    else:
        theirs = await store.sessions.of_user((await store.user(args.user)).id)
        found, total = theirs[args.offset : args.offset + args.limit], len(theirs)
    print_items(args, [describe_session(session) for session in found], _COLUMNS, total)


async def _revoke(args: argparse.Namespace, store: AtHand) -> None:
    if args.user is not None:
        user = await store.user(args.user)
        count = await store.sessions.end_all(user.id, Ended.REVOKED, SYSTEM)
        sessions = "1 session" if count == 1 else f"{count} sessions"
        print_result(args, {"revoked": count}, f"ended {sessions} of {user.username}")
        return
    ended = None
    if is_handle(args.id):
        ended = await store.sessions.end(Handle(args.id), Ended.REVOKED, SYSTEM)
    if ended is None:
        raise CommandFailed("no live session has that id")
    print_result(args, {"revoked": 1}, f"ended a session of {ended.username}")
