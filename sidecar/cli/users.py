"""`sidecar users`: the directory, from the machine. Whoever may run this may do everything."""

import argparse
import sys
from collections.abc import Coroutine
from getpass import getpass

from sidecar.cli.at_hand import AtHand, store_for
from sidecar.cli.common import (
    DONE,
    USAGE,
    CommandFailed,
    Commands,
    Parser,
    add_command,
    add_words,
    print_items,
    print_result,
    printable,
    store_settings_of,
)
from sidecar.core.audit import SYSTEM
from sidecar.core.passwords import check_password_rules
from sidecar.core.people import EVERYBODY, PersonChange
from sidecar.core.ports import NoSuchUser
from sidecar.core.users import Role, User, UserId, name_fault
from sidecar.login.hashing import Hashing

_COLUMNS = {
    "USERNAME": "username",
    "ROLE": "role",
    "STATUS": "status",
    "SESSIONS": "sessionCount",
    "LAST SIGN-IN": "lastLoginAt",
    "E-MAIL": "email",
}
_ROLES = "user, viewer, admin or owner"
_HIGHEST = Role.OWNER


def add_parser(parser: Parser) -> None:
    """Add `users add|list|ban|unban|unlock|reset-mfa|erase|set-password|set-role`."""
    words = add_words(parser, dest="users_command")
    add = _named(words, "add", "Add a person")
    add.add_argument("--role", default=Role.USER.word, metavar="ROLE", help=_ROLES)
    add.add_argument("--email", default="", metavar="ADDRESS", help="shown to the application")
    add.add_argument("--display-name", default="", metavar="TEXT", help="the full name")
    add.add_argument("--group", action="append", default=[], metavar="NAME", help="may repeat")
    _password_option(add)
    listing = add_command(words, "list", "List people by name")
    listing.add_argument("--limit", type=int, default=200, metavar="N", help="at most so many")
    listing.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first")
    ban = _named(words, "ban", "Ban a person and end all of their sessions")
    ban.add_argument("--reason", default="", metavar="TEXT", help="for the audit log")
    _named(words, "unban", "Lift a ban")
    _named(words, "unlock", "Forget a person's failed sign-ins")
    _named(words, "reset-mfa", "Remove all second factors and recovery codes of a person")
    erase = add_command(words, "erase", "Take away all that says who a person is, for ever")
    erase.add_argument("name", metavar="NAME|ID", help="username, or the id of somebody deleted")
    erase.add_argument("--yes", action="store_true", help="do not ask first, at a terminal")
    _password_option(_named(words, "set-password", "Set a password and end all sessions"))
    role = _named(words, "set-role", "Give another role and end all sessions")
    role.add_argument("role", nargs="?", metavar="ROLE", help=_ROLES)
    role.add_argument("--role", dest="role_option", metavar="ROLE", help="the same")


def run(args: argparse.Namespace) -> Coroutine[object, object, int]:
    """Do one of the words. Raises CommandFailed in one line."""
    return _run(args)


async def _run(args: argparse.Namespace) -> int:
    # What was asked in a wrong way is said before the store is looked for.
    role = _role(args)
    password = _password() if getattr(args, "password_stdin", None) is not None else ""
    if args.users_command == "erase" and sys.stdin.isatty() and not args.yes:
        _make_sure(args.name)
    async with store_for(store_settings_of(args)) as store:
        if args.users_command == "list":
            await _list(args, store)
        else:
            await _change(args, store, role, password)
    return DONE


async def _list(args: argparse.Namespace, store: AtHand) -> None:
    if args.limit < 1 or args.offset < 0:
        raise CommandFailed("--limit must be at least 1 and --offset at least 0", USAGE)
    users, total = await store.users.list(EVERYBODY, args.offset, args.limit)
    print_items(args, await store.describe_all(list(users)), _COLUMNS, total)


