"""Our cookies among those of the application: which are ours, and what is left without them.

Ours are the session's cookie, `__Host-sidecar` (`sidecar` on plain HTTP), and every `sidecar-…` and
`__Host-sidecar-…`. A name is taken for ours in any case and with any of the browsers' prefixes, so
that the upstream neither sees nor sets one that a browser or a server might mix up with ours
(RFC 6265bis compares prefixes without regard to case; cases S-49, S-51). Only the exact name is
ever read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sidecar.core.token import Credential, read_token

SECURE_NAME = "__Host-sidecar"
PLAIN_NAME = "sidecar"
_STEM = b"sidecar"
_PREFIXES = (b"__host-http-", b"__host-", b"__secure-", b"__http-")
_WHITE = b" \t"
_TABLE_SIZE = 1024
_LONGEST_REMEMBERED = 2048
LONGEST_TOKEN = 256


class TakenCookies(NamedTuple):
    """value: ours, if there was one. contradictory: there were two different ones. rest: the
    others, each byte for byte and in order; None if there are none."""

    value: bytes | None
    contradictory: bool
    rest: bytes | None


class CookieFacts(NamedTuple):
    """What a Cookie field says. forged: there was a cookie of ours that is not genuine."""

    credential: Credential | None
    forged: bool
    rest: bytes | None


_NOTHING = CookieFacts(None, False, None)


def is_own_cookie(name: bytes) -> bool:
    """Say whether a cookie of that name is ours, in whatever case and with whatever prefix."""
    lowered = name.strip(_WHITE).lower()
    for prefix in _PREFIXES:
        if lowered.startswith(prefix):
            lowered = lowered[len(prefix) :]
            break
    return lowered == _STEM or lowered.startswith(b"sidecar-")


def take_cookie(cookie_lines: Sequence[bytes], name: bytes) -> TakenCookies:
    """Take our cookies out of the Cookie fields. name: the exact name of the session's cookie."""
    values: set[bytes] = set()
    kept: list[bytes] = []
    removed_first = False
    for line in cookie_lines:
        if _STEM not in line.lower():
            kept.append(line)
            continue
        parts = line.split(b";")
        own = [_is_own_pair(part) for part in parts]
        removed_first = own[0]
        values.update(
            value.strip(_WHITE)
            for key, _, value in (part.partition(b"=") for part in parts)
            if key.strip(_WHITE) == name
        )
        rest = b";".join(part for part, ours in zip(parts, own, strict=True) if not ours)
        rest = rest.lstrip(_WHITE) if removed_first else rest
        if rest.strip(_WHITE + b";"):
            kept.append(rest)
    value = next(iter(values)) if len(values) == 1 else None
    return TakenCookies(value, len(values) > 1, b"; ".join(kept) if kept else None)


def _is_own_pair(pair: bytes) -> bool:
    """Say whether a pair is ours; one without a name is if its value reads like a pair of ours."""
    name, _, value = pair.partition(b"=")
    if name.strip(_WHITE):
        return is_own_cookie(name)
    return is_own_cookie(value.partition(b"=")[0])


def sets_own_cookie(set_cookie: bytes) -> bool:
    """Say whether a Set-Cookie field would set one of our cookies, by name or without one."""
    return _STEM in set_cookie.lower() and _is_own_pair(set_cookie.partition(b";")[0])


class CookieTable:
    """Reads Cookie fields, and remembers what the last ones said; never what was decided.

    keys: returns the accepted keys, another mapping when they change; then all that was
    remembered is forgotten.
    """

    def __init__(self, keys: Callable[[], Mapping[str, bytes]], secure: bool) -> None:
        self.name = SECURE_NAME if secure else PLAIN_NAME
        self._name = self.name.encode("ascii")
        self._keys = keys
        self._seen = keys()
        self._read_with: dict[str, bytes] = dict(self._seen)
        self._known: dict[bytes, CookieFacts] = {}

    @property
    def keys(self) -> Mapping[str, bytes]:
        return self._keys()

    def read(self, raw: bytes | None) -> CookieFacts:
        """Return what a Cookie field says. raw: several fields joined by "; ". Never raises."""
        if raw is None:
            return _NOTHING
        keys = self._keys()
        if keys is not self._seen:
            self._seen = keys
            if keys != self._read_with:
                self._known.clear()
                self._read_with = dict(keys)
        facts = self._known.get(raw)
        if facts is None:
            facts = self._parse(raw)
            if len(raw) <= _LONGEST_REMEMBERED:
                if len(self._known) >= _TABLE_SIZE:
                    self._known.clear()
                self._known[raw] = facts
        return facts

    def _parse(self, raw: bytes) -> CookieFacts:
        value, contradictory, rest = take_cookie((raw,), self._name)
        credential = None
        if value is not None and len(value) <= LONGEST_TOKEN and value.isascii():
            credential = read_token(value.decode("ascii"), self._read_with)
        forged = contradictory or (value is not None and credential is None)
        return CookieFacts(credential, forged, rest)
