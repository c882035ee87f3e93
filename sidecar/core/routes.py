"""Which rule of the policy is about a request, and whether it lets a session pass.

A path pattern is compared segment by segment with the canonical path, which is also the one that
is forwarded, so that nothing is decided on another text than the upstream sees (cases S-14, S-24):

    *        within a segment any characters; alone, exactly one segment that is not empty
    **       as a whole segment: any number of segments, none included
    regex:…  a regular expression that must match the whole path

The first rule that matches decides. HEAD is matched like GET, whose head it asks for; header
fields that name another method never count (case S-22).
"""

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

from sidecar.core.policy import DEFAULT_ROUTE, Route
from sidecar.core.session import Session

REGEX = "regex:"
_DEEP = "**"
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
_NEVER_IN_A_PATH = frozenset("?#\\")
_ANYTHING_BUT = re.compile(r"\[\^[^\]]*\]")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_MEMO_ENTRIES = 4096
_MEMO_KEY_LENGTH = 512
"""Longer ones are matched anew each time, so that nobody fills our memory with long paths."""

PathTest = Callable[[str], object]
"""Truthy for a canonical path that the pattern is about."""


class RouteTable:
    """The routes of one policy, compiled. Answers are kept in a bounded table."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._rules = [_Rule(route) for route in routes]
        self._memo: dict[tuple[str, str, str], Route] = {}

    def match(self, method: str, host: str, path: str) -> Route:
        """Return the first route about the request, or the one that asks for sign-in.

        host: lower case, without port. path: canonical, without query.
        """
        key = (method, host, path)
        route = self._memo.get(key)
        return self._look_up(key) if route is None else route

    def _look_up(self, key: tuple[str, str, str]) -> Route:
        found = (rule.route for rule in self._rules if rule.is_about(*key))
        route = next(found, DEFAULT_ROUTE)
        if len(key[1]) + len(key[2]) <= _MEMO_KEY_LENGTH:
            if len(self._memo) >= _MEMO_ENTRIES:
                self._memo.clear()
            self._memo[key] = route
        return route


def permits(route: Route, session: Session | None) -> bool:
    """Say whether the route lets this session pass, or a request without one.

    For members, a role that is named or a higher one is enough, and so is one of the groups.
    """
    if route.allow == "anyone":
        return True
    if session is None:
        return False
    if route.allow == "signed_in":
        return True
    return any(session.role >= role for role in route.roles) or not route.groups.isdisjoint(
        session.groups
    )


def compile_path(pattern: str) -> PathTest:
    """Return the test for a path pattern. Raises ValueError for one that could never match."""
    # "[^;]" in an expression is true of every character that a path has, so it may stay.
    if ";" in (_ANYTHING_BUT.sub("", pattern) if pattern.startswith(REGEX) else pattern):
        raise ValueError(
            'has a ";", which never matches: paths are compared without their ";parameters" '
            f"(for an encoded one write %3B): {pattern!r}"
        )
    if pattern.startswith(REGEX):
        try:
            return re.compile(pattern.removeprefix(REGEX)).fullmatch
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
    if not pattern.startswith("/"):
        raise ValueError(f'must begin with "/" or "{REGEX}", not {pattern!r}')
    if not _NEVER_IN_A_PATH.isdisjoint(pattern):
        raise ValueError(f"is compared with the path alone, which has no ?, # or \\: {pattern!r}")
    segments = _ESCAPE.sub(_canonical, quote(pattern, safe=_PRINTABLE)).split("/")[1:]
    if "" in segments[:-1] or "." in segments or ".." in segments:
        raise ValueError(f'has an empty, "." or ".." segment, which no path has: {pattern!r}')
    if any(_DEEP in segment and segment != _DEEP for segment in segments):
        raise ValueError(f'"**" must be a whole segment, as in "/files/**": {pattern!r}')
    if "*" not in pattern:
        return ("/" + "/".join(segments)).__eq__
    return _SegmentTest([None if item == _DEEP else _segment(item) for item in segments])


def _canonical(escape: re.Match[str]) -> str:
    """Spell an escape as canonical paths do. Raises ValueError for one that none of them has."""
    digits = escape[1]
    if digits is None:
        raise ValueError('has a "%" that is not followed by two hexadecimal digits')
    character = chr(int(digits, 16))
    if character in "/\\*" or character < " " or character == "\x7f":
        raise ValueError(f"has %{digits}, which no path has")
    return f"%{digits.upper()}" if character in " ;?#%" or character > "~" else character


class _Rule:
    """One route with its path pattern compiled."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self._path = compile_path(route.path)
        self._hosts = frozenset(host for host in route.hosts if not host.startswith("*."))
        self._domains = tuple(host[1:] for host in route.hosts if host.startswith("*."))

    def is_about(self, method: str, host: str, path: str) -> bool:
        methods, wanted = self.route.methods, "GET" if method == "HEAD" else method
        if methods and method not in methods and wanted not in methods:
            return False
        if self.route.hosts and host not in self._hosts and not host.endswith(self._domains):
            return False
        return bool(self._path(path))


class _SegmentTest:
    """A pattern with wildcards. None stands for `**`.

    Only the last `**` passed is ever widened, which is enough for wildcards of this kind and
    keeps the work at (segments of pattern) x (segments of path), whatever a client sends.
    """

    def __init__(self, parts: list[re.Pattern[str] | None]) -> None:
        self._parts = parts

    def __call__(self, path: str) -> bool:
        parts, segments = self._parts, path.split("/")[1:]
        at, here, deep, widened = 0, 0, -1, 0
        while here < len(segments):
            part = parts[at] if at < len(parts) else None
            if part is not None and part.fullmatch(segments[here]):
                at, here = at + 1, here + 1
            elif part is None and at < len(parts):
                deep, widened = at, here
                at += 1
            elif deep >= 0:
                widened += 1
                at, here = deep + 1, widened
            else:
                return False
        return all(part is None for part in parts[at:])


def _segment(text: str) -> re.Pattern[str]:
    """Compile one segment. Atomic groups, so that many `*` cost no backtracking."""
    if text == "*":
        return re.compile(".+", re.DOTALL)
    first, *rest = (re.escape(part) for part in text.split("*"))
    if not rest:
        return re.compile(first)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)
