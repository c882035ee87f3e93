"""What the supervisor and the workers do alike when they begin."""

import ctypes
import logging
import os
import resource
import sys
from contextlib import suppress
from importlib.util import find_spec

from aiohttp import http_parser

from sidecar.observe.logs import configure_logs
from sidecar.observe.output import LineWriter
from sidecar.settings import LogSettings, OtelSettings

log = logging.getLogger(__name__)

_OTHER_FILES = 256
"""What a process has open besides: the store, logs, listeners, clients who are being refused."""


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


def require_otel(settings: OtelSettings) -> None:
    """Refuse to run without the packages of traces where traces are wanted. Raises StartRefused.

    They are looked for, not loaded: only workers need them.
    """
    if settings.endpoint is None:
        return
    try:
        found = find_spec("opentelemetry.exporter.otlp.proto.http") and find_spec(
            "opentelemetry.sdk.trace"
        )
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise StartRefused(
            "[otel] endpoint is set, but the packages for it are not here: "
            "pip install 'session-sidecar[otel]'"
        )


def give_back_memory() -> None:
    """Return to the system what was needed only to begin. Does nothing where the C library keeps
    its own counsel (all but glibc)."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def allow_connections(clients: int, upstream: int) -> int:
    """Let this process, and those that it starts, have files open for so many clients, each of whom
    may have a tunnel, and for the pool of the upstream. Return how many clients there is room for.

    The usual soft limit of 1,024 files is for programs that use select(); only the hard limit is
    meant. Where that is low, fewer clients are taken, and the rest are told so: without files left,
    the system would cut them, and the upstream and the store could not be reached (case F-16).
    """
    wanted = 2 * clients + upstream + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    allowed = wanted if hard == unlimited else min(wanted, hard)
    if soft != unlimited and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    left = max(allowed - _OTHER_FILES, allowed // 4)
    room = max(1, min(clients, max(left - upstream, left // 2)))
    if room < clients:
        log.warning(
            "open_files_limited", extra={"limit": allowed, "wanted": wanted, "clients": room}
        )
    return room
