"""HTTP byte by byte: a client that sends what it is told, an upstream that remembers every byte.

No HTTP library: the tests are about what libraries would not send, or would repair on arrival.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

PATIENCE = 30.0
"""Seconds after which a test is given up. No test that passes waits for so long, on any machine."""
SOON = 0.3
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"


@dataclass(frozen=True)
class Answer:
    """One response. fields: as they arrived. body: without its framing."""

    status: int
    reason: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def all(self, name: str) -> list[bytes]:
        return [value for key, value in self.fields if key.lower() == name.lower().encode()]

    def get(self, name: str) -> bytes | None:
        values = self.all(name)
        return values[0] if values else None


class Wire:
    """One client connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *parts: bytes) -> None:
        """Send the parts one after the other, each in its own segment as far as possible."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def answer(self, method: str = "GET") -> Answer:
        """Read one response. Raises EOFError when the connection ends before it is complete."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status_line, *lines = head[:-4].split(b"\r\n")
            _, status, reason = (status_line + b" ").split(b" ", 2)
            pairs = tuple(
                (name, value.strip(b" \t"))
                for name, _, value in (line.partition(b":") for line in lines)
            )
            answer = Answer(int(status), reason.strip(), pairs, b"")
            body = await self._body(answer, method)
        return Answer(answer.status, answer.reason, pairs, body)

    async def _body(self, answer: Answer, method: str) -> bytes:
        if method == "HEAD" or answer.status in (204, 304) or answer.status < 200:
            return b""
        if answer.get("transfer-encoding") is not None:
            return await read_chunks(self.reader)
        length = answer.get("content-length")
        return await (
            self.reader.read() if length is None else self.reader.readexactly(int(length))
        )

    async def is_closed(self) -> bool:
        """Say whether the other side closes, without a byte before it does."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.reader.read(1) == b""
        except ConnectionError:
            return True

    async def is_silent(self) -> bool:
        """Say whether nothing arrives for a moment and the connection stays."""
        try:
            async with asyncio.timeout(SOON):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False

    async def rest(self) -> bytes:
        """Read until the other side closes."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    def close(self) -> None:
        self.writer.close()


async def connect(port: int, source: str = "127.0.0.1") -> Wire:
    """Open a connection. source: the loopback address that it comes from."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    return Wire(reader, writer)


async def read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        size = int((await reader.readline()).partition(b";")[0], 16)
        if size == 0:
            while (await reader.readline()) != b"\r\n":
                pass
            return body
        body += await reader.readexactly(size)
        await reader.readexactly(2)


@dataclass
class Seen:
    """One request as it reached the upstream. connection: which one, counted from 1."""

    line: bytes
    fields: list[tuple[bytes, bytes]]
    body: bytes
    connection: int

    @property
    def target(self) -> bytes:
        return self.line.split(b" ")[1]

    def all(self, name: str) -> list[bytes]:
        return [value for key, value in self.fields if key.lower() == name.lower().encode()]

    def get(self, name: str) -> bytes | None:
        values = self.all(name)
        return values[0] if values else None

    def names(self) -> set[str]:
        return {key.lower().decode() for key, _ in self.fields}


@dataclass
class RecordingUpstream:
    """An upstream in its own thread. Answers `OK`, or what `plan` says for a path.

    plan: path to bytes; a connection is closed after an answer that was planned with `close`.
    """

    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    received: int = 0
    _plan: dict[bytes, tuple[bytes, bool]] = field(default_factory=dict)
    port: int = 0

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(listener,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def plan(self, path: str, answer: bytes, *, close: bool = False) -> None:
        self._plan[path.encode()] = (answer, close)

    def requests(self, part: str) -> list[Seen]:
        """The requests whose target contains `part`, oldest first."""
        return [seen for seen in self.seen if part.encode() in seen.target]

    def _run(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=listener))
        self._loop.run_forever()
        under_way = asyncio.all_tasks(self._loop)
        for task in under_way:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*under_way, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while await self._one(_Counting(reader, self._count), writer, number):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _count(self, octets: int) -> None:
        self.received += octets

    async def _one(self, reader: "_Counting", writer: asyncio.StreamWriter, number: int) -> bool:
        head = await reader.until(b"\r\n\r\n")
        line, *lines = head[:-4].split(b"\r\n")
        fields = [(name, value[1:]) for name, _, value in (item.partition(b":") for item in lines)]
        seen = Seen(line, fields, b"", number)
        self.seen.append(seen)
        seen.body = await reader.body(seen)
        path = seen.target.partition(b"?")[0]
        answer, close = self._plan.get(path, (OK, False))
        writer.write(answer)
        await writer.drain()
        while answer.startswith(b"HTTP/1.1 101"):
            writer.write(b"echo:" + await reader.some())
        return not close


class _Counting:
    """A reader that counts what arrives, so that `received` has every byte."""

    def __init__(self, reader: asyncio.StreamReader, count: Callable[[int], None]) -> None:
        self._reader = reader
        self._count = count

    async def until(self, end: bytes) -> bytes:
        data = b""
        while not data.endswith(end):
            octet = await self._reader.readexactly(1)
            self._count(1)
            data += octet
        return data

    async def some(self) -> bytes:
        data = await self._reader.read(65_536)
        self._count(len(data))
        if not data:
            raise ConnectionError
        return data

    async def body(self, seen: Seen) -> bytes:
        if seen.get("transfer-encoding") is not None:
            body = await read_chunks(self._reader)
        else:
            body = await self._reader.readexactly(int(seen.get("content-length") or 0))
        self._count(len(body))
        return body


def lay_out(
    target: str | bytes = "/",
    *fields: tuple[str | bytes, str | bytes],
    method: str = "GET",
    host: str | None = "app.example",
    version: str = "1.1",
    body: bytes = b"",
) -> bytes:
    """Lay out a request exactly as told; Host is added unless it is None."""
    lines = [method.encode() + b" " + _octets(target) + b" HTTP/" + version.encode()]
    if host is not None:
        lines.append(b"Host: " + host.encode())
    lines += [_octets(name) + b": " + _octets(value) for name, value in fields]
    return b"\r\n".join([*lines, b"", b""]) + body


def chunked(parts: Iterable[bytes], trailer: bytes = b"") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + (
        b"0\r\n" + trailer + b"\r\n"
    )


def _octets(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
