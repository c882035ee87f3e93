"""Where a person may be sent after signing in: a path on this origin, and nothing else.

A browser does not read `Location` as RFC 3986 does but as the WHATWG URL standard does: leading
and trailing controls and spaces are dropped, tabs and line feeds vanish from anywhere, a backslash
is a slash, and `//` or `/\\` begins an authority. So the rule is not "parse it and compare hosts"
but "let through only what no parser can read as anything else than a path": an ASCII path that
begins with one slash, without controls, backslashes or dot segments, also once it is decoded.
Source: WHATWG URL, "basic URL parser", states no-scheme to path; CWE-601; case S-82.
"""

import re
from urllib.parse import quote, unquote

HOME = "/"
LONGEST = 2048
_SAFE_IN_PATH = "/:@!$&'()*+,;=-._~%"
_SAFE_IN_REST = _SAFE_IN_PATH + "?#[]"
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DECODINGS = 3


def safe_return_to(value: str | None) -> str:
    """Return `value` if it can only be a path on this origin, else the home path.

    The answer is ASCII, begins with exactly one slash and is at most 2048 characters long.
    """
    if value is None or not 0 < len(value) <= LONGEST or not value.startswith("/"):
        return HOME
    path, mark, rest = _split(value)
    if not _is_plain_path(path) or _has_control(rest) or _BROKEN_ESCAPE.search(path):
        return HOME
    try:
        safe = quote(path, safe=_SAFE_IN_PATH) + mark + quote(rest, safe=_SAFE_IN_REST)
    except UnicodeEncodeError:
        return HOME
    return safe if len(safe) <= LONGEST else HOME


def _split(value: str) -> tuple[str, str, str]:
    """Return the path, the `?` or `#` that ends it, and what follows."""
    end = next((at for at, character in enumerate(value) if character in "?#"), len(value))
    return value[:end], value[end : end + 1], value[end + 1 :]


def _is_plain_path(path: str) -> bool:
    """Say whether `path` stays what it looks like, however often somebody decodes it.

    Upstreams decode once, some proxies before them once more: a path that turns into `//host` or
    climbs by `..` on the way is no path that a person can have come from.
    """
    for _ in range(_DECODINGS):
        if _has_control(path) or "\\" in path or path[1:2].strip(" /") != path[1:2]:
            return False
        if any(segment.strip(" ") in (".", "..") for segment in path.split("/")):
            return False
        decoded = unquote(path, errors="surrogateescape")
        if decoded == path:
            return True
        path = decoded
    return False


def _has_control(text: str) -> bool:
    """Say whether `text` holds what browsers drop or what could split a header line."""
    return any(
        character < " " or "\x7f" <= character <= "\xa0" or character in "\u2028\u2029\ufeff"
        for character in text
    )
