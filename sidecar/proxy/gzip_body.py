"""A gzip body that is read, changed on its way, and written again.

What comes in is unpacked in slices of bounded size, since a small part may unpack to a thousand
times as much (case S-46). What goes out is packed fast rather than tight, and each part so that a
browser can unpack all of it at once: a page that the upstream sends bit by bit stays one.
"""

import zlib

SLICE = 128 * 1024
_WINDOW = 31  # a gzip wrapper, and the largest window
_LEVEL = 1


class BadGzip(Exception):
    """The body is not what its coding says."""


class GzipBody:
    """One body. waiting: there is more to unpack of what has come."""

    __slots__ = ("_coming", "_complete", "_ended", "_inflate", "_pack", "waiting")

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_WINDOW)
        self._pack: zlib._Compress | None = None
        self._coming = b""
        self._complete = self._ended = False
        self.waiting = False

    def add(self, data: bytes) -> None:
        """Take what has come."""
        self._coming += data
        self.waiting = self.waiting or bool(self._coming)

    def unpack(self, most: int = SLICE) -> bytes:
        """Return the next slice, at most that long. Raises BadGzip."""
        inflate = self._inflate
        self.waiting = False
        if self._complete:
            return b""
        try:
            data = inflate.decompress(self._coming, most)
        except zlib.error:
            raise BadGzip from None
        self._complete = inflate.eof
        if self._complete:
            self._coming = inflate.unused_data
        else:
            self._coming = inflate.unconsumed_tail
            # A slice as long as it may be has more behind it, even if all input is taken.
            self.waiting = bool(self._coming) or len(data) == most
        return data

    def pack(self, data: bytes) -> bytes:
        """Return `data` packed, as the next part of what goes out.

        What came without an end goes out without one; what follows the end, be it more gzip, goes
        out as it comes, so that none of it is kept.
        """
        out = b""
        if data:
            if self._pack is None:
                self._pack = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW)
            out = self._pack.compress(data) + self._pack.flush(zlib.Z_SYNC_FLUSH)
        if self._complete and self._pack is not None:
            if not self._ended:
                self._ended = True
                out += self._pack.flush()
            rest, self._coming = self._coming, b""
            out += rest
        return out
