"""What a WebSocket handshake looks like on both sides."""

from tests.wires import Wire

UPGRADE = (
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
AGREED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def agreed(head: bytes) -> bool:
    return head.startswith(b"HTTP/1.1 101 ") and b"\r\nUpgrade: websocket\r\n" in head


async def echo(wire: Wire) -> None:
    """Agree, and send back whatever comes."""
    await wire.head()
    await wire.send(AGREED)
    while data := await wire.some():
        await wire.send(data)
