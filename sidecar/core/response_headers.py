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

_CONTROL = bytes([*range(0x09), *range(0x0A, 0x20), 0x7F])
_WHITE = b" \t"
_TABLE_SIZE = 2048
_LONGEST_REMEMBERED = 64
_LONGEST_LENGTH = 18
_ORDINARY = frozenset((b"close", b"keep-alive", b"upgrade"))
_CLEARABLE = (b'"cache"', b'"clientHints"', b'"executionContexts"', b'"storage"')
_NOTED = frozenset(
    (
        b"clear-site-data",
        b"connection",
        b"content-length",
        b"content-type",
        b"date",
        b"set-cookie",
        b"transfer-encoding",
        b"upgrade",
        b"www-authenticate",
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
    here: content_type, www_authenticate, date. Not in it: the length and the coding.
    own_cookies_dropped: how often the upstream tried to set or to clear one of ours.
    """

    __slots__ = (
        "block",
        "chunked",
        "connection_close",
        "content_length",
        "content_type",
        "has_date",
        "own_cookies_dropped",
        "sets_cookie",
        "upgrade",
        "www_authenticate",
    )

    def __init__(self) -> None:
        self.block = b""
        self.content_length: int | None = None
        self.chunked = False
        self.connection_close = False
        self.has_date = False
        self.sets_cookie = False
        self.own_cookies_dropped = 0
        self.content_type: bytes | None = None
        self.www_authenticate: bytes | None = None
        self.upgrade: bytes | None = None


class _Name(NamedTuple):
    """What becomes of fields of a name. beginning: of the line, None: dropped. noted: its form."""

    beginning: bytes | None
    noted: bytes | None


_names: dict[bytes, _Name] = {}


def response_fields(
    raw_headers: tuple[tuple[bytes, bytes], ...], own_names: frozenset[bytes] = frozenset()
) -> ResponseFields | ResponseFault:
    """Sort the upstream's fields, or say why its answer cannot be passed on.

    own_names: names of cookies that are ours besides those that are by their prefix.
    """
    values = b"".join([value for _, value in raw_headers])
    if len(values.translate(None, _CONTROL)) != len(values):
        return ResponseFault.FIELD_VALUE
    named = _named_by_connection(raw_headers)
    fields = ResponseFields()
    lines: list[bytes] = []
    for name, value in raw_headers:
        known = _names.get(name)
        if known is None:
            known = _judge(name)
            if known is None:
                return ResponseFault.FIELD_NAME
        beginning, noted = known
        if named and field_key(name) in named:
            continue
        if noted is not None:
            passed = _note(fields, noted, value, own_names)
            if isinstance(passed, ResponseFault):
                return passed
            if passed is None:
                continue
            value = passed
        if beginning is not None:
            lines.append(beginning + value)
    if fields.chunked and fields.content_length is not None:
        return ResponseFault.LENGTH
    lines.append(b"")
    fields.block = b"\r\n".join(lines)
    return fields


def _note(
    fields: ResponseFields, name: bytes, value: bytes, own_names: frozenset[bytes]
) -> bytes | ResponseFault | None:
    """Note a field, and return the value that is passed on; None: the field is dropped."""
    match name:
        case b"content-length":
            if not value.isdigit() or len(value) > _LONGEST_LENGTH:
                return ResponseFault.LENGTH
            length = int(value)
            if fields.content_length is not None and fields.content_length != length:
                return ResponseFault.LENGTH
            fields.content_length = length
        case b"transfer-encoding":
            if value.lower() != b"chunked" or fields.chunked:
                return ResponseFault.CODING
            fields.chunked = True
        case b"connection":
            fields.connection_close |= b"close" in value.lower()
        case b"date":
            fields.has_date = True
        case b"content-type":
            fields.content_type = value
        case b"www-authenticate":
            fields.www_authenticate = value
        case b"upgrade":
            fields.upgrade = value
        case b"set-cookie":
            if sets_own_cookie(value) or _cookie_name(value) in own_names:
                fields.own_cookies_dropped += 1
                return None
            fields.sets_cookie = True
        case _:
            return _without_cookies(fields, value)
    return value


def _cookie_name(set_cookie: bytes) -> bytes:
    return set_cookie.partition(b"=")[0].strip(_WHITE)


def _without_cookies(fields: ResponseFields, value: bytes) -> bytes | None:
    """Return a Clear-Site-Data that leaves cookies alone; `"*"` becomes the words for the rest."""
    words = [word.strip(_WHITE) for word in value.split(b",")]
    kept = [word for word in words if word.lower() not in (b'"cookies"', b'"*"', b"cookies", b"*")]
    if len(kept) == len(words):
        return value
    fields.own_cookies_dropped += 1
    if b'"*"' in words or b"*" in words:
        kept += [word for word in _CLEARABLE if word not in kept]
    return b", ".join(kept) if kept else None


def _named_by_connection(raw_headers: tuple[tuple[bytes, bytes], ...]) -> frozenset[bytes]:
    tokens: frozenset[bytes] = frozenset()
    for name, value in raw_headers:
        if len(name) == 10 and name.lower() == b"connection":
            lowered = value.lower()
            if lowered not in _ORDINARY:
                tokens |= {field_key(token.strip(_WHITE)) for token in lowered.split(b",")}
    return tokens - _ORDINARY - {b"content-length", b"transfer-encoding"} if tokens else tokens


def _judge(name: bytes) -> _Name | None:
    """Decide what becomes of fields of that name, and remember it. None: it is no name."""
    if not name or not TOKEN.issuperset(name):
        return None
    lowered = name.lower()
    passed = lowered not in HOP_BY_HOP and lowered != b"content-length"
    known = _Name(name + b": " if passed else None, lowered if lowered in _NOTED else None)
    if len(name) <= _LONGEST_REMEMBERED:
        if len(_names) >= _TABLE_SIZE:
            _names.clear()
        _names[name] = known
    return known
