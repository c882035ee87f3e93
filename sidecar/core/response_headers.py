"""What of the upstream's header fields the client may see.

Hop-by-hop fields and those that Connection names go; the framing is handed over by name. The
upstream can neither set nor clear our cookies: such a Set-Cookie goes and is counted, and
Clear-Site-Data keeps its other words (case S-51). A control character in a value is a fault of the
upstream, answered 502, since it could end a line for somebody behind us (case S-45). Everything
else passes byte for byte, also bytes that are not UTF-8.
"""

from enum import StrEnum
from typing import NamedTuple

from sidecar.core.cookies import sets_own_cookie
from sidecar.core.field_names import HOP_BY_HOP, TOKEN, field_key

RawHeaders = tuple[tuple[bytes, bytes], ...]

_CONTROL = bytes([*range(0x09), *range(0x0A, 0x20), 0x7F])
_WHITE = b" \t"
_TABLE_SIZE = 2048
_LONGEST_REMEMBERED = 64
_LONGEST_LENGTH = 18
_ORDINARY = frozenset(
    (b"", b"close", b"keep-alive", b"upgrade", b"content-length", b"transfer-encoding")
)
_CLEARABLE = (b'"cache"', b'"clientHints"', b'"executionContexts"', b'"storage"')
_COOKIE_FIELDS = frozenset((b"clear-site-data", b"set-cookie"))
_NOTED = frozenset(
    (
        b"connection",
        b"content-length",
        b"content-type",
        b"transfer-encoding",
        b"upgrade",
    )
)


class ResponseFault(StrEnum):
    """Why the upstream's answer cannot be passed on: 502."""

    FIELD_NAME = "upstream_field_name_invalid"
    FIELD_VALUE = "upstream_field_value_invalid"
    LENGTH = "upstream_content_length_invalid"
    CODING = "upstream_transfer_coding_invalid"


class ResponseFields:
    """The upstream's fields, sorted.

    block: the kept fields as they are written to the client, each with its CRLF; in it as well as
    here: content_type. Not in it: the length and the coding.
    own_cookies_dropped: how often the upstream tried to set or to clear one of ours.
    """

    __slots__ = (
        "block",
        "chunked",
        "content_length",
        "content_type",
        "own_cookies_dropped",
        "upgrade",
    )

    def __init__(self, block: bytes, noted: dict[bytes, bytes], dropped: int) -> None:
        length = noted.get(b"content-length")
        self.block = block
        self.content_length = None if length is None else int(length)
        self.chunked = b"transfer-encoding" in noted
        self.own_cookies_dropped = dropped
        self.content_type = noted.get(b"content-type")
        self.upgrade = noted.get(b"upgrade")


class _Name(NamedTuple):
    """What becomes of fields of a name. beginning: of the line; empty: the field is dropped.
    form: under which it is noted, if it is. cookies: it may set or clear cookies."""

    beginning: bytes
    form: bytes
    cookies: bool


_names: dict[bytes, _Name] = {}


def response_fields(
    raw_headers: RawHeaders, own_names: frozenset[bytes] = frozenset()
) -> ResponseFields | ResponseFault:
    """Sort the upstream's fields, or say why its answer cannot be passed on.

    own_names: names of cookies that are ours besides those that are by their prefix.
    """
    noted: dict[bytes, bytes] = {}
    lines: list[bytes] = []
    dropped = 0
    for name, value in raw_headers:
        known = _names.get(name) or _judge(name)
        if known is None:
            return ResponseFault.FIELD_NAME
        beginning, form, cookies = known
        if cookies:
            passed = _own_left_alone(form, value, own_names)
            dropped += passed != value
            if passed is None:
                continue
            value = passed
        if form:
            noted[form] = noted[form] + b", " + value if form in noted else value
        if beginning:
            lines.append(beginning + value)
    fault = _framing_fault(noted)
    if fault is not None:
        return fault
    if noted.get(b"connection", b"close").lower() not in _ORDINARY:
        named = _named(noted[b"connection"])
        rest = tuple(pair for pair in raw_headers if field_key(pair[0]) not in named)
        if len(rest) < len(raw_headers):
            return response_fields(rest, own_names)
    block = b"\r\n".join(lines)
    # Of control characters there may be the line ends that were put in, and no other.
    if len(block) - len(block.translate(None, _CONTROL)) != 2 * max(0, len(lines) - 1):
        return ResponseFault.FIELD_VALUE
    return ResponseFields(block + b"\r\n" if lines else b"", noted, dropped)


def is_reason(text: str | None) -> bool:
    """Say whether the upstream's words for its status may be passed on: no control characters."""
    if not text or text.isprintable():
        return True
    return not any((letter < " " and letter != "\t") or letter == "\x7f" for letter in text)


def _framing_fault(noted: dict[bytes, bytes]) -> ResponseFault | None:
    """Say what is wrong with the framing: repeated, odd, or two of them (RFC 9112 section 6.3)."""
    length, coding = noted.get(b"content-length"), noted.get(b"transfer-encoding")
    if length is not None and (
        coding is not None or not length.isdigit() or len(length) > _LONGEST_LENGTH
    ):
        return ResponseFault.LENGTH
    if coding is not None and coding.lower() != b"chunked":
        return ResponseFault.CODING
    return None


def _own_left_alone(field: bytes, value: bytes, own_names: frozenset[bytes]) -> bytes | None:
    """Return what of a field leaves our cookies alone; None if it is about nothing else."""
    if field == b"clear-site-data":
        return _without_cookies(value)
    name = value.partition(b"=")[0].strip(_WHITE)
    return None if name in own_names or sets_own_cookie(value) else value


def _without_cookies(value: bytes) -> bytes | None:
    """Return a Clear-Site-Data without cookies; `"*"` becomes the words for everything else."""
    words = [word.strip(_WHITE) for word in value.split(b",")]
    bare = [word.strip(b'"').lower() for word in words]
    if b"cookies" not in bare and b"*" not in bare:
        return value
    kept = [word for word, text in zip(words, bare, strict=True) if text not in (b"cookies", b"*")]
    if b"*" in bare:
        kept += [word for word in _CLEARABLE if word not in kept]
    return b", ".join(kept) if kept else None


def _named(connection: bytes) -> frozenset[bytes]:
    """Return the keys of the fields that Connection names, and that are removed with it."""
    tokens = frozenset(field_key(token.strip(_WHITE)) for token in connection.split(b","))
    return tokens - _ORDINARY - {b"connection"}


def _judge(name: bytes) -> _Name | None:
    """Decide what becomes of fields of that name, and remember it. None: it is no name."""
    if not name or not TOKEN.issuperset(name):
        return None
    form = name.lower()
    passed = form not in HOP_BY_HOP and form != b"content-length"
    cookies = form in _COOKIE_FIELDS
    known = _Name(
        name + b": " if passed else b"", form if cookies or form in _NOTED else b"", cookies
    )
    if len(name) <= _LONGEST_REMEMBERED:
        if len(_names) >= _TABLE_SIZE:
            _names.clear()
        _names[name] = known
    return known
