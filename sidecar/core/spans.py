"""Spans of time as people write them: `"500ms"`, `"15m"`, `"24h"`, `"30d"`."""

import re
from datetime import timedelta

SPAN_EXAMPLE = 'a span such as "500ms", "30s", "15m", "24h" or "30d"'
LONGEST_SPAN = timedelta(days=36_500)
"""So that no instant plus a span is beyond what a datetime can hold."""

_SPAN = re.compile(r"([0-9]{1,13})(ms|s|m|h|d)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def read_span(text: str) -> timedelta:
    """Return the span: one whole number and one unit. Raises ValueError naming the form."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"must be {SPAN_EXAMPLE}, not {text!r}")
    number, unit = int(match[1]), _UNITS[match[2]]
    if number > LONGEST_SPAN // unit:
        raise ValueError(f"is longer than {LONGEST_SPAN.days}d: {text!r}")
    return number * unit


def write_span(span: timedelta) -> str:
    """Return the span in the largest unit that says it exactly; 60 minutes stay `"60m"`, which is
    what people write. What is finer than a millisecond is cut."""
    milliseconds = span // _UNITS["ms"]
    for unit, least in (("d", 2), ("h", 2), ("m", 1), ("s", 1)):
        size = _UNITS[unit] // _UNITS["ms"]
        if milliseconds % size == 0 and milliseconds >= least * size:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
