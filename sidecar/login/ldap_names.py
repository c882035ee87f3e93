"""What stands in filters and names of a directory: put in without being read as anything else.

Nothing that a person typed is part of a filter before it went through `escape_filter_chars`
(RFC 4515, section 3): not a parenthesis of theirs, not a star.
"""

from collections.abc import Iterable

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.conv import escape_bytes, escape_filter_chars
from ldap3.utils.dn import parse_dn

_HEX = "hex:"
BY_DN = "dn"


def filled(template: str, **values: str) -> str:
    """Return the filter with each `{name}` replaced by that value, escaped. In one pass: what a
    value holds is never replaced in turn."""
    pieces = [template]
    for name, value in values.items():
        pieces = _put(pieces, "{" + name + "}", escape_filter_chars(value))
    return "".join(pieces)


def _put(pieces: list[str], mark: str, value: str) -> list[str]:
    """Pieces at odd places are values already."""
    done: list[str] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            done.append(piece)
            continue
        first, *rest = piece.split(mark)
        done.append(first)
        for after in rest:
            done += [value, after]
    return done


def anybody(template: str) -> str:
    """Return the filter with any name in it: all that it asks for besides."""
    return template.replace("{username}", "*")


def subject_of(raw: bytes) -> str:
    """Return an identifier as a text: as it stands, or in hexadecimal digits."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    return text if text.isprintable() and text and not text.startswith(_HEX) else _HEX + raw.hex()


def assertion_of(subject: str) -> str:
    """Return the identifier as it stands in a filter."""
    if subject.startswith(_HEX):
        return str(escape_bytes(bytes.fromhex(subject.removeprefix(_HEX))))
    return str(escape_filter_chars(subject))


def group_names(names: Iterable[str], base: str) -> list[str]:
    """Return what the groups of these distinguished names are called; only of those below `base`,
    since elsewhere others may make groups of the same name."""
    below = _parts(base)
    found = []
    for name in names:
        parts = _parts(name)
        if below and len(parts) > len(below) and parts[-len(below) :] == below:
            found.append(_unescaped(parse_dn(name, strip=True)[0][1]))
    return found


def _parts(name: str) -> list[tuple[str, str]]:
    try:
        return [(kind.lower(), value.lower()) for kind, value, _ in parse_dn(name, strip=True)]
    except LDAPInvalidDnError:
        return []


def _unescaped(value: str) -> str:
    """Return the value of a name without its escapes (RFC 4514, section 2.4)."""
    raw, place = bytearray(), 0
    while place < len(value):
        pair = value[place + 1 : place + 3]
        if value[place] != "\\":
            raw += value[place].encode()
            place += 1
        elif len(pair) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in pair):
            raw.append(int(pair, 16))
            place += 3
        else:
            raw += value[place + 1 : place + 2].encode()
            place += 2
    return raw.decode("utf-8", "replace")
