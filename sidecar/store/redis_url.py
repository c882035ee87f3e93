"""The parts of a Redis URL, also of one that names several hosts."""

import re
from urllib.parse import SplitResult, urlsplit

_PARTS = re.compile(r"([a-z+]+)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE)
"""Source: RFC 3986 appendix B."""


def split_redis_url(url: str) -> SplitResult:
    """Return the parts of `url`. Raises ValueError for a host that cannot be one.

    Newer versions of urlsplit (those with CVE-2025-0938 mended) take no `one:1,[::1]:2`.
    """
    found = _PARTS.fullmatch(url.strip())
    if found is None or "," not in found[2]:
        return urlsplit(url)
    scheme, netloc, path, query, fragment = (part or "" for part in found.groups())
    return SplitResult(scheme.lower(), netloc, path, query, fragment)


def hosts_of(parts: SplitResult, usual_port: int) -> list[tuple[str, int]]:
    """Return name and port of each host. Raises ValueError if one is none."""
    hosts = []
    for item in parts.netloc.rpartition("@")[2].split(","):
        address = urlsplit(f"//{item}")
        port = usual_port if address.port is None else address.port
        if not address.hostname or port == 0:
            raise ValueError("each host must read host:port")
        hosts.append((address.hostname, port))
    return hosts
