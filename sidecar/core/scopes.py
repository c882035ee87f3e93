"""What software may ask for that acts for a person: methods and path patterns, as short texts.

    GET /reports/**          that method (HEAD too) below that path
    GET,POST /orders/*      either of them
    * /wiki/**               every method

A path is a pattern as in the policy's routes (`routes.py`), without expressions: these come from
everybody. A scope only ever narrows. Each request is also held against the rule of the policy that
is about it, for the role and groups of the person: what the person may not do, no scope allows.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from sidecar.core.routes import PathTest, RouteTable, compile_path, permits
from sidecar.core.session import Session

MOST_SCOPES = 32
LONGEST_SCOPE = 256
ANY = "*"
_METHODS = re.compile(r"\*|[A-Z]{1,16}(,[A-Z]{1,16}){0,7}")


def scope_fault(text: str) -> str | None:
    """Say what is wrong with a scope, in words for whoever wrote it; None if nothing is."""
    methods, _, path = text.partition(" ")
    if not _METHODS.fullmatch(methods) or not path.startswith("/"):
        return 'Write methods and a path, such as "GET /reports/**" or "* /wiki/*".'
    try:
        compile_path(path)
    except ValueError as error:
        return f"The path {error}."
    return None


def covers(scopes: Sequence[str], method: str, path: str) -> bool:
    """Say whether one of the scopes is about the request. path: canonical, without query."""
    return any(_is_about(scope, method, path) for scope in scopes)


def is_beyond(scope: str, session: Session, routes: RouteTable, host: str) -> bool:
    """Say whether the session's person may not go where the scope leads: for none of the methods
    does the policy's rule about an address of that form let them pass.

    Said when the scope is given, so that nobody waits for what will never be allowed. What decides
    is each request. Pre-condition: no scope_fault.
    """
    methods, _, path = scope.partition(" ")
    named = ("GET", "POST") if methods == ANY else methods.split(",")
    address = path.replace("**", "-").replace(ANY, "-")
    return not any(permits(routes.match(method, host, address), session) for method in named)


def _is_about(scope: str, method: str, path: str) -> bool:
    methods, test = _compiled(scope)
    wanted = "GET" if method == "HEAD" else method
    return (methods is None or method in methods or wanted in methods) and bool(test(path))


@lru_cache(maxsize=4096)
def _compiled(scope: str) -> tuple[frozenset[str] | None, PathTest]:
    methods, _, path = scope.partition(" ")
    return None if methods == ANY else frozenset(methods.split(",")), compile_path(path)
