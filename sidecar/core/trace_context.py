"""Which trace a request belongs to: the field `traceparent`, read and written.

    00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
    version, trace, the caller's span, flags (bit 0: sampled)

A field that is not valid counts as not sent, and `tracestate` with it. Source: W3C Trace Context,
sections 3.2.2 and 4.3.
"""

import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(
    rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_SAMPLED = 1
_VISIBLE = re.compile(rb"[ -~]+")
_MOST_STATE = 1024
"""Longer states are dropped; at least 512 characters have to be passed on."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace of one request. Ids in lower-case hexadecimal.

    parent_id: the caller's span; empty where the trace begins with us. span_id, onward_id: of our
    span for the whole request, and for the upstream's part; empty where we take no part.
    """

    trace_id: str
    parent_id: str
    sampled: bool
    span_id: str = ""
    onward_id: str = ""


def read_trace(traceparent: bytes) -> Trace | None:
    """Return what a client's field says; None if it is not valid.

    Later versions may have more behind the flags, version 00 may not.
    """
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == b"00" and more is not None:
        return None
    sampled = bool(int(flags, 16) & _SAMPLED)
    return Trace(trace_id.decode("ascii"), parent_id.decode("ascii"), sampled)


def may_pass(tracestate: bytes) -> bool:
    """Say whether a client's `tracestate` may go on, beside a valid `traceparent`."""
    return len(tracestate) <= _MOST_STATE and _VISIBLE.fullmatch(tracestate) is not None


def onward_field(trace: Trace) -> bytes:
    """Return the line that tells the upstream that our span called it."""
    flags = "01" if trace.sampled else "00"
    return f"traceparent: 00-{trace.trace_id}-{trace.onward_id}-{flags}\r\n".encode("ascii")
