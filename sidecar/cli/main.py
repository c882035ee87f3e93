"""The command `sidecar`: one word for each module beside this file."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from sidecar import __version__
from sidecar.cli import audit, check, run, sessions, users
from sidecar.cli.common import (
    DONE,
    Command,
    add_command,
    add_words,
    complain,
    explain,
    main_parser,
    print_result,
)

COMMANDS: dict[str, Command] = {
    "run": run,
    "users": users,
    "sessions": sessions,
    "audit": audit,
    "check": check,
}
INTERRUPTED = 130
"""The exit code of a program that Ctrl-C has ended: 128 and the number of the signal."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code. Never raises, never a traceback."""
    try:
        code = _dispatch(argv)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; the flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # the last place where a bug can become a line
        lines, code = explain(error)
        complain(lines)
        return code


def _parser() -> argparse.ArgumentParser:
    parser = main_parser("sidecar", "Sign-in and strict session control in front of an application")
    parser.add_argument("--version", action="version", version=f"sidecar {__version__}")
    commands = add_words(parser, dest="command")
    for command in COMMANDS.values():
        command.add_parser(commands)
    add_command(commands, "version", "Print the version")
    return parser


def _dispatch(argv: Sequence[str] | None) -> int:
    try:
        args = _parser().parse_args(argv)
    except SystemExit as exit_:  # --help and --version
        return exit_.code if isinstance(exit_.code, int) else DONE
    if args.command == "version":
        print_result(args, {"version": __version__}, f"sidecar {__version__}")
        return DONE
    done = COMMANDS[args.command].run(args)
    return done if isinstance(done, int) else asyncio.run(done)
