"""How a request is framed: version, method, Host, and which bytes are its body.

The parser has refused what is malformed; these are the cases that it lets through, or lets through
in one of its modes. One interpretation, or none: what two servers could read in two ways is
refused (RFC 9112 sections 3.2, 6.1, 6.3; cases S-23, S-26 to S-30, S-37, S-38, S-40).
"""

from sidecar.core.headers import RequestHead
from sidecar.core.refusals import Refusal

METHODS = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PURGE"),
        *("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH", "REPORT"),
        *("MKCALENDAR", "ACL", "BIND", "UNBIND", "REBIND", "MKACTIVITY", "CHECKOUT", "MERGE"),
        *("LINK", "UNLINK", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE"),
    )
)
"""What is passed on, where a route allows it: no TRACE, no CONNECT, nothing unheard of."""


def framing_fault(method: str, version: tuple[int, int], head: RequestHead) -> Refusal | None:
    """Say what is wrong with how the request is framed, or None. version: major, minor."""
    if version != (1, 1) and version != (1, 0):
        return Refusal.VERSION
    if method not in METHODS:
        return Refusal.METHOD
    if head.host is None and version == (1, 1):
        return Refusal.HOST_MISSING
    if head.transfer_encoding is not None:
        fault = _coding_fault(head.transfer_encoding, version, head)
        if fault is not None:
            return fault
    # A 1.0 client cannot expect anything (RFC 9110 section 10.1.1): the field is not passed on.
    if head.expect is not None and version == (1, 1) and head.expect.lower() != b"100-continue":
        return Refusal.EXPECTATION
    return None


def _coding_fault(value: bytes, version: tuple[int, int], head: RequestHead) -> Refusal | None:
    codings = [coding.strip(b" \t") for coding in value.lower().split(b",")]
    if codings[-1] != b"chunked" or codings.count(b"chunked") > 1:
        return Refusal.CODING_INVALID
    if version == (1, 0):
        return Refusal.CODING_IN_1_0
    if head.content_length is not None:
        return Refusal.LENGTH_AND_CODING
    return Refusal.CODING_UNKNOWN if len(codings) > 1 else None
