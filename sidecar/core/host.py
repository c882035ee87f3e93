"""The grammar of the Host field, and its one canonical form.

Accepted is what a name or address on a network can be: letters, digits, `-`, `.`, `_`, `~`, or an
IPv6 address in brackets, with an optional port. That is narrower than `uri-host` of RFC 3986,
whose reg-name also allows percent-encoding and sub-delimiters that no resolver takes but that
parsers behind us disagree about (case S-38).
"""

from ipaddress import AddressValueError, IPv6Address

_LONGEST = 255
_NAME = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-._~")
_TABLE_SIZE = 1024

_known: dict[bytes, str | None] = {}


def host_name(value: bytes) -> str | None:
    """Return the host of a Host field: lower case, without port, or None if it is not one.

    A final dot is left out, so that a rule about `admin.example` is also one about
    `admin.example.`. IPv6 addresses are in their shortest form, in brackets.
    """
    try:
        return _known[value]
    except KeyError:
        pass
    if len(value) > _LONGEST:
        return None
    if len(_known) >= _TABLE_SIZE:
        _known.clear()
    name = _known[value] = _parse(value)
    return name


def _parse(value: bytes) -> str | None:
    if value.startswith(b"["):
        literal, bracket, rest = value[1:].partition(b"]")
        if not bracket or not _is_port(rest):
            return None
        return _ipv6(literal)
    name, colon, port = value.partition(b":")
    lowered = name.lower()
    if not _NAME.issuperset(lowered) or not _is_port(colon + port):
        return None
    text = lowered.decode("ascii").removesuffix(".")
    labels = text.split(".")
    return text if all(labels) else None


def _ipv6(literal: bytes) -> str | None:
    if b"%" in literal or not literal.isascii():
        return None
    try:
        return f"[{IPv6Address(literal.decode('ascii')).compressed}]"
    except AddressValueError:
        return None


def _is_port(rest: bytes) -> bool:
    """Say whether `rest` is nothing, a colon alone (RFC 3986 3.2.3), or a colon and a port."""
    if not rest:
        return True
    digits = rest[1:]
    if rest[:1] != b":" or len(digits) > 5:
        return False
    return not digits or (digits.isdigit() and int(digits) <= 65535)
