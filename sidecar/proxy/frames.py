"""Where one direction of a WebSocket stands: within a frame, or between two (RFC 6455 section 5.2).

A frame of our own may go in only between two of theirs; anywhere else its bytes would be read as
their payload. So the bytes that pass are followed from frame to frame; only opcode and length of
each are read, and payloads are not looked at.

    byte 0          byte 1            then
    FIN RSV opcode  MASK length 0-125                      [4 bytes of mask] payload
                    MASK 126          length in 2 bytes    [4 bytes of mask] payload
                    MASK 127          length in 8 bytes    [4 bytes of mask] payload

It need not be between two messages: a Close frame may come among the fragments of one (5.4).
"""

import secrets

GOING_AWAY = 1001
"""Close code of an endpoint that goes away, such as a server that ends (section 7.4.1)."""

POLICY_VIOLATION = 1008
"""Close code for what a rule forbids: here, to go on without a session (section 7.4.1)."""

_FIN = 0x80
_OPCODE = 0x0F
_CLOSE = 0x08
_MASK = 0x80
_MASK_SIZE = 4
_LENGTH = 0x7F
_LENGTH_SIZES = {126: 2, 127: 8}
_LONGEST_START = 10
_MOST_PAYLOAD = 125


class FrameFollower:
    """Follows the frames of one direction, however their bytes are cut.

    closing: a Close frame has begun; none may follow it (section 5.5.1). spoke: what was fed last
    has something of a message in it; control frames, such as the answer to a ping, are none.
    """

    __slots__ = ("_in_message", "_left", "_start", "closing", "spoke")

    def __init__(self) -> None:
        self.closing = self.spoke = False
        self._in_message = False
        self._left = 0
        self._start = b""

    @property
    def between_frames(self) -> bool:
        """Say whether what was fed so far ends with a whole frame, or is nothing."""
        return not (self._left or self._start)

    def feed(self, data: bytes) -> None:
        """Follow the next bytes of the direction.

        A length that the standard forbids, with its highest bit set, is believed: who sends it is
        never between frames again.
        """
        at, end = self._left, len(data)
        self.spoke = at > 0 and self._in_message
        if self._start:
            before = len(self._start)
            self._start += data[: _LONGEST_START - before]
            size = self._size(self._start, 0)
            if not size:
                return
            self._start = b""
            at = size - before
        while at < end:
            size = self._size(data, at)
            if not size:
                self._start = data[at:]
                at = end
            at += size
        self._left = at - end

    def _size(self, data: bytes, at: int) -> int:
        """Return how long the frame at `at` is, header and all; 0 if that is not to be seen yet."""
        if len(data) - at < 2:
            return 0
        second = data[at + 1]
        length = second & _LENGTH
        size = 2
        if length > _MOST_PAYLOAD:
            size += _LENGTH_SIZES[length]
            if len(data) - at < size:
                return 0
            length = int.from_bytes(data[at + 2 : at + size], "big")
        opcode = data[at] & _OPCODE
        self._in_message = opcode < _CLOSE
        if self._in_message:
            self.spoke = True
        elif opcode == _CLOSE:
            self.closing = True
        return size + length + (_MASK_SIZE if second & _MASK else 0)


def close_frame(code: int, reason: str = "", *, masked: bool) -> bytes:
    """Return a Close frame. masked: towards a server, which accepts no other (section 5.3).

    Raises ValueError if the reason is too long for a control frame (section 5.5).
    """
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > _MOST_PAYLOAD:
        raise ValueError(f"a reason has at most {_MOST_PAYLOAD - 2} bytes")
    if not masked:
        return bytes((_FIN | _CLOSE, len(payload))) + payload
    mask = secrets.token_bytes(_MASK_SIZE)
    hidden = bytes(byte ^ mask[at % _MASK_SIZE] for at, byte in enumerate(payload))
    return bytes((_FIN | _CLOSE, _MASK | len(payload))) + mask + hidden
