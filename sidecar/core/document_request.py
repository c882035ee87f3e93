"""Which requests are a browser's way to a page, and how the upstream is asked for one.

A page that a script of ours is put into must arrive in a coding that we read, and a copy of it that
the browser keeps must be one with the script (`entity_tags.py`).
"""

from sidecar.core.entity_tags import asked
from sidecar.core.headers import RawHeaders, RequestHead

_MARKERS = frozenset(
    (
        b"hx-request",
        b"turbo-frame",
        b"x-inertia",
        b"x-pjax",
        b"x-requested-with",
        b"x-up-target",
    )
)
"""What libraries send that put an answer into the page that is there already."""

_CODINGS = frozenset((b"gzip", b"x-gzip", b"*"))
_CONDITIONS = frozenset((b"if-none-match", b"if-modified-since"))


def may_be_document(method: str, request: RequestHead, *, navigation: bool) -> bool:
    """Say whether it may be worth looking: cheap, for every request. navigation: as is known."""
    return (navigation and method in ("GET", "POST")) or b"prefetch" in request.block


def is_document(method: str, request: RequestHead) -> bool:
    """Say whether what answers this will be a tab's whole page.

    Browsers say so themselves, also of a page that they fetch ahead of a click; older ones, or any
    over plain http, are known by what they accept, and then only GET counts.
    """
    if any(name.lower() in _MARKERS for name, _ in request.raw) or request.websocket:
        return False
    target = request.get(b"sec-fetch-dest")
    if target is None:
        return method == "GET" and b"text/html" in (request.accept or b"").lower()
    if target == b"empty":
        purpose = request.get(b"sec-purpose") or request.get(b"purpose") or b""
        return (
            method == "GET"
            and purpose.lower().startswith(b"prefetch")
            and request.sec_fetch_mode in (b"no-cors", b"navigate")
        )
    return target == b"document"


def asked_for(raw: RawHeaders, mark: bytes) -> tuple[RawHeaders, bool]:
    """Return the fields with which the upstream is asked for the page, and whether the browser
    has a copy with our script, made as `mark` says."""
    tags, known = None, False
    for name, value in raw:
        if name.lower() == b"if-none-match":
            tags, known = asked(value, mark)
    fields = []
    for name, value in raw:
        lowered = name.lower()
        if lowered == b"accept-encoding":
            fields.append((name, narrowed(value)))
        elif lowered not in _CONDITIONS or (lowered == b"if-modified-since" and known):
            fields.append((name, value))
    if tags is not None:
        fields.append((b"If-None-Match", tags))
    return tuple(fields), known


def narrowed(accept_encoding: bytes) -> bytes:
    """Return which of the codings that the browser reads we read, too: gzip, or none."""
    for item in accept_encoding.lower().split(b","):
        coding, _, weight = item.partition(b";")
        if coding.strip() in _CODINGS and not _is_zero(weight):
            return b"gzip"
    return b"identity"


def _is_zero(weight: bytes) -> bool:
    name, _, value = weight.partition(b"=")
    return name.strip() == b"q" and not value.strip().strip(b"0.")
