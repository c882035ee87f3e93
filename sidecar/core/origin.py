"""Which state-changing calls come from our own pages: the rule against cross-site requests.

A browser sets `Origin` and `Sec-Fetch-Site` itself and no page can forge them, so no form needs a
token, and the sign-in form needs no page that was fetched before (login CSRF, case S-83).
"""

from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def same_origin(
    origin: str | None,
    sec_fetch_site: str | None,
    public_origin: str,
    has_cookie: bool,
    has_bearer: bool,
) -> bool:
    """Say whether a state-changing call may be believed to be its holder's own.

    It is when its `Origin` is that of `public_origin`, when the browser says `same-origin`, or when
    it carries a bearer token and no cookie: no browser adds a bearer token by itself. A call with
    none of these is refused, as no browser of this decade sends one.
    origin: the `Origin` line; two lines joined by a comma match nothing, as no browser sends two.
    """
    if has_bearer and not has_cookie:
        return True
    if sec_fetch_site == "same-origin":
        return True
    return origin is not None and is_origin(origin, public_origin)


def is_origin(origin: str, public_url: str) -> bool:
    """Say whether the `Origin` names scheme, host and port of `public_url`."""
    ours = _parts(public_url)
    return ours is not None and _parts(origin, bare=True) == ours


def _parts(url: str, bare: bool = False) -> tuple[str, str, int] | None:
    """Return scheme, host and port, or None. bare: refuse what an `Origin` never has."""
    try:
        split = urlsplit(url)
        port = split.port or _DEFAULT_PORTS.get(split.scheme)
        host = (split.hostname or "").encode("idna" if not _is_literal(split.netloc) else "ascii")
    except ValueError:
        return None
    if split.scheme not in _DEFAULT_PORTS or not host or port is None or "@" in split.netloc:
        return None
    if bare and (split.path or split.query or split.fragment or not url.isascii()):
        return None
    return split.scheme, host.decode("ascii").lower(), port


def _is_literal(netloc: str) -> bool:
    """An IPv6 address has no labels, and the idna codec refuses names of odd length."""
    return netloc.startswith("[") or netloc.isascii()
