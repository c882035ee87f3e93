"""What may stand in a log: nothing that is a secret, nothing that breaks a line, nothing endless.

The last line of defence. Code that logs names handles and counts; should a header, an error or a
library bring a secret along all the same, it stops here (cases S-88, S-89).
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice
from pathlib import PurePath
from types import TracebackType

HIDDEN = "[hidden]"
MAX_TEXT = 2048
_MAX_SEEN = 2 * MAX_TEXT
_MAX_ITEMS = 32
_MAX_DEPTH = 4
_MAX_FRAMES = 12
_SECRET_NAME = re.compile(
    r"authorization|cookie|token|passw|secret|credential|assertion|(api|private)_?key",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"1\.[\w-]+\.[\w-]{30}\.[\w-]{43}\.[\w-]{22}"  # a token of ours
    r"|sst_[\w.-]+"  # a bearer token of ours
    r"|eyJ[\w-]++\.[\w-]++\.[\w-]*"  # a JWT
    r"|(?P<harmless>eyJ[\w-]*+)"  # none: passed over at once, not looked at from each `eyJ` in it
    r"|(?<=://)[^/@\s]*(?=@)"  # the password in a URL
    r"|(?i:\b(?:basic|bearer)\s+)[\w.~+/=-]+"
)
_SECRET_BEGUN = re.compile(r"(?:1\.[\w-]|eyJ|://)[^\s/]*\Z")
_SECRET_WORD = re.compile(
    r"\b(?:proxy-)?(authorization|set-cookie|cookie|password|passwd|secret|token)\b['\"]?\s*[:=]",
    re.IGNORECASE,
)
_SHOWN_AS_TEXT = (PurePath, IPv4Address, IPv6Address, IPv4Network, IPv6Network)

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def clean(name: str, value: object, depth: int = 0) -> Json:
    """Return what may be written for `value` under `name`. Never raises, never calls `repr`."""
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, Enum):
        return clean(name, value.value, depth)
    match value:
        case str():
            return clean_text(value)
        case int():
            return int(value) if abs(value) < 1 << 53 else str(value)[:MAX_TEXT]
        case float():
            return float(value) if math.isfinite(value) else str(value)
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} bytes]"
        case datetime():
            return instant(value)
        case timedelta():
            return value.total_seconds()
        case BaseException():
            return kind_of(value)
    if isinstance(value, _SHOWN_AS_TEXT):
        return clean_text(str(value))
    return _clean_container(name, value, depth)


def clean_text(text: str) -> str:
    """Return `text` without what looks like a secret, cut to a bearable length, as valid UTF-8.

    Secrets are hidden before the cut, so that none is left in part where the cut goes through it.
    What is looked at is bounded too: there a secret that goes on beyond the bound is hidden by how
    it begins.
    """
    seen = text[:_MAX_SEEN]
    found = _SECRET_WORD.search(seen)
    kept = hide_secrets(seen if found is None else seen[: found.end()] + HIDDEN)
    if len(seen) < len(text) and found is None:
        kept = _SECRET_BEGUN.sub(HIDDEN, kept)
    if len(seen) < len(text) or len(kept) > MAX_TEXT:
        kept = f"{kept[:MAX_TEXT]}…[{len(text)} characters]"
    return kept.encode("utf-8", "replace").decode("utf-8")


def hide_secrets(text: str) -> str:
    """Return `text` without what has the shape of a secret: a token, also one in a path."""
    return _SECRET_TEXT.sub(lambda found: found["harmless"] or HIDDEN, text)


def clean_error(error: BaseException) -> dict[str, Json]:
    """Say what failed and where, without the values that took part.

    A message is kept only where it is ours or the operating system's: any other may hold the very
    bytes that were refused.
    """
    about: dict[str, Json] = {"error": kind_of(error)}
    if isinstance(error, OSError) and error.strerror:
        about["problem"] = clean_text(str(error.strerror))
    elif type(error).__module__.partition(".")[0] == "sidecar":
        about["problem"] = clean_text(str(error))
    about["where"] = _frames(error.__traceback__)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        about["cause"] = kind_of(cause)
    return about


def kind_of(error: BaseException) -> str:
    """Return the name of the exception's class, with its module unless it is built in."""
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def instant(moment: datetime) -> str:
    """Return the instant as RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clean_container(name: str, value: object, depth: int) -> Json:
    if depth >= _MAX_DEPTH:
        return "[too deep]"
    if isinstance(value, Mapping):
        pairs = islice(value.items(), _MAX_ITEMS)
        return {clean_text(str(key)): clean(str(key), item, depth + 1) for key, item in pairs}
    if isinstance(value, list | tuple | set | frozenset):
        items: Iterable[object] = islice(value, _MAX_ITEMS)
        return [clean(name, item, depth + 1) for item in items]
    return f"[{type(value).__name__}]"


def _frames(trace: TracebackType | None) -> list[Json]:
    frames: list[Json] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        file = "/".join(PurePath(code.co_filename).parts[-3:])
        frames.append(f"{file}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-_MAX_FRAMES:]
