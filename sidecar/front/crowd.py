"""Those who come when there is no room: told so in few words, or, if too many ask, cut.

This must cost next to nothing, for it happens when there is nothing left to spend. The answer was
laid out when the worker started, the request is not parsed, and only a few are answered at a time.
It is sent when the first bytes of a request are there: clients take what comes before they asked
for a fault.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from http import HTTPStatus

from sidecar.front.own_headers import OwnHeaders
from sidecar.front.problem import MEDIA_TYPE, problem

log = logging.getLogger(__name__)

_MOST = 128
_PATIENCE = 2.0
_MOST_BYTES = 1 << 20
_REPORT_EVERY = 10.0
_RETRY_AFTER = 1


class Crowd:
    """The refused connections of one worker. open: how many are not gone yet."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_refused: Callable[[], None]) -> None:
        self.answer = _lay_out()
        self._loop = loop
        self._on_refused = on_refused
        self._open: set[_Refused] = set()
        self._refused = self._cut = 0
        self._next_report = 0.0

    @property
    def open(self) -> int:
        return len(self._open)

    def refuse(self, transport: asyncio.Transport) -> None:
        """Take over a connection that there is no room for."""
        self._refused += 1
        self._on_refused()
        if len(self._open) >= _MOST:
            self._cut += 1
            transport.abort()
            return
        refused = _Refused(self, transport)
        self._open.add(refused)
        transport.set_protocol(refused)

    def patience_ends(self) -> float:
        """Return the loop time until which somebody who comes or hears now may stay."""
        return self._loop.time() + _PATIENCE

    def gone(self, refused: "_Refused") -> None:
        self._open.discard(refused)

    def look(self, now: float) -> None:
        """End what has been there too long, and say once in a while how many were refused."""
        for refused in [one for one in self._open if one.deadline <= now]:
            refused.transport.abort()
        if self._refused and now >= self._next_report:
            log.warning(
                "connections_refused", extra={"refused": self._refused, "unanswered": self._cut}
            )
            self._refused = self._cut = 0
            self._next_report = now + _REPORT_EVERY

    def close(self) -> None:
        """End all, now."""
        for refused in list(self._open):
            refused.transport.abort()


class _Refused(asyncio.Protocol):
    """One of them. Having heard the answer it may read it: closing while something of the request
    is unread would reset the connection, and the answer with it."""

    __slots__ = ("_answered", "_crowd", "_heard", "deadline", "transport")

    def __init__(self, crowd: Crowd, transport: asyncio.Transport) -> None:
        self._crowd = crowd
        self._answered = False
        self._heard = 0
        self.transport = transport
        self.deadline = crowd.patience_ends()

    def data_received(self, data: bytes) -> None:
        self._heard += len(data)
        if self._answered:
            if self._heard > _MOST_BYTES:
                self.transport.abort()
            return
        self._answered = True
        self.deadline = self._crowd.patience_ends()
        self.transport.write(self._crowd.answer)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._crowd.gone(self)


def _lay_out() -> bytes:
    what = problem("too_many_connections")
    # Nothing of the request is known, so neither its path nor an id is named.
    body = json.dumps(
        {
            "type": "about:blank",
            "title": HTTPStatus(what.status).phrase,
            "status": what.status,
            "detail": what.detail,
            "code": what.code,
        }
    )
    fields = {
        **OwnHeaders(secure=False).data,
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Retry-After": str(_RETRY_AFTER),
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {what.status} {HTTPStatus(what.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", body]).encode("ascii")
