"""Ends of a connection that nobody takes for an orderly one."""

import asyncio
import struct
from socket import SO_LINGER, SOL_SOCKET

_NO_LINGER = struct.pack("ii", 1, 0)


def reset(transport: asyncio.Transport) -> None:
    """End the connection now. What has not been sent never will be, not even what the kernel has,
    and the other side gets a reset instead of an end: where the end of the connection is the end
    of the body, nothing else tells a part from the whole."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(SOL_SOCKET, SO_LINGER, _NO_LINGER)
    transport.abort()
