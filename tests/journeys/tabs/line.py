"""The line between browser and product: cut and mended, or one that lets no WebSocket through."""

import asyncio
import threading
from contextlib import suppress

from tests.ports import free_port


class Line:
    """Passes what comes to `port` on, in a thread. refused: how many WebSockets it did not."""

    def __init__(self, *, websockets: bool = True) -> None:
        self.port = free_port()
        self.refused = 0
        self._websockets = websockets
        self._target = 0
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def begin(self, target: int) -> None:
        """Pass on to that port from now on."""

        async def serve() -> None:
            await asyncio.start_server(self._pass, "127.0.0.1", self.port)

        self._target = target
        asyncio.run_coroutine_threadsafe(serve(), self._loop).result(10)

    def cut(self) -> None:
        """Nothing passes any more, and what was open is gone."""

        async def away() -> None:
            self._is_cut = True
            for end in self._ends:
                end.transport.abort()

        asyncio.run_coroutine_threadsafe(away(), self._loop).result(10)

    def mend(self) -> None:
        self._is_cut = False

    def stop(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            back, onward = await asyncio.open_connection("127.0.0.1", self._target)
            ends = {writer, onward}
            self._ends |= ends
            replies = asyncio.create_task(_copy(back, writer))
            try:
                if self._websockets:
                    await _copy(reader, onward)
                else:
                    await self._requests(reader, onward)
            finally:
                onward.close()
                await replies
                self._ends -= ends
        writer.close()

    async def _requests(self, reader: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
        """Pass requests on, up to one that asks for a WebSocket."""
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"\r\nupgrade: websocket" in head.lower():
                self.refused += 1
                return
            onward.write(head)
            for field in head.lower().split(b"\r\n"):
                if field.startswith(b"content-length:"):
                    onward.write(await reader.readexactly(int(field.partition(b":")[2])))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
