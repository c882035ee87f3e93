"""No log of the whole suite has a secret in it: each product's is searched when it is closed.

Searched for is what the journeys of this process have used, as far as they came by here: passwords,
tokens and each part of one, values of cookies; and whatever has the shape of a secret of ours.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

_LEAST = 12
"""Shorter ones are words that a log may well have."""
_SHAPES = re.compile(
    r"1\.[\w-]+\.[\w-]{30}\.[\w-]{43}\.[\w-]{22}"  # a token
    r"|sst_[\w.-]{8,}"  # a bearer token
    r"|(?<![\w-])[\w-]{43}(?![\w-])"  # 256 bits: a session's secret, a link for a new password
    r"|(?i:__Host-)?sidecar(?:-device)?=[\w.-]{8,}"  # a cookie with its name
)
_HANDLE = 2
"""Which part of a token is in logs by right."""

_used: set[str] = set()


def note_password(password: str) -> None:
    """A journey signs in, or tries to, with this."""
    _note([password])


def note_cookie(value: str) -> None:
    """A journey has this cookie: of a token each part but the handle is secret, too."""
    parts = value.split(".")
    _note([value, *(part for at, part in enumerate(parts) if at != _HANDLE)])


def note_sent(body: str | None) -> None:
    """This is sent to the product, as JSON or as a form: note the passwords in it."""
    if not body:
        return
    try:
        given = json.loads(body)
    except ValueError:
        given = dict(parse_qsl(body))
    for name in ("password", "current", "new"):
        value = given.get(name) if isinstance(given, dict) else None
        if isinstance(value, str):
            note_password(value)


def secrets_in(log: str) -> list[str]:
    """Return what of all that is in the log, each once."""
    found = {secret for secret in _used if secret in log}
    return sorted(found | {match.group() for match in _SHAPES.finditer(log)})


def _note(texts: Iterable[str]) -> None:
    _used.update(text for text in texts if len(text) >= _LEAST)