async def _change(args: argparse.Namespace, store: AtHand, role: Role, password: str) -> None:
    name: str = args.name
    match args.users_command:
        case "add":
            user = await _add(args, store, role, password)
            said = f"{user.username} may sign in, with the role {user.role.word}"
        case "ban":
            user = await store.user(name)
            user = await store.users.ban(user.id, SYSTEM, args.reason, highest=_HIGHEST)
            said = f"{user.username} is banned, and all of their sessions have ended"
        case "unban":
            user = await store.users.unban((await store.user(name)).id, SYSTEM, highest=_HIGHEST)
            said = f"{user.username} is not banned"
        case "reset-mfa":
            user = await store.user(name)
            user = await store.factors.remove_all(user.id, SYSTEM, highest=_HIGHEST)
            said = f"{user.username} signs in with the password alone, or sets up another factor"
        case "set-role":
            user = await store.user(name)
            change = PersonChange(role=role)
            user = await store.users.change(user.id, change, SYSTEM, highest=_HIGHEST)
            said = f"{user.username} has the role {user.role.word}"
        case "set-password":
            user = await store.user(name)
            hashed = await _hashed(password, store, user.username, user.email)
            user = await store.users.set_password(
                user.id, hashed, SYSTEM, highest=_HIGHEST, must_change=args.must_change
            )
            said = f"{user.username} has a new password, and all of their sessions have ended"
            said += "; they must choose another at their next sign-in" if args.must_change else ""
        case "erase":
            await _erase(args, store)
            return
        case _:
            await _unlock(args, store)
            return
    print_result(args, await store.describe(user), said)


async def _add(args: argparse.Namespace, store: AtHand, role: Role, password: str) -> User:
    fault = name_fault(args.name)
    if fault is not None:
        raise CommandFailed(f"the name {fault}")
    return await store.users.add(
        args.name,
        await _hashed(password, store, args.name, args.email),
        role,
        SYSTEM,
        highest=_HIGHEST,
        must_change=args.must_change,
        email=args.email,
        display_name=args.display_name,
        groups=tuple(args.group),
    )


async def _erase(args: argparse.Namespace, store: AtHand) -> None:
    """Erase who has that name, or who has or had that id."""
    known = await store.users.find(args.name)
    user_id = known.user.id if known is not None else UserId(args.name)
    erased = await store.users.erase(user_id, SYSTEM, highest=_HIGHEST)
    if erased is None:
        said = f"{args.name} had been deleted, and is called by no name any more"
        print_result(args, {"id": user_id, "username": None}, said)
        return
    said = f"{args.name} is erased: {erased.username} is left, who cannot sign in"
    print_result(args, await store.describe(erased), said)


async def _unlock(args: argparse.Namespace, store: AtHand) -> None:
    """Unlock a name, also one that nobody has: those are locked like all others."""
    lifted = await store.throttle.unlock(args.name, SYSTEM)
    known = await store.users.find(args.name)
    if known is None:
        if not lifted:
            raise NoSuchUser(args.name)
        print_result(args, {"unlocked": True}, f"{args.name} is unlocked, and nobody has that name")
        return
    said = f"{known.user.username} {'is unlocked' if lifted else 'was not locked'}"
    print_result(args, await store.describe(known.user), said)


async def _hashed(password: str, store: AtHand, *about: str) -> str:
    faults = check_password_rules(password, store.policy.password, [word for word in about if word])
    if faults:
        raise CommandFailed(f"that password cannot be used: {' '.join(faults)}")
    hashing = Hashing()
    try:
        return await hashing.hash_password(password)
    finally:
        hashing.close()


def _role(args: argparse.Namespace) -> Role:
    word = getattr(args, "role_option", None) or getattr(args, "role", Role.USER.word)
    if word is None:
        raise CommandFailed(f"which role? one of {_ROLES}", USAGE)
    try:
        return Role.parse(word)
    except ValueError as error:
        raise CommandFailed(str(error), USAGE) from None


def _password() -> str:
    """Read the password: all of stdin, less one final newline. At a terminal, ask for it."""
    if sys.stdin.isatty():
        text = getpass("New password: ")
    else:
        try:
            text = sys.stdin.buffer.read().decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError:
            raise CommandFailed("the password on stdin is not UTF-8") from None
    if not text:
        raise CommandFailed("no password was given on stdin", USAGE)
    return text


def _make_sure(name: str) -> None:
    """Ask at the terminal whether the person is to be erased: nothing brings them back."""
    print(f"This takes away all that says who {printable(name)} is. It cannot be undone.")
    if input("Type the name again to go on: ") != name:
        raise CommandFailed("that was not the name: nothing is erased")


def _named(words: Commands, word: str, summary: str) -> Parser:
    parser = add_command(words, word, summary)
    parser.add_argument("name", metavar="NAME", help="username")
    return parser


def _password_option(parser: Parser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        required=True,
        help="read the password from stdin; it never stands on a command line",
    )
    parser.add_argument(
        "--must-change",
        action="store_true",
        help="they must choose another one before their first session",
    )
