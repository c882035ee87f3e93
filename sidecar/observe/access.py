"""The access line: one per request. Noted as a tuple, formatted and written many at a time."""

import asyncio
import time
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quote

from sidecar.observe.output import LineWriter
from sidecar.observe.redact import hide_secrets

BATCH = 256
INTERVAL = 0.1
"""Seconds that a line may wait for others."""
MAX_TEXT = 2048
"""Longer paths are cut."""
_TOKEN_FITS = 100
"""A path that is shorter than this has no room for a token of ours, so nobody looks for one."""

_Entry = tuple[
    float, str, str, str, int, str, str | None, str | None, str, int, float, float, float
]


class AccessLog:
    """Collects the lines of this process. Belongs to the event loop that it is used on."""

    def __init__(
        self,
        writer: LineWriter | None,
        *,
        pretty: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """writer: None writes no access lines at all."""
        self._writer = writer
        self._format = _pretty if pretty else _json
        self._now = now
        self._entries: list[_Entry] = []
        self._timer: asyncio.TimerHandle | None = None

    def write(
        self,
        request_id: str,
        method: str,
        path: str,
        status: int,
        verdict: str,
        handle: str | None,
        user_id: str | None,
        client_ip: str,
        sent: int,
        seconds: float,
        gate_seconds: float,
        upstream_seconds: float,
    ) -> None:
        """Note one finished request. path: without query. sent: bytes of the answer's body.

        Called on the event loop, when the answer is over: the instant of the line is now less
        `seconds`.
        """
        if self._writer is None:
            return
        entries = self._entries
        entries.append(
            (
                self._now() - seconds,
                request_id,
                method,
                path,
                status,
                verdict,
                handle,
                user_id,
                client_ip,
                sent,
                seconds,
                gate_seconds,
                upstream_seconds,
            )
        )
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self.flush)
        elif len(entries) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand all lines so far to the writer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        entries, self._entries = self._entries, []
        if entries and self._writer is not None:
            self._writer.put(self._format(entries).encode("ascii"), len(entries))


def _json(entries: list[_Entry]) -> str:
    lines = []
    last = -1
    clock = ""
    for (
        at,
        request_id,
        method,
        path,
        status,
        verdict,
        handle,
        user_id,
        client_ip,
        sent,
        seconds,
        gate_seconds,
        upstream_seconds,
    ) in entries:
        milliseconds = int(at * 1000)
        if milliseconds != last:
            last = milliseconds
            second, rest = divmod(milliseconds, 1000)
            clock = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{rest:03d}"
        if len(path) >= _TOKEN_FITS or not path.isascii() or "sst_" in path:
            path = _clean(path)
        # Only path and address come from outside; the rest is ours or of a closed set.
        session = f'"{handle}"' if handle else "null"
        person = f'"{user_id}"' if user_id else "null"
        lines.append(
            f'{{"at":"{clock}Z","level":"info","event":"request",'
            f'"requestId":"{request_id}","method":"{method}","path":{quote(path)},"status":{status},'
            f'"verdict":"{verdict}","handle":{session},"userId":{person},"clientIp":{quote(client_ip)},'
            f'"bytes":{sent},"seconds":{seconds:.6f},"gateSeconds":{gate_seconds:.6f},'
            f'"upstreamSeconds":{upstream_seconds:.6f}}}\n'
        )
    return "".join(lines)


def _pretty(entries: list[_Entry]) -> str:
    """For people: the time of day in UTC, the request, its answer, and what it took."""
    lines = []
    for at, _, method, path, status, verdict, _, _, client_ip, sent, seconds, _, _ in entries:
        clock = time.strftime("%H:%M:%S", time.gmtime(at))
        target = quote(f"{method} {_clean(path)}")[1:-1]
        lines.append(
            f"{clock}.{int(at % 1 * 1000):03d} info    {target} {status} {verdict} "
            f"{seconds * 1000:.1f}ms {sent}B {quote(client_ip)[1:-1]}\n"
        )
    return "".join(lines)


def _clean(text: str) -> str:
    """Cut what is too long, hide what somebody should not have put into a path (case S-55), and
    replace lone surrogates, which strict JSON readers refuse."""
    whole = hide_secrets(text)
    kept = whole if len(whole) <= MAX_TEXT else f"{whole[:MAX_TEXT]}…"
    return kept.encode("utf-8", "replace").decode("utf-8")
