"""The parts of a Redis URL, also of one that names several hosts."""

import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

_PARTS = re.compile(r"([a-z+]+)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE)
"""Source: RFC 3986 appendix B."""

_TLS = frozenset({"ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname"})
_SINGLE = frozenset({"db", "username", "password"})
_OPTIONS = {
    "redis": _SINGLE,
    "rediss": _SINGLE | _TLS | {"ssl_keyfile"},
    "unix": _SINGLE,
    "redis+sentinel": frozenset({"db", "tls", "ssl_ca_certs"})
    | {"sentinel_username", "sentinel_password"},
    "redis+cluster": frozenset({"tls", "ssl_ca_certs"}),
}
"""What may stand behind the question mark, for each form."""


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


def path_of(parts: SplitResult) -> tuple[str, str]:
    """Return the name of the master and the number of the database, where the path has them."""
    if parts.scheme == "unix":
        return "", ""
    path = parts.path.strip("/")
    if parts.scheme != "redis+sentinel":
        return "", path
    name, _, number = path.partition("/")
    return name, number


def fault_behind_host(parts: SplitResult) -> str | None:
    """Say what is wrong after the hosts, or None. The words repeat nothing that may be secret."""
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    accepted = _OPTIONS[parts.scheme]
    if not options.keys() <= accepted:
        known = ", ".join(sorted(accepted))
        return f"must have nothing behind its ? but options of these names: {known}"
    numbers = [text for text in (path_of(parts)[1], options.get("db", "")) if text]
    if parts.scheme == "redis+cluster" and numbers not in ([], ["0"]):
        return "must name no database: a Redis Cluster has number 0 only"
    if not all(re.fullmatch(r"[0-9]{1,9}", text) for text in numbers):
        return "must name its database by a number, such as redis://host:6379/0"
    if len(set(numbers)) > 1:
        return "must name one database: its path and its option db differ"
    return None
