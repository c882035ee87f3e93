"""An upstream whose every path is a WebSocket that says nothing."""

import asyncio
import sys

import uvloop
from aiohttp import web


async def hold(request: web.Request) -> web.WebSocketResponse:
    """Accept and wait for the client to leave."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for _ in socket:
        pass
    return socket


async def serve(port: int) -> None:
    """Serve on the loopback address until the process ends."""
    application = web.Application()
    application.router.add_get("/{path:.*}", hold)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
