"""What of that which a client sends through a tunnel counts as its person's."""

import asyncio
import socket

import pytest
from websockets.frames import Frame, Opcode

from sidecar.proxy.frames import close_frame
from sidecar.proxy.tunnel import Tunnel

PONG = Frame(Opcode.PONG, b"beat").serialize(mask=True)
PING = Frame(Opcode.PING, b"").serialize(mask=True)
TEXT = Frame(Opcode.TEXT, b"hello").serialize(mask=True)


async def heard(*parts: bytes) -> int:
    """Send these parts through a tunnel; return how often it said that the client spoke."""
    loop = asyncio.get_running_loop()
    spoken: list[None] = []
    closed = asyncio.Event()
    ends, fars = zip(socket.socketpair(), socket.socketpair(), strict=True)
    client, upstream = [
        (await loop.create_connection(asyncio.Protocol, sock=one))[0] for one in ends
    ]
    far_client, far_upstream = fars
    tunnel = Tunnel(client, upstream, lambda _: closed.set(), lambda: spoken.append(None))
    tunnel.join(b"", b"")
    for far in fars:
        far.setblocking(False)
    for part in parts:
        await loop.sock_sendall(far_client, part)
        left = len(part)
        while left:
            left -= len(await loop.sock_recv(far_upstream, left))
    tunnel.cut()
    await closed.wait()
    for far in fars:
        far.close()
    return len(spoken)


@pytest.mark.parametrize(
    "parts",
    [(PONG,), (PING, PONG), (PONG[:1], PONG[1:7], PONG[7:]), (close_frame(1000, masked=True),)],
)
async def test_given_control_frames_alone_when_they_pass_then_nobody_has_spoken(
    parts: tuple[bytes, ...],
) -> None:
    assert await heard(*parts) == 0


@pytest.mark.parametrize(
    "parts", [(TEXT,), (PONG, TEXT), (PONG + TEXT,), (TEXT + PONG,), (TEXT[:1], TEXT[1:])]
)
async def test_given_a_message_among_what_passes_then_somebody_has_spoken_once(
    parts: tuple[bytes, ...],
) -> None:
    assert await heard(*parts) == 1
