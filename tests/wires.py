"""HTTP byte by byte, in the test's own event loop: a client, and an upstream that plays a script.

No HTTP library, because the tests are about what libraries would not send, or would repair on
arrival. Every wait of a test has an end (`PATIENCE`), so that what hangs fails and is named.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 20.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Answer:
    """One response. fields: by lower-case name, repeated ones joined. body: without framing."""

    status: int
    fields: dict[str, str]
    body: bytes


class Wire:
    """One end of a connection, as the test holds it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        async with asyncio.timeout(PATIENCE):
            await self.writer.drain()

    async def head(self) -> bytes:
        """Read up to the end of a head, and return all of it."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def exactly(self, count: int) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readexactly(count)

    async def some(self, count: int = 65_536) -> bytes:
        """Read what is there, at most `count`; nothing at the end."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read(count)

    async def answer(self, method: str = "GET") -> Answer:
        """Read one response. Raises IncompleteReadError when it ends before it is complete."""
        status, fields = parse_head(await self.head())
        if method == "HEAD" or status in (204, 304) or status < 200:
            body = b""
        elif "chunked" in fields.get("transfer-encoding", ""):
            body = await self.chunks()
        elif "content-length" in fields:
            body = await self.exactly(int(fields["content-length"]))
        else:
            body = await self.rest()
        return Answer(status, fields, body)

    async def chunks(self) -> bytes:
        """Read a chunked body up to and with its end."""
        parts = []
        async with asyncio.timeout(PATIENCE):
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                parts.append(await self.reader.readexactly(size))
                await self.reader.readexactly(2)
            trailer = await self.reader.readuntil(b"\r\n")
        if trailer != b"\r\n":
            raise AssertionError(f"a trailer was passed on: {trailer!r}")
        return b"".join(parts)

    async def rest(self) -> bytes:
        """Read to the clean end of the connection. Raises ConnectionError when it was cut."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def is_closed(self) -> bool:
        """Say whether the connection ends, cleanly or not, without a byte before that."""
        try:
            return await self.some(1) == b""
        except ConnectionError:
            return True

    async def is_cut(self) -> bool:
        """Say whether the connection ends by a reset, whatever comes before that."""
        try:
            while await self.some():
                pass
        except ConnectionError:
            return True
        return False

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        self.writer.transport.abort()

    def shut(self) -> None:
        """Send nothing more, and keep reading."""
        self.writer.write_eof()


Script = Callable[[Wire], Awaitable[None]]


async def say_ok(wire: Wire) -> None:
    """Answer every request with `ok`, for as long as the connection lives."""
    while True:
        await read_request(wire)
        await wire.send(OK)


async def read_request(wire: Wire) -> tuple[bytes, bytes]:
    """Read a request whole; return its head and its body without framing."""
    head = await wire.reader.readuntil(b"\r\n\r\n")
    _, fields = parse_head(head)
    if "chunked" in fields.get("transfer-encoding", ""):
        return head, await wire.chunks()
    return head, await wire.exactly(int(fields.get("content-length", "0")))


def playing(*parts: bytes, close: bool = False) -> Script:
    """Return a script that answers each request with the next part, the last one for ever."""

    async def script(wire: Wire) -> None:
        turn = 0
        while True:
            await read_request(wire)
            await wire.send(parts[min(turn, len(parts) - 1)])
            turn += 1
            if close:
                return

    return script


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something that nobody announces has become true."""
    for _ in range(int(PATIENCE * 100)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError("it never became true")


@dataclass
class ScriptedUpstream:
    """Plays `script` on each connection and closes it when the script returns.

    heads: of the requests that arrived, through all connections; only those that the script read
    with `Wire.head` or `read_request`. connections: that were ever opened. ended: closed by us.
    """

    script: Script = say_ok
    connections: list["Wire"] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    ended: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(_Noting(reader, self.heads), writer)  # type: ignore[arg-type]  # as a reader
        self.connections.append(wire)
        try:
            await self.script(wire)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.ended += 1
        finally:
            writer.close()


class _Noting:
    """A reader that notes the heads that are read from it."""

    def __init__(self, reader: asyncio.StreamReader, heads: list[bytes]) -> None:
        self._reader = reader
        self._heads = heads
        self.read = reader.read
        self.readexactly = reader.readexactly

    async def readuntil(self, end: bytes) -> bytes:
        data = await self._reader.readuntil(end)
        if end == b"\r\n\r\n":
            self._heads.append(data)
        return data


@asynccontextmanager
async def an_upstream(
    script: Script = say_ok, *, tls: ssl.SSLContext | None = None, path: Path | None = None
) -> AsyncIterator[ScriptedUpstream]:
    """Listen on a port of this machine, or on a Unix socket."""
    upstream = ScriptedUpstream(script)
    if path is not None:
        server = await asyncio.start_unix_server(upstream.serve, str(path), ssl=tls)
    else:
        server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, ssl=tls)
        upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        for wire in upstream.connections:
            wire.abort()


async def dial(port: int, *, tls: ssl.SSLContext | None = None, buffer: int = 0) -> Wire:
    """Connect to a port of this machine. buffer: of received bytes, in the kernel; 0: as usual."""
    sock = socket.socket()
    sock.setblocking(False)
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port))
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection(
        sock=sock, ssl=tls, server_hostname=name, limit=1 << 20
    )
    return Wire(reader, writer)


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Return the status (0 for a request) and the fields by lower-case name."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key, value = name.lower(), value.strip(" ")
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return int(first.split(" ")[1]) if first.startswith("HTTP/") else 0, fields


def a_request(
    target: str = "/pub/x",
    *lines: str,
    method: str = "GET",
    version: str = "1.1",
    body: bytes = b"",
) -> bytes:
    """Lay out a request. lines: further header fields, each without its line end."""
    head = [f"{method} {target} HTTP/{version}", "Host: app.example", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


def chunked(*parts: bytes, trailer: bytes = b"") -> bytes:
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return framed + b"0\r\n" + trailer + b"\r\n"
