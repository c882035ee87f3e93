"""Spans of time as people write them: `"500ms"`, `"15m"`, `"24h"`, `"30d"`."""

import re
from datetime import timedelta

SPAN_EXAMPLE = 'a span such as "500ms", "30s", "15m", "24h" or "30d"'
_SPAN = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
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
    try:
        return int(match[1]) * _UNITS[match[2]]
    except OverflowError:
        raise ValueError(f"is too long: {text!r}") from None


def write_span(span: timedelta) -> str:
    """Return the shortest text that `read_span` reads as `span`, in whole milliseconds."""
    for unit in ("d", "h", "m", "s"):
        if span and not span % _UNITS[unit]:
            return f"{span // _UNITS[unit]}{unit}"
    return f"{span // _UNITS['ms']}ms" if span else "0s"
