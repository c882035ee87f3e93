"""Addresses and networks as people write them: what is read is exactly what the pattern says, so
that a document which quotes the pattern is right."""

import re
from ipaddress import ip_network

from sidecar.core.listing import Network, without_mapping

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_PART = "[0-9A-Fa-f]{1,4}"
_V6 = "|".join(
    (
        "::",
        f"(?:{_PART}:){{7}}{_PART}",
        f"(?:{_PART}:){{1,7}}:",
        f":(?::{_PART}){{1,7}}",
        *(f"(?:{_PART}:){{1,{7 - n}}}(?::{_PART}){{1,{n}}}" for n in range(1, 7)),
        f"::(?:[Ff]{{4}}:)?{_V4}",
    )
)
NETWORK_PATTERN = (
    f"^(?:{_V4}(?:/(?:3[0-2]|[12]?[0-9]))?|(?:{_V6})(?:/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$"
)
"""An IPv4 or IPv6 address, or a network in CIDR notation (RFC 4632, RFC 4291)."""

_NETWORK = re.compile(NETWORK_PATTERN)


def read_network(text: str) -> Network:
    """Return the network; one address is a network of its own. Bits behind those of the network do
    not matter. Raises ValueError."""
    if not _NETWORK.fullmatch(text):
        raise ValueError("no address and no network")
    return without_mapping(ip_network(text, strict=False))
