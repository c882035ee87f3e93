"""The access line: one per request, formatted and written many at a time."""

import time
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quote
from typing import TypeAlias

from sidecar.core.session import Session
from sidecar.core.trace_context import Trace
from sidecar.observe.output import LineWriter
from sidecar.observe.redact import hide_secrets

MAX_TEXT = 2048
"""Longer paths are cut."""
_TOKEN_FITS = 100
"""A path that is shorter than this has no room for a token of ours, so nobody looks for one."""
_START = b'{"at":"%b.%03dZ","level":"info","event":"request","requestId":"'
_NUMBERS = b'%d,"seconds":%.6f,"gateSeconds":%.6f,"upstreamSeconds":%.6f}\n'

Finished: TypeAlias = tuple[
    float, float, float, bool, Trace | None, str, str, str, int, str, Session | None, str, int
]
"""A request that is over: ended, began, decided, forwarded, trace, request id, method, path,
status, verdict, session, client's address, bytes sent.

ended, began, decided: on one clock of the caller's; decided is 0 if the gate was not asked, and
forwarded only what was decided. path: without query. bytes sent: of the answer's body. A plain
tuple, for there are thousands a second.
"""


class AccessLog:
    """Writes the lines of this process."""

    def __init__(
        self, writer: LineWriter, *, pretty: bool = False, addresses: bool = False
    ) -> None:
        """addresses: name the clients' addresses, too. They are personal data, ids are none."""
        self._writer = writer
        self._format = _pretty if pretty else _json
        self._addresses = addresses

    def write(self, entries: Sequence[Finished], offset: float) -> None:
        """Hand the lines of finished requests to the writer, in their order.

        offset: what makes the instants those of Unix time.
        """
        self._writer.put(self._format(entries, offset, self._addresses), len(entries))


def _json(entries: Sequence[Finished], offset: float, addresses: bool) -> bytes:
    parts: list[bytes] = []
    last = -1
    start, who = b"", ""
    person: Session | None = None
    address: str | None = None
    for (
        ended,
        began,
        decided,
        forwarded,
        trace,
        request_id,
        method,
        path,
        status,
        verdict,
        session,
        client_ip,
        sent,
    ) in entries:
        milliseconds = int((began + offset) * 1000)
        if milliseconds != last:
            last = milliseconds
            second, rest = divmod(milliseconds, 1000)
            clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            start = _START % (clock.encode("ascii"), rest)
        if len(path) >= _TOKEN_FITS or not path.isascii() or "sst_" in path:
            path = clean_path(path)
        if session is not person or client_ip != address:
            person, address = session, client_ip
            who = _who(session, client_ip if addresses else None)
        if trace is not None:
            request_id = f'{request_id}","traceId":"{trace.trace_id}'
        # Only path and address come from outside; the rest is ours or of a closed set.
        known = (
            f'{request_id}","method":"{method}","path":{quote(path)},"status":{status},'
            f'"verdict":"{verdict}{who}'
        )
        parts += (
            start,
            known.encode("ascii"),
            _NUMBERS
            % (
                sent,
                ended - began,
                decided - began if decided else 0.0,
                ended - decided if forwarded else 0.0,
            ),
        )
    return b"".join(parts)


def _who(session: Session | None, client_ip: str | None) -> str:
    handle = "null" if session is None else f'"{session.handle}"'
    person = "null" if session is None else f'"{session.user_id}"'
    address = "" if client_ip is None else f',"clientIp":{quote(client_ip)}'
    return f'","handle":{handle},"userId":{person}{address},"bytes":'


def _pretty(entries: Sequence[Finished], offset: float, addresses: bool) -> bytes:
    """For people: the time of day in UTC, the request, its answer, and what it took."""
    lines = []
    for entry in entries:
        ended, began, _, _, trace, request_id, method, path, status, verdict, *_ = entry
        session, client_ip, sent = entry[-3:]
        at = began + offset
        clock = time.strftime("%H:%M:%S", time.gmtime(at))
        target = quote(f"{method} {clean_path(path)}")[1:-1]
        address = f" {quote(client_ip)[1:-1]}" if addresses else ""
        person = f" {session.handle} {session.user_id}" if session is not None else ""
        traced = f" {trace.trace_id}" if trace is not None else ""
        lines.append(
            f"{clock}.{int(at % 1 * 1000):03d} info    {target} {status} {verdict} "
            f"{(ended - began) * 1000:.1f}ms {sent}B {request_id}{person}{traced}{address}\n"
        )
    return "".join(lines).encode("ascii")


def clean_path(text: str) -> str:
    """Cut what is too long, hide what somebody should not have put into a path (case S-55), and
    replace lone surrogates, which strict JSON readers refuse."""
    whole = hide_secrets(text)
    kept = whole if len(whole) <= MAX_TEXT else f"{whole[:MAX_TEXT]}…"
    return kept.encode("utf-8", "replace").decode("utf-8")
