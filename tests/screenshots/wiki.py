"""The bundled application, in a thread."""

import asyncio
import threading

from aiohttp import web

from deploy.demo.legacy_app import application
from tests.ports import free_port


class Wiki:
    """Runs from the moment that it is made."""

    def __init__(self) -> None:
        self.port = free_port()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)

    async def _serve(self) -> None:
        runner = web.AppRunner(application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
