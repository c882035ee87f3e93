"""What of a client's header fields the upstream may see, and what the front has to know of them.

Three rules, in this order, on the bytes that arrived:

1. Hop-by-hop fields go, and every field that Connection names. First, because a client may name
   an identity header there; ours are added later and so cannot be removed by it (case S-05).
2. Identity headers go: names that only we may set. Compared after lower-casing and mapping `_`
   and `.` to `-`, because servers behind us do the same (cases S-01, S-02).
3. What frames the message or signs the person in (Host, Cookie, Authorization, Content-Length, …)
   is handed over by name; the rest is kept byte for byte, in order.

The verdict on a name is looked up in a bounded table: names repeat, values do not.
"""

from typing import NamedTuple

from sidecar.core.field_names import HOP_BY_HOP, IDENTITY_NAMES, OWN_PREFIX, TOKEN, field_key
from sidecar.core.host import host_name
from sidecar.core.refusals import Refusal

RawHeaders = tuple[tuple[bytes, bytes], ...]
_TABLE_SIZE = 2048
_LONGEST_REMEMBERED = 64
_LONGEST_LENGTH = 18
_FRAMING = frozenset(
    (b"host", b"content-length", b"transfer-encoding", b"connection", b"upgrade", b"expect")
)
_ORDINARY = frozenset((b"close", b"keep-alive")) | _FRAMING
_TAKEN: dict[bytes, bytes | None] = {
    b"host": None,
    b"cookie": b"; ",
    b"authorization": None,
    b"content-length": None,
    b"transfer-encoding": b", ",
    b"expect": b", ",
    b"upgrade": b", ",
    b"connection": b", ",
    b"x-forwarded-for": b", ",
    b"traceparent": b", ",  # twice is never valid
    b"tracestate": b",",
}
"""Fields that are handed over by name, and what joins repeated ones; None: may come once only."""

_REPEATED = {b"host": Refusal.HOST_REPEATED, b"content-length": Refusal.LENGTH_INVALID}


class RequestHead:
    """The head of one request, sorted. What did not arrive keeps its default.

    block: the kept fields as they are written to the upstream, each with its CRLF. Not in it, and
    to be written by the front: Host, Cookie, Authorization, the trace and the length. raw: what
    arrived, cleaned; `get` looks there, for what only some requests are asked about.
    """

    __slots__ = (
        "authorization",
        "block",
        "connection",
        "content_length",
        "cookie",
        "expect",
        "forwarded_for",
        "host",
        "host_name",
        "raw",
        "traceparent",
        "tracestate",
        "transfer_encoding",
        "upgrade",
    )

    def __init__(self, raw: RawHeaders, block: bytes) -> None:
        self.raw = raw
        self.block = block
        self.host: bytes | None = None
        self.host_name: str | None = None
        self.cookie: bytes | None = None
        self.authorization: bytes | None = None
        self.content_length: int | None = None
        self.transfer_encoding: bytes | None = None
        self.traceparent: bytes | None = None
        self.tracestate: bytes | None = None
        self.expect: bytes | None = None
        self.upgrade: bytes | None = None
        self.connection: frozenset[bytes] = frozenset()
        self.forwarded_for: tuple[bytes, ...] = ()

    def get(self, name: bytes) -> bytes | None:
        """Return the field of that lower-case name, exactly so spelt; repeated ones joined by ", ".

        What proxies claim (X-Forwarded-Host, X-Original-URI, …) counts only from a trusted peer.
        """
        values = [value for key, value in self.raw if key.lower() == name]
        return b", ".join(values) if values else None

    @property
    def accept(self) -> bytes | None:
        return self.get(b"accept")

    @property
    def origin(self) -> bytes | None:
        return self.get(b"origin")

    @property
    def user_agent(self) -> bytes | None:
        return self.get(b"user-agent")

    @property
    def sec_fetch_site(self) -> bytes | None:
        return self.get(b"sec-fetch-site")

    @property
    def sec_fetch_mode(self) -> bytes | None:
        return self.get(b"sec-fetch-mode")

    @property
    def forwarded_host(self) -> bytes | None:
        return self.get(b"x-forwarded-host")

    @property
    def forwarded_proto(self) -> bytes | None:
        return self.get(b"x-forwarded-proto")

    @property
    def websocket(self) -> bool:
        """Say whether the client asks to speak WebSocket. Other upgrades are just not passed on."""
        return (
            self.upgrade is not None
            and b"upgrade" in self.connection
            and self.upgrade.lower() == b"websocket"
        )


class _Names(NamedTuple):
    """What is known of names: of kept ones their line's beginning; taken ones' lower-case form."""

    kept: dict[bytes, bytes]
    taken: dict[bytes, bytes]
    dropped: set[bytes]


_names: dict[frozenset[bytes], _Names] = {}
_tokens: dict[bytes, frozenset[bytes]] = {}


