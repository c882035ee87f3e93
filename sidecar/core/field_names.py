"""Which names of header fields mean what, and how names are compared.

Names are compared after lower-casing and mapping `_` and `.` to `-`, because servers behind us that
build environment variables from them do the same (cases S-01, S-02).
"""

from collections.abc import Iterable

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"http2-settings",
        b"keep-alive",
        b"proxy",  # becomes HTTP_PROXY in CGI-like servers, which then send through it
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"trailers",
        b"transfer-encoding",
        b"upgrade",
    )
)
IDENTITY_NAMES = frozenset(
    (
        b"forwarded",
        b"x-forwarded-actor",
        b"x-forwarded-email",
        b"x-forwarded-for",
        b"x-forwarded-groups",
        b"x-forwarded-host",
        b"x-forwarded-method",
        b"x-forwarded-port",
        b"x-forwarded-preferred-username",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-forwarded-scheme",
        b"x-forwarded-server",
        b"x-forwarded-ssl",
        b"x-forwarded-uri",
        b"x-forwarded-user",
        b"x-original-host",
        b"x-original-method",
        b"x-original-uri",
        b"x-original-url",
        b"x-real-ip",
        b"x-rewrite-url",
        # What other gateways call the same: an application that was behind one of them may still
        # believe these, and we set none of them.
        b"remote-email",
        b"remote-groups",
        b"remote-name",
        b"remote-user",
        b"x-auth-request-email",
        b"x-auth-request-groups",
        b"x-auth-request-preferred-username",
        b"x-auth-request-user",
        b"x-authenticated-groups",
        b"x-authenticated-user",
        b"x-forwarded-role",
        b"x-forwarded-roles",
        b"x-remote-email",
        b"x-remote-group",
        b"x-remote-groups",
        b"x-remote-user",
        b"x-webauth-email",
        b"x-webauth-groups",
        b"x-webauth-user",
    )
)
"""Keys of the names that only we may set. Every `x-sidecar-…` is one, too."""

TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
OWN_PREFIX = b"x-sidecar-"

_TABLE_SIZE = 2048
_LONGEST_REMEMBERED = 64

_keys: dict[bytes, bytes] = {}


def field_key(name: bytes) -> bytes:
    """Return the form under which names are compared: lower case, `_` and `.` as `-`."""
    key = _keys.get(name)
    if key is None:
        key = name.lower().replace(b"_", b"-").replace(b".", b"-")
        if len(name) <= _LONGEST_REMEMBERED:
            if len(_keys) >= _TABLE_SIZE:
                _keys.clear()
            _keys[name] = key
    return key


def identity_names(configured: Iterable[str]) -> frozenset[bytes]:
    """Return the keys of all identity headers, with those that the settings name (case S-04)."""
    return IDENTITY_NAMES | {field_key(name.strip().encode("ascii")) for name in configured}
