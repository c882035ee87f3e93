"""The second listener: `/metrics`, `/livez`, `/readyz`, nothing else.

It runs in the supervisor and reads what the workers have counted. No request here talks to the
store or to a worker, so a flood of them costs nobody else anything (cases F-30, S-90, S-94).
Workers count many requests at a time, so a scrape waits until those that were over when it came
have been counted.
"""

import asyncio
from collections.abc import Callable, Sequence
from socket import socket

from aiohttp import web

from sidecar.front.record import INTERVAL
from sidecar.observe.cells import Cells
from sidecar.observe.collector import exposition

_COUNTED_BY_NOW = 2.5 * INTERVAL
"""Seconds after which a worker has counted a request, unless its loop is held up for longer."""


class OpsListener:
    """Serves until closed. ready: asked at each `/readyz`, must not wait."""

    def __init__(self, slots: Sequence[Cells], ready: Callable[[], bool]) -> None:
        self._slots = slots
        self._ready = ready
        self._runner: web.AppRunner | None = None

    async def serve(self, sockets: Sequence[socket]) -> None:
        """Begin to answer on bound sockets, which this object then owns."""
        app = web.Application(client_max_size=1024)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_route("*", "/{path:.*}", _nothing_here)
        app.on_response_prepare.append(_plain_server)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, keepalive_timeout=75, shutdown_timeout=1
        )
        await self._runner.setup()
        for bound in sockets:
            await web.SockSite(self._runner, bound).start()

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        await asyncio.sleep(_COUNTED_BY_NOW)
        body, content_type = exposition(self._slots, request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        if self._ready():
            return web.Response(text="ready\n")
        return web.Response(status=503, text="not ready\n")


async def _nothing_here(_request: web.Request) -> web.Response:
    return web.Response(status=404, text="not found\n")


async def _plain_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "sidecar"
    response.headers["Cache-Control"] = "no-store"