def forwardable(
    raw_headers: RawHeaders, identity: frozenset[bytes] = IDENTITY_NAMES
) -> RequestHead | Refusal:
    """Sort the client's fields, or say why they are refused.

    raw_headers: as the parser gives them, values without surrounding white space. identity: from
    `identity_names`; pass the same object each time, since a table of names hangs on it. A field
    that Connection names counts as not sent, except for those that frame the message.
    """
    values = b"".join([value for _, value in raw_headers])
    if not values.isascii() or b"\n" in values or b"\r" in values or b"\0" in values:
        cleaned = _clean(raw_headers)
        if isinstance(cleaned, Refusal):
            return cleaned
        raw_headers = cleaned
    head = _sort(raw_headers, identity)
    if isinstance(head, Refusal) or not head.connection:
        return head
    named = head.connection - _ORDINARY
    if named:
        rest = tuple(pair for pair in raw_headers if field_key(pair[0]) not in named)
        return _sort(rest, identity)
    return head


def connection_tokens(value: bytes) -> frozenset[bytes]:
    """Return the keys that a Connection field lists. Bounded table: there are few."""
    tokens = _tokens.get(value)
    if tokens is None:
        tokens = frozenset(field_key(token.strip(b" \t")) for token in value.split(b",")) - {b""}
        if len(value) <= _LONGEST_REMEMBERED:
            if len(_tokens) >= _TABLE_SIZE:
                _tokens.clear()
            _tokens[value] = tokens
    return tokens


def _clean(raw_headers: RawHeaders) -> RawHeaders | Refusal:
    """Refuse what is not UTF-8, and what would end a line; the parser lets none of the latter in.

    A User-Agent that is not UTF-8 is cleaned instead, since people cannot do anything about it.
    """
    pairs = []
    for name, value in raw_headers:
        if b"\n" in value or b"\r" in value or b"\0" in value:
            return Refusal.FIELD_VALUE
        try:
            value.decode()
        except UnicodeDecodeError:
            if name.lower() != b"user-agent":
                return Refusal.FIELD_ENCODING
            pairs.append((name, value.decode("utf-8", "replace").encode()))
        else:
            pairs.append((name, value))
    return tuple(pairs)


def _sort(raw_headers: RawHeaders, identity: frozenset[bytes]) -> RequestHead | Refusal:
    names = _names.get(identity)
    if names is None:
        names = _names[identity] = _Names({}, {}, set())
    kept, taken, dropped = names
    lines: list[bytes] = []
    found: dict[bytes, bytes] = {}
    for name, value in raw_headers:
        beginning = kept.get(name)
        if beginning is None and name not in dropped:
            field = taken.get(name)
            if field is None:
                judged = _judge(name, identity, names)
                if judged is None:
                    return Refusal.FIELD_NAME
                beginning, field = judged
            if field:
                if field in found:
                    joint = _TAKEN[field]
                    if joint is None:
                        return _REPEATED.get(field, Refusal.FIELD_REPEATED)
                    value = found[field] + joint + value
                found[field] = value
        if beginning:
            lines.append(beginning + value)
    lines.append(b"")
    return _fill(RequestHead(raw_headers, b"\r\n".join(lines)), found)


def _fill(head: RequestHead, found: dict[bytes, bytes]) -> RequestHead | Refusal:
    for field, value in found.items():
        match field:
            case b"host":
                head.host = value
                head.host_name = host_name(value)
                if head.host_name is None:
                    return Refusal.HOST_INVALID
            case b"cookie":
                head.cookie = value
            case b"connection":
                head.connection = connection_tokens(value)
            case b"content-length":
                if not value.isdigit() or len(value) > _LONGEST_LENGTH:
                    return Refusal.LENGTH_INVALID
                head.content_length = int(value)
            case b"x-forwarded-for":
                head.forwarded_for = (value,)
            case b"authorization":
                head.authorization = value
            case b"traceparent":
                head.traceparent = value
            case b"tracestate":
                head.tracestate = value
            case b"transfer-encoding":
                head.transfer_encoding = value
            case b"upgrade":
                head.upgrade = value
            case _:
                head.expect = value
    return head


def _judge(
    name: bytes, identity: frozenset[bytes], names: _Names
) -> tuple[bytes | None, bytes | None] | None:
    """Decide what becomes of fields of that name, and remember it. None: it is no name.

    A name of the framing or of a hop-by-hop field in another spelling (`Content_Length`) goes:
    servers that build environment variables from names would take it for the real one.
    """
    if not name or not TOKEN.issuperset(name):
        return None
    lowered, key = name.lower(), field_key(name)
    beginning = field = None
    if lowered in _TAKEN:
        field = lowered
    elif not (key in HOP_BY_HOP or key in _TAKEN or key in identity or key.startswith(OWN_PREFIX)):
        beginning = name + b": "
    if len(name) <= _LONGEST_REMEMBERED:
        if sum(map(len, names)) >= _TABLE_SIZE:
            for table in names:
                table.clear()
        if field:
            names.taken[name] = field
        elif beginning:
            names.kept[name] = beginning
        else:
            names.dropped.add(name)
    return beginning, field
