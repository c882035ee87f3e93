"""A sink that speaks syslog: RFC 5424 over TCP or TLS, each message with its length before it.

TCP says nothing of what the other side has read. So a batch counts as written when the system of
the other side has all of it, and as taken some seconds later, if the connection still stands then:
what it had not read when it crashed is sent again.
Source: RFC 5424, RFC 5425, RFC 6587 section 3.4.1.
"""

import asyncio
import fcntl
import os
import socket
import ssl
import struct
import termios
from collections.abc import Callable, Sequence
from pathlib import Path

from sidecar.core.address import TcpAddress
from sidecar.core.audit import AuditEntry
from sidecar.core.audit_sinks import SinkDown
from sidecar.core.shapes import instant

_LOG_AUDIT = 13
_NOTICE, _WARNING = 5, 4
_PATIENCE = 5.0
_LOOK_AGAIN = 0.005
_SETTLES = 2.0


class SyslogSink:
    """body: what a message says, without a line end. tls: None for plain TCP."""

    def __init__(
        self,
        host: TcpAddress,
        body: Callable[[AuditEntry], bytes],
        tls: ssl.SSLContext | None = None,
        *,
        settles_after: float = _SETTLES,
        patience: float = _PATIENCE,
    ) -> None:
        self.settles_after = settles_after
        self._host = host
        self._body = body
        self._tls = tls
        self._patience = patience
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None

    async def write(self, entries: Sequence[AuditEntry]) -> None:
        try:
            async with asyncio.timeout(self._patience):
                writer = await self._connected()
                writer.write(b"".join(framed(message(one, self._body(one))) for one in entries))
                await writer.drain()
                await self._arrived(writer)
        except (OSError, TimeoutError) as error:
            self._drop()
            raise SinkDown(_why(error)) from error

    def stands(self) -> bool:
        reader, writer = self._reader, self._writer
        if reader is None or writer is None:
            return False
        return not (reader.at_eof() or writer.is_closing())

    async def close(self) -> None:
        self._drop()

    async def _connected(self) -> asyncio.StreamWriter:
        if self._writer is not None:
            if not self.stands():
                raise ConnectionResetError(0, "the connection was closed")
            return self._writer
        self._reader, self._writer = await asyncio.open_connection(
            self._host.host,
            self._host.port,
            ssl=self._tls,
            server_hostname=self._host.host if self._tls else None,
        )
        return self._writer

    async def _arrived(self, writer: asyncio.StreamWriter) -> None:
        """Wait until the other system has confirmed every byte."""
        while writer.transport.get_write_buffer_size() or _unconfirmed(writer):
            if not self.stands():
                raise ConnectionResetError(0, "the connection was closed")
            await asyncio.sleep(_LOOK_AGAIN)

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        self._writer = self._reader = None


def message(entry: AuditEntry, body: bytes) -> bytes:
    """Return the entry as a message of RFC 5424: its action is MSGID, its body JSON."""
    severity = _NOTICE if entry.outcome == "done" else _WARNING
    at = instant(entry.at) if entry.at is not None else "-"
    head = f"<{_LOG_AUDIT * 8 + severity}>1 {at} {_HOSTNAME} session-sidecar {os.getpid()} "
    return f"{head}{entry.action.value[:32]} - ".encode() + body


def framed(text: bytes) -> bytes:
    return b"%d %b" % (len(text), text)


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """Return what a receiver is trusted by. ca: the authorities instead of the system's."""
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _hostname(name: str) -> str:
    is_word = name.isascii() and name.isprintable() and " " not in name and 0 < len(name) < 256
    return name if is_word else "-"


_HOSTNAME = _hostname(socket.gethostname())


def _unconfirmed(writer: asyncio.StreamWriter) -> int:
    """Return how many bytes the system has sent, or is to send, that were not confirmed."""
    connection = writer.get_extra_info("socket")
    if connection is None or connection.fileno() < 0:
        raise ConnectionResetError(0, "the connection was closed")
    raw = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * 4)
    return int(struct.unpack("i", raw)[0])


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, OSError):
        return (
            os.strerror(error.errno) if error.errno else error.strerror or "unreachable"
        ).lower()
    return "unreachable"
