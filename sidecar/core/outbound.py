"""Where a webhook may be sent: to public addresses only, unless the settings allow others.

An endpoint is an address that an admin typed, and the product asks it from inside the network. So
a name is nothing to go by: what counts is the address that the connection goes to. Refused is what
the registries of IANA do not call globally reachable, and every form of IPv6 that carries an IPv4
address is looked at as that.
Source: OWASP SSRF Prevention Cheat Sheet; RFC 6890 and the IANA special-purpose registries.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from sidecar.core.listing import Network

LONGEST_URL = 2048

_REFUSED_V4 = tuple(
    map(
        ip_network,
        """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
        192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
        224.0.0.0/4 240.0.0.0/4""".split(),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""How a network without IPv4 reaches it (RFC 6052): the last 32 bits are the address."""

_TEXT = re.compile(r"[!-~]+")
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")


@dataclass(frozen=True, slots=True)
class OutboundRules:
    """allowed: networks that are none of the public ones, and may be reached all the same.
    allow_http: an endpoint may do without TLS."""

    allowed: Sequence[Network] = ()
    allow_http: bool = False

    def may_reach(self, address: str) -> bool:
        """Say whether a connection to that address may be made. What is no address may not."""
        try:
            target = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        meant = _meant(target)
        if any(
            one.version == net.version and one in net
            for one in {target, meant}
            for net in self.allowed
        ):
            return True
        if isinstance(meant, IPv4Address):
            return not any(meant in network for network in _REFUSED_V4)
        return meant in _GLOBAL_V6 and not any(meant in network for network in _REFUSED_V6)

    def url_fault(self, url: str) -> str | None:
        """Say what keeps an endpoint's URL from being used, or None. A name is looked up only when
        something is sent there."""
        if len(url) > LONGEST_URL or not _TEXT.fullmatch(url) or "\\" in url:
            return "Give a URL of visible ASCII characters, without blanks."
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            return "This is no URL."
        if parts.scheme != "https" and not (parts.scheme == "http" and self.allow_http):
            return "The URL has to begin with https://."
        if "@" in parts.netloc:
            return "The URL may hold no name and password: what is sent is signed."
        if parts.fragment:
            return "The URL may have no fragment."
        return self._host_fault(host)

    def _host_fault(self, host: str) -> str | None:
        try:
            ip_address(host)
        except ValueError:
            is_local = f".{host.rstrip('.')}".endswith(".localhost")
            if not _NAME.fullmatch(host):
                return "The URL has to name a host."
            if is_local and not self.may_reach("127.0.0.1"):
                return _NOT_PUBLIC
            return None
        return None if self.may_reach(host) else _NOT_PUBLIC


_NOT_PUBLIC = "This address is not public. Settings may allow it: webhooks.allow_private."


def _meant(target: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for."""
    if isinstance(target, IPv4Address):
        return target
    if target.ipv4_mapped is not None:
        return target.ipv4_mapped
    if target in _TRANSLATED:
        return IPv4Address(target.packed[-4:])
    return target
