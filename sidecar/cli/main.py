"""The command `sidecar`: one word for each module beside this file."""

import argparse
import asyncio
import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import cast

from sidecar import __version__
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

COMMANDS = {
    "run": "Run the sidecar in front of an application",
    "users": "The people who may sign in",
    "sessions": "The sessions that are live now",
    "audit": "The audit log, and proof that it is as it was written",
    "check": "Check settings and policy, and try the policy's cases",
}
"""Word to summary. What a word needs is loaded when it is typed: all of it takes a second."""

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


def _parser(typed: Collection[str]) -> argparse.ArgumentParser:
    """Return the parser for a command line. typed: its words, of which one may be a command."""
    parser = main_parser("sidecar", "Sign-in and strict session control in front of an application")
    parser.add_argument("--version", action="version", version=f"sidecar {__version__}")
    commands = add_words(parser, dest="command")
    for word, summary in COMMANDS.items():
        command = add_command(commands, word, summary)
        if word in typed:
            _load(word).add_parser(command)
    add_command(commands, "version", "Print the version")
    return parser


def _dispatch(argv: Sequence[str] | None) -> int:
    try:
        typed = sys.argv[1:] if argv is None else argv
        args = _parser(typed).parse_args(typed)
    except SystemExit as exit_:  # --help and --version
        return exit_.code if isinstance(exit_.code, int) else DONE
    if args.command == "version":
        print_result(args, {"version": __version__}, f"sidecar {__version__}")
        return DONE
    done = _load(args.command).run(args)
    return done if isinstance(done, int) else asyncio.run(done)


def _load(word: str) -> Command:
    return cast(Command, import_module(f"sidecar.cli.{word}"))
