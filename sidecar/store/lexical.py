"""Indexes in the order of their members' bytes: names and addresses.

All scores are 0, so Redis keeps the members themselves in order, and all that begin alike are one
range. An address is its family, `4` or `6`, and all its hexadecimal digits: so a network is one
range too, from its first address to its last. Behind it come the handle and the class.

    names       al, NUL, handle, class            addresses   4c0000207, handle, class
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from socket import AF_INET, AF_INET6, inet_pton
from typing import NamedTuple

from sidecar.core.listing import Network, without_mapping
from sidecar.core.token import HANDLE_LENGTH
from sidecar.store.keys import CLASSES

_CLASS = 2
_TAIL = HANDLE_LENGTH + _CLASS
_NAMES = {name.encode(): name for name in CLASSES}
_AFTER_ALL_NAMES = "\U0010ffff"
_AFTER_ALL_HANDLES = "~"


class Bounds(NamedTuple):
    """Members from `lower` to below `upper`."""

    lower: str
    upper: str


def name_bounds(prefix: str) -> Bounds | None:
    """Return where canonical names that begin so are; None if none can."""
    if "\0" in prefix or not _is_text(prefix):
        return None
    return Bounds(prefix, prefix + _AFTER_ALL_NAMES)


def network_bounds(network: Network) -> Bounds:
    """Return where the addresses of a network are."""
    plain = without_mapping(network)
    first, last = plain.network_address, plain.broadcast_address
    return Bounds(_key(first), _key(last) + _AFTER_ALL_HANDLES)


def address_key(address: str) -> str | None:
    """Return a client's address as text that sorts; None for what is no address.

    lua/session_index.lua says the same.
    """
    try:
        if ":" in address:
            return f"6{inet_pton(AF_INET6, address).hex()}"
        return f"4{inet_pton(AF_INET, address).hex()}"
    except OSError:
        return None


def split_members(members: Iterable[bytes]) -> list[tuple[bytes, bytes, str]]:
    """Return what stands before the handle, the handle, and the class of each."""
    names = _NAMES
    return [(each[:-_TAIL], each[-_TAIL:-_CLASS], names[each[-_CLASS:]]) for each in members]


def _key(address: IPv4Address | IPv6Address) -> str:
    digits = address.packed.hex()
    return f"{address.version}{digits}"


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
