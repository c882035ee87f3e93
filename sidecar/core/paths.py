"""The one reading of a request target: what is decided on, and what is forwarded.

Only the origin form is a target here: a path that begins with `/`, and an optional query. A path
that two servers could read in two ways is refused, never repaired: dot segments and empty ones,
hidden separators (`%2f`, `%5c`, `\\`), control characters, `%zz`, what is not UTF-8 when decoded,
and `..;` (cases S-15 to S-20). What is left has one spelling:

    forward   percent-encoded unreserved characters are decoded, what may not stand in a path is
              encoded, hexadecimal digits are upper case; the query is byte for byte what arrived
    path      the same, with two differences that no upstream can be relied on to make, so that
              neither slips past a rule: encoded printable characters are decoded (`%3A` is `:`),
              and `;parameters` of segments are left out (`/admin;x=1` is decided as `/admin`)

Nothing is decoded twice: `%252e` stays `%252e`. `%3B`, `%3F`, `%23` and `%25` stay data in both.
"""

import re
from typing import NamedTuple

from sidecar.core.refusals import Refusal

_LONGEST = 8190
_TABLE_SIZE = 2048
_LONGEST_REMEMBERED = 512

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/")
_STAYS_DATA = frozenset(b";?#%")
_PLAIN = re.compile(rb"(?:/[A-Za-z0-9\-_~!$&'()*+,=:@][A-Za-z0-9\-._~!$&'()*+,=:@]*)*/?")
"""A path that is canonical as it is: no encoding, no parameters, no segment that begins with a dot.
Most are."""

_BYTES = re.compile(rb"%..|[^%]", re.DOTALL)
_HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")
_CONTROL = bytes([*range(0x20), 0x7F])

_known: dict[str | bytes, "Target | Refusal"] = {}


class Target(NamedTuple):
    """A canonical target. path: for rules. forward: for the upstream's request line, and for
    anything that is written or logged. query: as it arrived, without `?`; None without one."""

    path: str
    query: bytes | None
    forward: bytes


def canonical_target(raw: str | bytes) -> Target | Refusal:
    """Return the one reading of a target, or why there is none.

    raw: as it arrived; text as the parser gives it (UTF-8 with surrogate escapes).
    """
    known = _known.get(raw)
    if known is not None:
        return known
    data = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
    target = _read(data)
    if len(data) <= _LONGEST_REMEMBERED:
        if len(_known) >= _TABLE_SIZE:
            _known.clear()
        _known[raw] = target
    return target


def _read(raw: bytes) -> Target | Refusal:
    if len(raw) > _LONGEST:
        return Refusal.TARGET_TOO_LONG
    if not raw.startswith(b"/"):
        return Refusal.TARGET_FORM
    if b"#" in raw:
        return Refusal.TARGET_FRAGMENT
    if b" " in raw or raw.translate(None, _CONTROL) != raw:
        return Refusal.TARGET_CHARACTER
    path, mark, query = raw.partition(b"?")
    if not query.isascii() and not _is_utf8(query):
        return Refusal.TARGET_ENCODING
    spelt = (path.decode("ascii"), path) if _PLAIN.fullmatch(path) else _spell(path)
    if isinstance(spelt, Refusal):
        return spelt
    decided, forward = spelt
    return Target(decided, query if mark else None, forward + mark + query)


def _segments_fault(decided: str) -> Refusal | None:
    """Refuse segments that are empty or dots, also where an encoded `;` follows the dots."""
    segments = decided.split("/")[1:]
    if any(segment.partition("%3B")[0] in (".", "..") for segment in segments):
        return Refusal.TARGET_DOTS
    return Refusal.TARGET_SEPARATOR if "" in segments[:-1] else None


def _spell(path: bytes) -> tuple[str, bytes] | Refusal:
    """Return the path as it is decided on, and as it is forwarded."""
    decided, forward, octets = bytearray(), bytearray(), bytearray()
    parameters = False
    for match in _BYTES.finditer(path):
        token = match.group()
        octet = token[0]
        encoded = len(token) == 3
        if encoded:
            digits = token[1:]
            if not _HEXADECIMAL.issuperset(digits):
                return Refusal.TARGET_ENCODING
            octet = int(digits, 16)
        if octet == 0x5C or (encoded and octet == 0x2F):
            return Refusal.TARGET_SEPARATOR
        if octet < 0x20 or octet == 0x7F:
            return Refusal.TARGET_CHARACTER
        octets.append(octet)
        plain = octet in _UNRESERVED or (not encoded and octet in _IN_PATH)
        forward += bytes((octet,)) if plain else b"%%%02X" % octet
        if not encoded and octet in b";/":
            parameters = octet == 0x3B
            if parameters:
                continue
        if parameters:
            continue
        printable = 0x20 < octet < 0x7F and (octet not in _STAYS_DATA)
        decided += bytes((octet,)) if printable else b"%%%02X" % octet
    if len(octets) != len(path) - 2 * path.count(b"%") or not _is_utf8(octets):
        return Refusal.TARGET_ENCODING
    text = decided.decode("ascii")
    return _segments_fault(text) or (text, bytes(forward))


def _is_utf8(data: bytes | bytearray) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
