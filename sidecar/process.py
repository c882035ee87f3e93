"""What the supervisor and the workers do alike when they begin."""

import ctypes
import os
import sys
from contextlib import suppress

from aiohttp import http_parser

from sidecar.observe.logs import configure_logs
from sidecar.observe.output import LineWriter
from sidecar.settings import LogSettings


class StartRefused(Exception):
    """The product cannot start here. `str` is one line for people."""


def begin_logs(settings: LogSettings, *, lock_fd: int, process: str) -> LineWriter:
    """Send the logs of this process to stderr; lock_fd keeps the processes' lines whole."""
    writer = LineWriter(sys.stderr.fileno(), lock_fd=lock_fd)
    pretty = settings.format == "pretty" or (
        settings.format == "auto" and os.isatty(sys.stderr.fileno())
    )
    configure_logs(writer, level=settings.level, pretty=pretty, process=process)
    return writer


def require_c_parsers() -> None:
    """Refuse to run on aiohttp's pure-Python parsers, which smuggling got past (case S-34).

    Raises StartRefused.
    """
    if http_parser.HttpRequestParser.__module__ != "aiohttp._http_parser":
        raise StartRefused(
            "aiohttp was installed without its C parsers: reinstall it from a wheel, and unset "
            "AIOHTTP_NO_EXTENSIONS"
        )


def give_back_memory() -> None:
    """Return to the system what was needed only to begin. Does nothing where the C library keeps
    its own counsel (all but glibc)."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
