"""What somebody holds open through the sidecar: one of each kind, and what becomes of it."""

import asyncio
import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.journeys.live.application import EVENT, GIBIBYTE
from tests.journeys.raw import PATIENCE, Wire, lay_out
from tests.journeys.running import COOKIE, Product, cookie

SMALL = 65_536
UPLOADED = 200_000


async def dial(product: Product, path: str, token: str) -> ClientConnection:
    """Open a WebSocket."""
    return await connect(
        f"ws://app.example{path}",
        host="127.0.0.1",
        port=product.port,
        additional_headers={"Cookie": f"{COOKIE}={token}"},
        proxy=None,
    )


async def send(product: Product, path: str, token: str, *fields: tuple[str, str]) -> Wire:
    """Send a request on a connection of its own that takes little at once."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", product.port))
    wire = Wire(*await asyncio.open_connection(sock=sock, limit=SMALL))
    method = "PUT" if fields else "GET"
    await wire.send(lay_out(path, cookie(token), *fields, method=method))
    return wire


@dataclass
class Holding:
    """One session's. sockets: WebSockets; events, zeros: responses; poll, upload: requests."""

    product: Product
    sockets: list[ClientConnection] = field(default_factory=list)
    events: list[Wire] = field(default_factory=list)
    zeros: list[Wire] = field(default_factory=list)
    polls: list[Wire] = field(default_factory=list)
    uploads: list[Wire] = field(default_factory=list)

    async def open(self, token: str, times: int = 1) -> "Holding":
        """Open some of each; returns when each response has begun."""
        product = self.product
        for _ in range(times):
            self.sockets.append(await dial(product, "/ws", token))
            self.events.append(await send(product, "/events", token))
            self.zeros.append(await send(product, "/zeros", token))
            self.polls.append(await send(product, "/poll", token))
            upload = await send(product, "/upload", token, ("Content-Length", str(GIBIBYTE)))
            self.uploads.append(upload)
            await upload.send(bytes(UPLOADED))
        async with asyncio.timeout(PATIENCE):
            for wire in self.events:
                await wire.reader.readuntil(EVENT)
            for wire in self.zeros:
                await wire.reader.readuntil(b"\r\n\r\n")
        return self

    async def is_whole(self) -> None:
        """Fail unless everything that goes on by itself goes on."""
        async with asyncio.timeout(PATIENCE):
            for client in self.sockets:
                await client.send("still there?")
                assert await client.recv() == "still there?"
            for wire in self.events:
                await drop(wire)
                await wire.reader.readuntil(EVENT)
            for wire in self.zeros:
                await wire.reader.readexactly(SMALL)

    async def is_ended(self, code: str) -> None:
        """Fail unless everything ends, each in its own way, and says `code` where it can."""
        for client in self.sockets:
            await ends_with(client, code)
        for wire in [*self.events, *self.zeros]:
            assert await octets_until_cut(wire) < GIBIBYTE
        for wire in [*self.polls, *self.uploads]:
            answer = await wire.answer()
            assert (answer.status, json.loads(answer.body)["code"]) == (401, code)
            assert answer.get("www-authenticate") == b"Session"
            assert b"; Max-Age=0" in (answer.get("set-cookie") or b"")

    async def close(self) -> None:
        for client in self.sockets:
            client.transport.abort()
        for wire in [*self.events, *self.zeros, *self.polls, *self.uploads]:
            wire.writer.transport.abort()


async def ends_with(client: ClientConnection, code: str) -> None:
    """Wait for the Close frame of a WebSocket whose session ends."""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionClosed):
            while True:
                await client.recv()
    assert client.protocol.close_rcvd is not None, "it was cut without a word"
    assert (client.close_code, client.close_reason) == (1008, code)


async def octets_until_cut(wire: Wire) -> int:
    """Take what comes until the connection is reset, never ended; return how much that was."""
    count = 0
    async with asyncio.timeout(PATIENCE):
        try:
            while piece := await wire.reader.read(SMALL):
                count += len(piece)
        except ConnectionResetError:
            return count
    raise AssertionError(f"it looks complete after {count} bytes")


async def drop(wire: Wire) -> None:
    """Take what has arrived by now."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0):
            while await wire.reader.read(SMALL):
                pass
