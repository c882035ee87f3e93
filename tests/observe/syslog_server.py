"""A receiver of syslog: reads messages with their length before them, and takes RFC 5424 apart."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_HEAD = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) ([!-~]{1,48})"
    rb" ([!-~]{1,128}) ([!-~]{1,32}) - (.*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Message:
    priority: int
    app: str
    kind: str
    id: str


@dataclass
class SyslogServer:
    """deaf: takes connections and reads nothing."""

    messages: list[Message] = field(default_factory=list)
    port: int = 0
    deaf: bool = False
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        if self.deaf:
            reader._transport.pause_reading()  # type: ignore[attr-defined]  # as a stuck program
        while not self.deaf:
            try:
                length = int((await reader.readuntil(b" "))[:-1])
                self.messages.append(_read(await reader.readexactly(length)))
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            self._changed.set()

    def crash(self) -> None:
        """End every connection at once: what was not read is lost."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]

    async def until(self, wanted: set[str]) -> list[str]:
        async with asyncio.timeout(30):
            while not wanted <= set(self.ids):
                self._changed.clear()
                await self._changed.wait()
        return self.ids


def _read(raw: bytes) -> Message:
    match = _HEAD.fullmatch(raw)
    assert match is not None, raw
    body = json.loads(match[7])
    return Message(int(match[1]), match[4].decode(), match[6].decode(), body["id"])


@asynccontextmanager
async def a_syslog_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[SyslogServer]:
    receiver = SyslogServer()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.crash()
        server.close()
