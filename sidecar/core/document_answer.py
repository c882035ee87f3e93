"""Which answers of the upstream are pages that a script goes into, and how their fields change.

Only what a browser shows as a page: `text/html` with a status that has a body of its own, whole,
not as a download, in a coding that we read, and not declared untouchable (`no-transform`, RFC 9111
section 5.2.2.6). What the body then begins with decides for good (`html_place.py`).
"""

from collections.abc import Callable
from typing import NamedTuple

from sidecar.core.content_policy import Extended, extend
from sidecar.core.entity_tags import dated, marked
from sidecar.core.live_script import LiveScript

RawHeaders = tuple[tuple[bytes, bytes], ...]

_HTML = b"text/html"
_GZIP = frozenset((b"gzip", b"x-gzip"))
_PLAIN = frozenset((b"", b"identity"))
_BODILESS = frozenset((204, 205, 206))
_POLICY = b"content-security-policy"
_POLICY_ONLY = b"content-security-policy-report-only"
_OF_THE_BYTES = frozenset(
    (
        b"accept-ranges",
        b"content-digest",
        b"content-length",
        b"content-md5",
        b"digest",
        b"repr-digest",
    )
)
"""Fields that would be wrong of the page with the script."""

_CACHE = b"cache-control"
_OF_SHARED_CACHES = frozenset((b"cdn-cache-control", b"surrogate-control"))
_SHARING = frozenset((b"", b"public", b"s-maxage", b"proxy-revalidate"))

_NO_PARTS = (b"Accept-Ranges", b"none")
"""A browser must not complete its part of a page with the rest of another."""


class PageScript(NamedTuple):
    """What is to be put into the page that answers one request.

    origins: at which the browser may have the page. known: it has a copy with this script.
    """

    script: LiveScript
    origins: tuple[str, ...]
    known: bool
    new_nonce: Callable[[], str]


class Page(NamedTuple):
    """How an answer changes. gzip: the coding of its body; else it has none. charset: as its
    fields name it. fields: without the length."""

    gzip: bool
    charset: str
    tag: str
    fields: RawHeaders


def page_of(status: int, raw: RawHeaders, script: PageScript) -> Page | None:
    """Return how the answer changes if its body is a document, or None if it is left alone."""
    if status < 200 or 300 <= status < 400 or status in _BODILESS:
        return None
    found = _joined(raw)
    kind, _, parameters = found.get(b"content-type", b"").partition(b";")
    coding = found.get(b"content-encoding", b"").strip().lower()
    if (
        kind.strip().lower() != _HTML
        or (coding not in _PLAIN and coding not in _GZIP)
        or b"content-range" in found
        or not _is_shown(found.get(b"content-disposition", b""))
        or b"no-transform" in found.get(b"cache-control", b"").lower()
        or b"script" in found.get(b"integrity-policy", b"")
    ):
        return None
    policies = _extended(raw, script, script.new_nonce)
    if policies is None:
        return None
    return Page(
        coding in _GZIP,
        _charset(parameters),
        script.script.tag(policies.nonce),
        (*_changed(raw, policies, script.script.mark), _NO_PARTS),
    )


def confirmed(raw: RawHeaders, script: PageScript) -> RawHeaders:
    """Return the fields of a 304 about a copy with the script: a browser may put them in place of
    those that it has kept."""
    policies = _extended(raw, script, None)
    return raw if policies is None else tuple(_changed(raw, policies, script.script.mark))


def _joined(raw: RawHeaders) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in raw:
        lowered = name.lower()
        found[lowered] = found[lowered] + b", " + value if lowered in found else value
    return found


def _is_shown(disposition: bytes) -> bool:
    """Say whether it is shown in the tab. Any kind but `inline` is a download (RFC 6266)."""
    return disposition.partition(b";")[0].strip().lower() in (b"", b"inline")


def _charset(parameters: bytes) -> str:
    for parameter in parameters.split(b";"):
        name, _, value = parameter.partition(b"=")
        if name.strip().lower() == b"charset":
            return value.strip().strip(b"\"'").decode("latin-1")
    return ""


def _extended(
    raw: RawHeaders, script: PageScript, new_nonce: Callable[[], str] | None
) -> Extended | None:
    enforced = [value.decode("latin-1") for name, value in raw if name.lower() == _POLICY]
    reported = [value.decode("latin-1") for name, value in raw if name.lower() == _POLICY_ONLY]
    if not enforced and not reported:
        return Extended((), (), None)
    return extend(enforced, reported, script.script.needs(script.origins), new_nonce)


def _changed(raw: RawHeaders, policies: Extended, mark: bytes) -> list[tuple[bytes, bytes]]:
    enforced, reported = iter(policies.enforced), iter(policies.reported)
    fields, date, tagged, private = [], b"", False, False
    for name, value in raw:
        lowered = name.lower()
        if lowered in _OF_THE_BYTES or lowered in _OF_SHARED_CACHES:
            continue
        if lowered == _CACHE:
            value, alone = _unshared(value)
            private = private or alone
            if not value:
                continue
        if lowered == _POLICY:
            value = next(enforced).encode("latin-1")
        elif lowered == _POLICY_ONLY:
            value = next(reported).encode("latin-1")
        elif lowered == b"etag":
            value, tagged = marked(value, mark), True
        elif lowered == b"last-modified":
            date = value
        fields.append((name, value))
    if date and not tagged:
        fields.append((b"ETag", dated(date, mark)))
    if not private:
        fields.append((b"Cache-Control", b"private"))
    return fields


def _unshared(cache_control: bytes) -> tuple[bytes, bool]:
    """Return what it says to a browser, and whether it keeps shared caches away already.

    A page with the script is for whoever is signed in: out of a shared cache it would send those
    who are not to the sign-in page, also from a page that is open to anyone.
    """
    words = [(word, word.partition(b"=")[0].strip().lower()) for word in cache_control.split(b",")]
    kept = b",".join(word for word, name in words if name not in _SHARING)
    return kept.strip(), any(word.strip().lower() in (b"private", b"no-store") for word, _ in words)
