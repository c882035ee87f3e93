"""The frames of the live channel (RFC 6455 section 5): the few kinds that it has.

All that a page has to say fits into one short frame, so nothing longer is ever kept, and a message
in several frames is none. What a browser never does, such as a frame that is not masked, ends the
conversation.

    byte 0          byte 1             then
    FIN RSV opcode  MASK length 0-125  4 bytes of mask, payload
"""

from collections.abc import Iterator
from typing import NamedTuple

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
PROTOCOL_ERROR = 1002
UNSUPPORTED = 1003
TOO_BIG = 1009
LONGEST = 125

_FIN, _MASK, _LENGTH = 0x80, 0x80, 0x7F
_HEADER = 6
_SHORT, _MIDDLE = 126, 1 << 16


class FrameFault(Exception):
    """What arrived is not what a page of ours sends. code: of the Close frame that answers it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Frame(NamedTuple):
    opcode: int
    payload: bytes


class FrameReader:
    """Cuts what one client sends into frames, however its bytes arrive."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are whole by now. Raises FrameFault; nothing can be read then."""
        data = self._rest + data
        self._rest = b""
        at = 0
        while len(data) - at >= 2:
            size = _HEADER + _length(data[at], data[at + 1])
            if len(data) - at < size:
                break
            mask = data[at + 2 : at + _HEADER]
            payload = data[at + _HEADER : at + size]
            opcode = data[at] & ~_FIN
            at += size
            yield Frame(opcode, bytes(byte ^ mask[i & 3] for i, byte in enumerate(payload)))
        self._rest = data[at:]


def _length(first: int, second: int) -> int:
    if not second & _MASK:
        raise FrameFault(PROTOCOL_ERROR)
    if first not in (_FIN | TEXT, _FIN | CLOSE, _FIN | PING, _FIN | PONG):
        known = first & ~_FIN in (0x0, 0x1, 0x2)  # in several parts, or binary
        raise FrameFault(UNSUPPORTED if known else PROTOCOL_ERROR)
    length = second & _LENGTH
    if length > LONGEST:
        raise FrameFault(TOO_BIG)
    return length


def write_frame(opcode: int, payload: bytes) -> bytes:
    """Return one whole frame of ours. Servers do not mask."""
    length = len(payload)
    if length < _SHORT:
        return bytes((_FIN | opcode, length)) + payload
    if length < _MIDDLE:
        return bytes((_FIN | opcode, 126)) + length.to_bytes(2, "big") + payload
    return bytes((_FIN | opcode, 127)) + length.to_bytes(8, "big") + payload
