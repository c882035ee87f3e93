"""The request body of a client connection: passed on as it comes, held back, and waited for.

A client may pause for as long as `body_timeout`, and on the whole must not be slower than
`body_rate`. Only the time in which we read counts: not while the gate decides, while the upstream
takes no more, or while the client has to take its response first.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING

from aiohttp.streams import StreamReader

from sidecar.front.client_end import ClientEnd

if TYPE_CHECKING:
    from sidecar.front.server import FrontLimits, Server


class Pace:
    """How long we have waited for one body, and how much longer we will. Instants on the clock of
    the event loop. body: whose pace it is."""

    __slots__ = ("_limits", "_since", "_waited", "body")

    def __init__(self, body: StreamReader, limits: "FrontLimits") -> None:
        self.body = body
        self._limits = limits
        self._since: float | None = None
        self._waited = 0.0

    def go_on(self, now: float) -> float:
        """We are waiting for the client; return until when.

        A client that was faster before may be slower now: it is the average that counts.
        """
        limits = self._limits
        if self._since is None:
            self._since = now
        until = now + limits.body_timeout
        if limits.body_rate:
            granted = max(limits.body_grace, self.body.total_bytes / limits.body_rate)
            until = min(until, self._since - self._waited + granted)
        return until

    def stop(self, now: float) -> None:
        """It is not the client that we are waiting for now."""
        if self._since is not None:
            self._waited += now - self._since
            self._since = None


class BodyEnd(ClientEnd):
    """The part of a client connection that the current request's body comes through.

    What a body costs beside its bytes is only paid for one that did not come whole with its head.
    """

    __slots__ = ("_pace",)

    def __init__(self, server: "Server") -> None:
        super().__init__(server)
        self._pace: Pace | None = None

    def pump_body(self) -> None:
        """Pass on what has arrived of the request body, to whoever answers the request."""
        payload = self.payload
        if payload is None or self.body_paused:
            return
        try:
            data = payload.read_nowait()
        except Exception as error:
            self._bad_input(error)
            return
        last = payload.is_eof()
        if not data and not last:
            return
        if last:
            self.body_open = False
        self._watch_body()
        if self.exchange is not None:
            self.exchange.send_body(data, last=last)
        elif self.page is not None and self.page.busy:
            self.page.body(data, last=last)

    def pause_body(self) -> None:
        """Nobody takes the body now: stop reading, so that it stays with the client."""
        if not self.body_paused:
            self.body_paused = True
            self._watch_body()
            self._adjust_reading()

    def resume_body(self) -> None:
        if self.body_paused:
            self.body_paused = False
            self._watch_body()
            self._adjust_reading()
            if self.body_open:
                self.pump_body()

    def overdue(self) -> None:
        if self._waits_for_body:
            self._give_up()
        else:
            super().overdue()

    @property
    def _waits_for_body(self) -> bool:
        return (
            self.message is not None
            and self.body_open
            and not self.body_paused
            and not self.write_paused
        )

    def _watch_body(self) -> None:
        """Wait for the body, if it is the client who keeps us waiting. A client that does not take
        its response has a deadline already, which what it sends does not move."""
        now = self.loop.time()
        if not self.write_paused:
            self.deadline = 0.0
        if self._waits_for_body and self.payload is not None:
            pace = self._pace
            if pace is None or pace.body is not self.payload:
                pace = self._pace = Pace(self.payload, self._server.limits)
            self.deadline = pace.go_on(now)
        elif not self.body_open:
            self._pace = None
        elif self._pace is not None:
            self._pace.stop(now)

    def _give_up(self) -> None:
        """The client is too slow. It hears so if it has heard nothing yet; whoever was to get the
        body never takes a part of it for the whole."""
        page = self.page
        if self.status or (page is not None and page.spoke):
            self.abort()
            return
        self.broken = True
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.cancel()
        if page is not None:
            page.client_lost(None)
            self.page = None
        self._server.walk.body_too_slow(self)

    @abstractmethod
    def _adjust_reading(self) -> None:
        """Read as long as there is somebody to take what comes."""

    @abstractmethod
    def _bad_input(self, error: Exception) -> None:
        """No more can be read."""
