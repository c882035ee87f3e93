"""Structured logs: an event name in the past tense, and fields.

    log = logging.getLogger(__name__)
    log.info("session_ended", extra={"handle": handle, "reason": reason})

One JSON object a line, or a line for people on a terminal. All of it goes through one writer, and
through `redact` before.
"""

import asyncio
import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from sidecar.observe.access import AccessLog
from sidecar.observe.output import LineWriter
from sidecar.observe.redact import Json, clean, clean_error, clean_text, instant, kind_of

log = logging.getLogger(__name__)

MAX_LINE = 32 * 1024
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_UNREADABLE = (TypeError, ValueError, LookupError, AttributeError, RuntimeError, OSError)
"""What a value may raise when it is turned into text: never a reason to fail a request."""


class LogHandler(logging.Handler):
    """Turns each record into one line and hands it to the writer."""

    def __init__(
        self, writer: LineWriter, *, pretty: bool, process: str = "", addresses: bool = False
    ) -> None:
        """process: which of our processes this is, such as `worker 2`; a field of each line.
        addresses: the access log names those of clients."""
        super().__init__()
        self._writer = writer
        self._pretty = pretty
        self._process = process
        self._addresses = addresses

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fields = fields_of(record)
        except _UNREADABLE as error:
            fields = {"fault": f"the record could not be read: {kind_of(error)}"}
        if self._process:
            fields.setdefault("process", self._process)
        write = pretty_line if self._pretty else json_line
        self._writer.put(write(record, fields).encode("ascii"))

    def access_log(self) -> AccessLog:
        """Return the access log that shares this output."""
        return AccessLog(self._writer, pretty=self._pretty, addresses=self._addresses)

    def flush(self) -> None:
        """Write what still waits, unless the output stalls."""
        self._writer.flush()


def configure_logs(
    writer: LineWriter,
    *,
    level: str = "info",
    pretty: bool = False,
    process: str = "",
    addresses: bool = False,
) -> None:
    """Send every log of this process to `writer`, uncaught exceptions and warnings too."""
    handler = LogHandler(writer, pretty=pretty, process=process, addresses=addresses)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)
    sys.excepthook = _process_failed
    threading.excepthook = _thread_failed


def access_log() -> AccessLog:
    """Return the access log of this process. Raises LookupError before configure_logs."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogHandler):
            return handler.access_log()
    raise LookupError("the logs of this process are not configured")


def report_loop_faults(loop: asyncio.AbstractEventLoop) -> None:
    """Log what nobody awaited on `loop`; asyncio's own handler would print values."""
    loop.set_exception_handler(_task_failed)


def fields_of(record: logging.LogRecord) -> dict[str, Json]:
    """Return the fields of the record, each fit to be written."""
    fields = {name: clean(name, value) for name, value in vars(record).items() if name not in _OWN}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fields.update(clean_error(error))
    return fields


def json_line(record: logging.LogRecord, fields: Mapping[str, Json]) -> str:
    """Return one line of ASCII: everything that could end it or steer a terminal is escaped."""
    head = {
        "at": _at(record),
        "level": record.levelname.lower(),
        "event": _event(record),
        "from": record.name,
    }
    line = _dump({**head, **fields, **head})
    if len(line) > MAX_LINE:
        line = _dump({**head, "cut": f"{len(line)} bytes of fields"})
    return line + "\n"


def pretty_line(record: logging.LogRecord, fields: Mapping[str, Json]) -> str:
    """Return one line for people: the time of day in UTC, the level, the event, its fields."""
    parts = [_at(record)[11:23], f"{record.levelname.lower():7}", _for_people(_event(record))]
    parts += [f"{_for_people(name)}={_for_people(value)}" for name, value in fields.items()]
    return " ".join(parts)[:MAX_LINE] + "\n"


def _dump(document: Mapping[str, Json]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _for_people(value: Json) -> str:
    text = json.dumps(value)
    bare = isinstance(value, str) and value and text == f'"{value}"' and " " not in value
    return text[1:-1] if bare else text


def _at(record: logging.LogRecord) -> str:
    return instant(datetime.fromtimestamp(record.created, UTC))


def _event(record: logging.LogRecord) -> str:
    try:
        return clean_text(record.getMessage())
    except _UNREADABLE:  # the arguments do not fit the text
        return clean_text(str(record.msg))


def _process_failed(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    log.critical("process_failed", exc_info=(kind, error, trace))


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.error("thread_failed", exc_info=args.exc_value)


def _task_failed(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    log.error(
        "task_failed",
        exc_info=error if isinstance(error, BaseException) else None,
        extra={"about": str(context.get("message", ""))},
    )
