"""What the commands share: their options, how they print, and what an error becomes.

Every command prints a table or sentences for people, or with `--json` one JSON document. Exit 0
means done, 1 refused or not true, 2 asked in a wrong way. Errors are lines on stderr.
"""

import argparse
import json
import os
import sys
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn, Protocol, TypeAlias

from sidecar.core.ports import LastOwner, NoSuchUser, SessionGone, StoreUnavailable, UserExists
from sidecar.observe.redact import instant
from sidecar.policy_file import PolicyInvalid
from sidecar.settings import Settings
from sidecar.settings_load import SettingsInvalid, load_settings

DONE, REFUSED, USAGE = 0, 1, 2
USUAL_CONFIG = Path("sidecar.toml")
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"

Row = Mapping[str, object]


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""The words that a parser knows: what `add_words` gives and `add_command` adds to."""


class CommandFailed(Exception):
    """What a command could not do, in one line for people. code: the exit code."""

    def __init__(self, line: str, code: int = REFUSED) -> None:
        super().__init__(line)
        self.code = code


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise CommandFailed(f"{message} (try {self.prog} --help)", USAGE)


class Command(Protocol):
    """What each module of `sidecar/cli/` offers to `main`."""

    def add_parser(self, parser: Parser) -> None: ...
    def run(self, args: argparse.Namespace) -> int | Coroutine[object, object, int]: ...


def add_command(commands: Commands, name: str, summary: str) -> Parser:
    """Add one word to the command line, with the options that all commands have."""
    return commands.add_parser(
        name, help=summary, description=f"{summary}.", parents=[_options()], allow_abbrev=False
    )


def add_words(parser: Parser, *, dest: str) -> Commands:
    """Let the command have words of its own, such as `users add`."""
    return parser.add_subparsers(dest=dest, metavar="COMMAND", required=True, parser_class=Parser)


def main_parser(prog: str, summary: str) -> Parser:
    """Return the parser of the whole command line. The options count before any word too."""
    return Parser(prog=prog, description=summary, parents=[_options()], allow_abbrev=False)


def _options() -> Parser:
    # Suppressed, so that a word's parser does not put its default over what came before the word.
    options = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--config", metavar="FILE", help="settings (default: ./sidecar.toml)")
    options.add_argument("--json", action="store_true", help="print JSON")
    return options


def config_of(args: argparse.Namespace) -> Path | None:
    """Return the configuration file that was named, or the usual one if it is there."""
    named: str | None = getattr(args, "config", None)
    if named is not None:
        return Path(named)
    return USUAL_CONFIG if USUAL_CONFIG.is_file() else None


def wants_json(args: argparse.Namespace) -> bool:
    return bool(getattr(args, "json", False))


def settings_of(args: argparse.Namespace, flags: Mapping[str, str] | None = None) -> Settings:
    """Return the settings for a command. flags: dotted key to text. Raises SettingsInvalid."""
    return load_settings(config_of(args), os.environ, flags or {})


def store_settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings for a command on people or sessions. Raises SettingsInvalid.

    In the wrong folder it would else work, unseen, on another installation.
    """
    settings = settings_of(args)
    if config_of(args) is None and not any(name.startswith("SIDECAR_") for name in os.environ):
        complain([f"no {USUAL_CONFIG} here: working with {settings.state_dir}"])
    return settings


def print_items(
    args: argparse.Namespace, items: Sequence[Row], columns: Mapping[str, str], total: int
) -> None:
    """Print a list: one row for each item.

    columns: heading to key of the item. JSON has every key of the items; total: how many there
    are, of which these may be a part.
    """
    if wants_json(args):
        print_json({"items": items, "total": total})
        return
    rows = [list(columns), *([_cell(item.get(key)) for key in columns.values()] for item in items)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    if total > len(items):
        print(f"{len(items)} of {total}")


def print_result(args: argparse.Namespace, result: Row, line: str) -> None:
    """Print what was done: the object as JSON, or the sentence."""
    if wants_json(args):
        print_json(result)
    else:
        print(printable(line))


def print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=True, indent=2, default=_plain))


def printable(text: str) -> str:
    """Return the text without what could steer a terminal: names come from clients (S-88)."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, list | tuple):
        return printable(", ".join(map(str, value))) or "-"
    return printable(str(_plain(value)) if isinstance(value, datetime) else str(value))


def _plain(value: object) -> str:
    return instant(value) if isinstance(value, datetime) else str(value)


def explain(error: Exception) -> tuple[list[str], int]:
    """Return the lines for people, and the exit code. No line ever holds a traceback."""
    match error:
        case SettingsInvalid() | PolicyInvalid():
            asked = any(fault.place.startswith("--") for fault in error.faults)
            lines = [str(error.faults[0])] if len(error.faults) == 1 else str(error).splitlines()
            return lines, USAGE if asked else REFUSED
        case CommandFailed():
            return [str(error)], error.code
        case StoreUnavailable():
            return ["the store does not answer"], REFUSED
        case NoSuchUser():
            return ["nobody has that name"], REFUSED
        case UserExists():
            return ["there already is a person of that name"], REFUSED
        case LastOwner():
            return ["the last active owner cannot be demoted, banned or deleted"], REFUSED
        case SessionGone():
            return ["the session has ended meanwhile"], REFUSED
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return [f"{where}{(error.strerror or str(error)).lower()}"], REFUSED
        case _:
            return [_bug(error)], REFUSED


def _bug(error: Exception) -> str:
    """Name the place of an error that nobody thought of; its text could hold anything."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"internal error: {type(error).__name__}{place}"


def complain(lines: Sequence[str]) -> None:
    """Write an error to stderr, its first line after the name of the program."""
    for line in [f"sidecar: {lines[0]}", *lines[1:]]:
        print(printable(line), file=sys.stderr)
