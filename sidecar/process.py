"""What the supervisor and the workers do alike when they begin."""

import ctypes
import logging
import os
import resource
import sys
from contextlib import suppress

from aiohttp import http_parser

from sidecar.observe.logs import configure_logs
from sidecar.observe.output import LineWriter
from sidecar.settings import LogSettings

log = logging.getLogger(__name__)

_OTHER_FILES = 256
"""What a process has open besides connections: the store, logs, listeners, Python's own."""


class StartRefused(Exception):
    """The product cannot start here. `str` is one line for people."""


def begin_logs(settings: LogSettings, *, lock_fd: int, process: str) -> LineWriter:
    """Send the logs of this process to stderr; lock_fd keeps the processes' lines whole."""
    writer = LineWriter(sys.stderr.fileno(), lock_fd=lock_fd)
    pretty = settings.format == "pretty" or (
        settings.format == "auto" and os.isatty(sys.stderr.fileno())
    )
    configure_logs(
        writer,
        level=settings.level,
        pretty=pretty,
        process=process,
        addresses=settings.client_ip,
    )
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


def allow_connections(usual: int, most: int) -> None:
    """Let this process, and those that it starts, have `most` connections open, if they may.

    The usual soft limit of 1,024 files is for programs that use select(); only the hard limit is
    meant. One that does not even allow the usual number is said in the log: connections above it
    would fail one by one.
    """
    wanted = most + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    allowed = wanted if hard == unlimited else min(wanted, hard)
    if soft != unlimited and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < usual + _OTHER_FILES:
        log.warning("open_files_limited", extra={"limit": allowed, "wanted": wanted})
