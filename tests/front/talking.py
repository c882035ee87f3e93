"""A browser on the live channel, frame by frame, for the tests of what it is told."""

import base64
import json
import os
from dataclasses import dataclass
from typing import Any

from tests.serving import Serving
from tests.wires import Wire, a_request, parse_head

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""The example of RFC 6455 section 1.3."""
LIVE = "/_sidecar/live"


@dataclass
class Line:
    """One open line."""

    wire: Wire

    async def frame(self) -> tuple[int, bytes]:
        """Read one frame of the server: its first byte and its payload."""
        first, second = await self.wire.exactly(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(await self.wire.exactly(2 if size == 126 else 8), "big")
        return first, await self.wire.exactly(size)

    async def told(self) -> dict[str, Any]:
        """Read one message."""
        first, payload = await self.frame()
        assert first == 0x81, (first, payload)
        message: dict[str, Any] = json.loads(payload)
        return message

    async def closed_with(self) -> tuple[int, str]:
        """Read the Close frame: code and reason."""
        first, payload = await self.frame()
        assert first == 0x88, (first, payload)
        return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    async def say(self, message: object) -> None:
        await self.send(0x81, json.dumps(message).encode())

    async def send(self, first: int, payload: bytes) -> None:
        await self.wire.send(masked(first, payload))


def masked(first: int, payload: bytes, mask: bytes = b"\x01\x02\x03\x04") -> bytes:
    """Lay out a frame as a client does."""
    size = len(payload)
    head = bytes((first, 0x80 | size)) if size < 126 else b"%c\xfe%b" % (first, size.to_bytes(2))
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def handshake(origin: str, *lines: str, path: str = LIVE, key: str = KEY) -> bytes:
    asked = ("Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    said = (f"Origin: {origin}",) if origin else ()
    return a_request(path, *asked, f"Sec-WebSocket-Key: {key}", *said, *lines)


async def a_line(serving: Serving, cookie: str) -> Line:
    """Open a line with a session, past the hello."""
    line = await knock(serving, cookie)
    assert (await line.told())["type"] == "hello"
    return line


async def knock(serving: Serving, cookie: str) -> Line:
    wire = await serving.client()
    key = base64.b64encode(os.urandom(16)).decode()
    await wire.send(handshake(serving.settings.public_url, cookie, key=key))
    status, fields = parse_head(await wire.head())
    assert (status, fields["upgrade"]) == (101, "websocket")
    return Line(wire)
