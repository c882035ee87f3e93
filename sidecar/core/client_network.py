"""What is counted as one client: its address, and of IPv6 the /64, which is one line's."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network


@lru_cache(4096)
def network_of(address: str) -> str:
    """Return what is counted as one client. What is no address (a client of a Unix socket) is
    empty, and so counts as one client."""
    try:
        if ":" not in address:
            return str(IPv4Address(address))
        parsed = IPv6Address(address)
    except ValueError:
        return ""
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed) >> 64 << 64, 64)))
