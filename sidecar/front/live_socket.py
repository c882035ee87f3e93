"""The live channel: one open line to each browser, which says that its session has ended.

A worker may hold thousands, nearly all of them silent. So the page server only shakes hands
(`live.py`); what stays is the client's transport and one small object, without a task, a timer or a
parser of its own. The line itself is no activity of anybody.

    open ── ended, going away, nonsense ─▶ told by a Close frame ── answered, or no patience ─▶ gone
      └── silent for minutes: asleep or gone ─▶ cut, and welcome back
"""

import asyncio
import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Protocol

from sidecar.core.event_log import EventPage
from sidecar.core.event_shapes import event_shape
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, LiveWatch
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role
from sidecar.core.verdict import Allow, SignIn, Verdict
from sidecar.front import live_messages as messages
from sidecar.front.live_feed import LiveFeed
from sidecar.front.live_frames import CLOSE, PING, PONG, TEXT, FrameFault, FrameReader, write_frame
from sidecar.proxy.frames import POLICY_VIOLATION, close_frame

SILENCE = 180.0
"""Seconds after which a browser that said nothing is taken for gone. Ours speak twice a minute."""

_TICK = 1.0
_ANSWER = 2.0
_AT_ONCE = 12.0
_PER_SECOND = 1.0
_MOST_UNSENT = 256 << 10


class LookAgain(Protocol):
    """`gate.look_again`: may who has proven a session before go on with it?"""

    def __call__(
        self, handle: Handle, answer: Callable[[Verdict], None], *, active_from: str | None = None
    ) -> None: ...


class LiveRoom:
    """All live channels of one worker, and what they ask."""

    def __init__(
        self,
        watch: LiveWatch,
        look_again: LookAgain,
        clock: Clock,
        policy: Callable[[], Policy],
        feed: LiveFeed,
    ) -> None:
        self.watch = watch
        self.look_again = look_again
        self.clock = clock
        self.policy = policy
        self.feed = feed
        self._sockets: set[LiveSocket] = set()
        self._ticker: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._sockets)

    def entered(self, socket: "LiveSocket") -> None:
        self._sockets.add(socket)
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().call_later(_TICK, self._tick)

    def left(self, socket: "LiveSocket") -> None:
        self._sockets.discard(socket)

    async def close(self) -> None:
        """Forget everybody: the worker ends."""
        if self._ticker is not None:
            self._ticker.cancel()
        await self.feed.stop()
        for socket in list(self._sockets):
            socket.cut()

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._ticker = loop.call_later(_TICK, self._tick) if self._sockets else None
        now = loop.time()
        for socket in [one for one in self._sockets if one.deadline <= now]:
            socket.cut()


class LiveSocket(asyncio.Protocol):
    """One browser. deadline: loop time at which it is cut, unless it is heard of before.

    on_closed: is called once, when the line is gone.
    """

    __slots__ = (
        "_allowance",
        "_client_ip",
        "_frames",
        "_handle",
        "_heard",
        "_leaving",
        "_may_follow",
        "_on_closed",
        "_room",
        "_stop_watching",
        "_transport",
        "deadline",
    )

    def __init__(
        self, room: LiveRoom, transport: asyncio.Transport, session: Session, client_ip: str
    ) -> None:
        self._room = room
        self._transport = transport
        self._handle = session.handle
        self._client_ip = client_ip
        self._may_follow = session.role >= Role.VIEWER
        self._frames = FrameReader()
        self._allowance = _AT_ONCE
        self._leaving = False
        self._heard = asyncio.get_running_loop().time()
        self.deadline = self._heard + SILENCE
        self._on_closed: Callable[[], None] | None = None
        self._stop_watching: Callable[[], None] | None = None

    def begin(self, session: Session, on_closed: Callable[[], None]) -> None:
        """Take the line over, and say hello."""
        self._on_closed = on_closed
        room = self._room
        self._transport.set_write_buffer_limits(high=_MOST_UNSENT)
        self._transport.set_protocol(self)
        self._transport.write(messages.hello(session, room.clock.now(), room.policy()))
        room.entered(self)
        self._stop_watching = room.watch.watch(self._handle, self.told)
        self._transport.resume_reading()

    def told(self, reason: Ended) -> None:
        """The session has ended: say so, and hang up."""
        if not self._leaving:
            self._transport.write(messages.ended(reason))
            self.close(POLICY_VIOLATION, reason.code)

    def close(self, code: int, reason: str = "") -> None:
        """Hang up, with a word."""
        if self._leaving:
            return
        self._leaving = True
        self._let_go()
        if not self._transport.is_closing():
            self._transport.write(close_frame(code, reason, masked=False))
        self.deadline = asyncio.get_running_loop().time() + _ANSWER

    def cut(self) -> None:
        """Hang up, now."""
        self._transport.abort()

    # What the event loop calls.

    def data_received(self, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        try:
            for frame in self._frames.feed(data):
                self._take(frame.opcode, frame.payload, now)
        except FrameFault as fault:
            if self._leaving:
                self.cut()
            else:
                self.close(fault.code)
                self._transport.pause_reading()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self.cut()  # It has not read a quarter of a megabyte: it will not read the end either.

    def connection_lost(self, _exc: Exception | None) -> None:
        self._leaving = True
        self._let_go()
        self._room.left(self)
        on_closed, self._on_closed = self._on_closed, None
        if on_closed is not None:
            on_closed()

    # Steps.

    def _let_go(self) -> None:
        stop, self._stop_watching = self._stop_watching, None
        if stop is not None:
            stop()
        self._room.feed.leave(self._happened)

    def _take(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == CLOSE:
            if not self._leaving:
                self._leaving = True
                self._let_go()
                self._transport.write(write_frame(CLOSE, payload[:2]))
            self._transport.close()
            self.deadline = now + _ANSWER
        elif not self._leaving:
            self._allowance = min(_AT_ONCE, self._allowance + (now - self._heard) * _PER_SECOND) - 1
            self._heard = now
            self.deadline = now + SILENCE
            if self._allowance < 0:
                self.close(POLICY_VIOLATION, "too_many_messages")
            elif opcode == TEXT:
                self._heed(payload)
            elif opcode == PING:
                self._transport.write(write_frame(PONG, payload))

    def _heed(self, payload: bytes) -> None:
        match messages.read_message(payload):
            case messages.AskLimits():
                self._room.look_again(self._handle, partial(self._looked, False))
            case messages.Stay():
                look_again, answer = self._room.look_again, partial(self._looked, True)
                look_again(self._handle, answer, active_from=self._client_ip)
            case messages.Follow(after) if self._may_follow:
                self._room.feed.follow(self._happened, after)
            case _:
                self.close(POLICY_VIOLATION, "invalid_message")

    def _looked(self, active: bool, verdict: Verdict) -> None:
        if self._leaving:
            return
        room = self._room
        if isinstance(verdict, Allow) and verdict.session is not None:
            now, session = room.clock.now(), verdict.session
            if active:  # It is written behind, so what was read does not know of it yet.
                session = dataclasses.replace(session, last_active_at=now)
            self._transport.write(messages.limits(session, now, room.policy()))
        elif isinstance(verdict, SignIn):
            because = verdict.because
            self.told(because if isinstance(because, Ended) else Ended.REVOKED)
        else:
            self._transport.write(messages.unavailable())

    def _happened(self, page: EventPage | None) -> None:
        if self._leaving:
            return
        if page is None:
            self.close(POLICY_VIOLATION, "invalid_message")
        else:
            shapes = [event_shape(event) for event in page.events]
            self._transport.write(messages.events(shapes, page.cursor))
