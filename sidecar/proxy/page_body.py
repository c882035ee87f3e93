"""The body of an answer that may be a page: what goes out for what comes in.

No input, no output: the exchange adds what comes and takes what may go on. As long as it is not
known what the body begins with, nothing may; then it is either the body as it came, byte for byte,
or the same with the tag at its place.
"""

from sidecar.core.document_answer import Page
from sidecar.core.html_place import LIMIT, NOWHERE, HtmlPlace
from sidecar.proxy.gzip_body import BadGzip, GzipBody

_MOST_RAW = 16 * LIMIT
"""As much of a packed body is held, at most, while it is not known what it begins with: there are
bytes that unpack to nothing, such as a file's name in the beginning, and no end to them."""


class PageBody:
    """One body. changed: whether the tag goes in; None as long as nobody knows."""

    __slots__ = ("_ended", "_gzip", "_place", "_plain", "_raw", "_tag", "changed")

    def __init__(self, page: Page) -> None:
        self._place = HtmlPlace(page.charset)
        self._gzip = GzipBody() if page.gzip else None
        self._tag = page.tag
        self._raw = b""
        self._plain = b""
        self._ended = False
        self.changed: bool | None = None

    @property
    def grows_by(self) -> int | None:
        """How much longer the changed body is; None if nobody knows before it has gone out."""
        return None if self._gzip is not None else len(self._written_tag())

    @property
    def waiting(self) -> bool:
        """Say whether there is more to take of what has come."""
        return bool(self.changed) and self._gzip is not None and self._gzip.waiting

    def add(self, data: bytes) -> None:
        """Take what has come."""
        if not self.changed:
            self._raw += data
        if self._gzip is not None:
            self._gzip.add(data)
        else:
            self._plain += data

    def end(self) -> None:
        """No more will come."""
        self._ended = True

    def take(self) -> bytes:
        """Return what may go out now. Raises BadGzip if that has become unreadable, which it can
        only after the tag has gone in."""
        if self.changed is None:
            self._decide()
        if self.changed is None:
            return b""
        if not self.changed:
            data, self._raw = self._raw, b""
            return data
        data, self._plain = self._plain, b""
        gzip = self._gzip
        if gzip is None:
            return data
        if gzip.waiting:
            data += gzip.unpack()
        return gzip.pack(data)

    def _decide(self) -> None:
        at = self._look()
        if at is None:
            return
        self.changed = at != NOWHERE
        if self.changed:
            held = self._place.held
            self._plain = held[:at] + self._written_tag() + held[at:]
            self._raw = b""

    def _look(self) -> int | None:
        gzip, at = self._gzip, None
        if gzip is None:
            data, self._plain = self._plain, b""
            at = self._place.feed(data)
        else:
            try:
                while at is None and gzip.waiting:
                    at = self._place.feed(gzip.unpack(LIMIT))
            except BadGzip:
                return NOWHERE
            if at is None and len(self._raw) > _MOST_RAW:
                return NOWHERE
        return self._place.end() if at is None and self._ended else at

    def _written_tag(self) -> bytes:
        return self._tag.encode(self._place.encoding)
