"""Where in an HTML document a tag of ours goes, found while the document is still coming.

Right behind `<head …>`, else behind `<html …>`, else behind the doctype; nothing else of the page
has then been read by the browser that could matter to a script without dependencies. Only what may
stand before `<head>` is understood, as the HTML standard reads it: white space, comments (bogus
ones too), the doctype and the two tags with their attributes. So a `<head>` within a comment, a
script or an attribute, or a `<header>`, is none. Whatever is something else ends the search.

    nothing ── doctype, <html> ──▶ a place is known ── <head>, or anything else ──▶ found
       ├── <title>, <body>, … : an old page without any of these; the place is before it
       └── text or another tag: a fragment, which is left alone

The bytes are read as ASCII: in every encoding that browsers know, apart from UTF-16, these
characters are these bytes. UTF-16 is known by its byte order mark or by its name. What cannot be
told from the first 8 KiB is left alone.
"""

import re

LIMIT = 8192
"""As many bytes are looked at, and held back meanwhile, at most."""

NOWHERE = -1

_ATTRIBUTES = (
    rb"(?:[\t\n\f\r /]++|[^\t\n\f\r />][^\t\n\f\r />=]*+(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+"
    rb"(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >\"'][^\t\n\f\r >]*+)?+)?+)*+"
)
"""Those of a tag. A quoted value that does not end yet takes all there is, so that no `>` in it is
taken for the tag's."""

_TOKEN = re.compile(
    rb"(?P<skip>[\t\n\f\r ]++|<!--(?:-?>|.*?--!?>)|<!(?!--|doctype)[^>]*+>|<\?[^>]*+>)"
    rb"|(?P<root><!doctype[^>]*+>|<html(?=[\t\n\f\r />])" + _ATTRIBUTES + rb">)"
    rb"|(?P<head><head(?=[\t\n\f\r />])" + _ATTRIBUTES + rb">)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"<([a-z][^\t\n\f\r />]*+)([\t\n\f\r />]?)", re.IGNORECASE)
_COMING = (b"html", b"head")
_FIRST_OF_OLD_PAGES = frozenset((b"base", b"body", b"frameset", b"meta", b"title"))
"""Tags that only a whole page begins with."""

_MARKS = (
    (b"\xef\xbb\xbf", "ascii"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_WIDE_LABELS = {
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "unicode": "utf-16-le",
    "ucs-2": "utf-16-le",
    "csunicode": "utf-16-le",
    "iso-10646-ucs-2": "utf-16-le",
    "unicodefeff": "utf-16-le",
    "unicodefffe": "utf-16-be",
}
"""Labels of the Encoding standard; what is not here reads like ASCII as far as we read."""

_LONGEST_MARK = 3


class HtmlPlace:
    """Looks for the place in the parts of one body. held: all parts so far.

    encoding: how a tag is to be written there; right once the place is known.
    """

    __slots__ = ("_at", "_known", "_started", "encoding", "held")

    def __init__(self, charset: str = "") -> None:
        """charset: as the Content-Type names it; a byte order mark counts more."""
        self.encoding = _WIDE_LABELS.get(charset.lower(), "ascii")
        self.held = b""
        self._at = 0
        self._known = NOWHERE
        self._started = False

    def feed(self, data: bytes) -> int | None:
        """Take a part. Return the place as an offset into all parts so far, `NOWHERE`, or None as
        long as more has to be seen."""
        self.held += data
        place = self._look()
        if place is None and len(self.held) >= LIMIT:
            return NOWHERE
        return place

    def end(self) -> int:
        """Return the place, or `NOWHERE`, when no more will come. What ends in the middle of a
        comment or a tag is left alone."""
        self._started = self._started or self._skip_mark()
        place = self._look()
        if place is not None:
            return place
        return self._offset(self._known) if self._at == len(self._text()) else NOWHERE

    def _look(self) -> int | None:
        if not self._started:
            if len(self.held) < _LONGEST_MARK:
                return None
            self._started = self._skip_mark()
        text = self._text()
        while token := _TOKEN.match(text, self._at):
            self._at = token.end()
            if token.lastgroup != "skip":
                self._known = self._at
                if token.lastgroup == "head":
                    return self._offset(self._known)
        return self._judge(text)

    def _judge(self, text: bytes) -> int | None:
        """Decide by what begins at `_at`, which is none of the things that are passed over."""
        at = self._at
        rest = text[at : at + 2]
        if rest in (b"", b"<", b"<!", b"<?"):
            return None
        tag = _TAG.match(text, at)
        if tag is not None:
            name = tag[1].lower()
            if not tag[2] or name in _COMING:
                return None
            if self._known == NOWHERE and name in _FIRST_OF_OLD_PAGES:
                return self._offset(at)
        return self._offset(self._known)

    def _skip_mark(self) -> bool:
        for mark, encoding in _MARKS:
            if self.held.startswith(mark):
                self.encoding = encoding
                self._at = 1 if encoding != "ascii" else len(mark)
        return True

    def _text(self) -> bytes:
        """Return what is looked at as one byte for each character."""
        text = self.held[:LIMIT]
        if self.encoding == "ascii":
            return text
        first, second = text[0::2], text[1::2]
        low, high = (first, second) if self.encoding == "utf-16-le" else (second, first)
        if not high.strip(b"\0"):
            return low
        return bytes(0x80 if page else cell for cell, page in zip(low, high, strict=False))

    def _offset(self, at: int) -> int:
        return at if at == NOWHERE or self.encoding == "ascii" else 2 * at
