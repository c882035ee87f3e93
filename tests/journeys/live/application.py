"""An application whose every answer takes for ever, in a thread of its own.

    /ws       a WebSocket that echoes          /ws/half   one that sends half a frame
    /events   server-sent events               /zeros     a gigabyte of zeros
    /upload   takes what it is sent            /poll      never answers

It knows nothing of sessions. What became of each request is noted when it is over.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

GIBIBYTE = 1 << 30
HALF_A_FRAME = b"\x82\x05he"
EVENT = b"data: something new\n\n"
_PIECE = bytes(1 << 18)
_PULSE = 0.02

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Application:
    """begun, over: how many requests of each path and user. uploaded: bytes of each user."""

    def __init__(self) -> None:
        self.begun: Counter[tuple[str, str]] = Counter()
        self.over: Counter[tuple[str, str]] = Counter()
        self.uploaded: Counter[str] = Counter()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(30)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def is_over(self, path: str, user: str) -> bool:
        """Say whether all that this person has begun there is over."""
        return self.over[path, user] == self.begun[path, user]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    async def _listen(self) -> web.AppRunner:
        application = web.Application()
        for path, handler in {
            "/ws": self._echo,
            "/quiet/ws": self._echo,
            "/ws/half": self._half,
            "/events": self._events,
            "/zeros": self._zeros,
            "/upload": self._upload,
            "/poll": self._poll,
        }.items():
            application.router.add_route("*", path, self._noted(handler))
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    def _noted(self, handler: Handler) -> Handler:
        async def noted(request: web.Request) -> web.StreamResponse:
            key = (request.path, request.headers.get("X-Forwarded-User", ""))
            self.begun[key] += 1
            try:
                return await handler(request)
            finally:
                self.over[key] += 1

        return noted

    async def _echo(self, request: web.Request) -> web.StreamResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        async for message in answer:
            if message.type is WSMsgType.TEXT:
                await answer.send_str(message.data)
        return answer

    async def _half(self, request: web.Request) -> web.StreamResponse:
        answer = web.WebSocketResponse(timeout=0.1)
        await answer.prepare(request)
        assert request.transport is not None
        request.transport.write(HALF_A_FRAME)
        await answer.receive()
        return answer

    async def _events(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        while True:
            await answer.write(EVENT)
            await asyncio.sleep(_PULSE)

    async def _zeros(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(GIBIBYTE)})
        await answer.prepare(request)
        for _ in range(GIBIBYTE // len(_PIECE)):
            await answer.write(_PIECE)
        return answer

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        async for piece in request.content.iter_any():
            self.uploaded[request.headers["X-Forwarded-User"]] += len(piece)
        return web.Response(text="all of it")

    async def _poll(self, _: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()
