"""Entity tags of pages that we have changed: told apart from those of the page as it came.

A browser keeps pages, and asks with If-None-Match whether they are still good. A copy of before
the script was put in, or one that a program of the page fetched, would be confirmed for ever, and
the tab would go without the script. So the tag of a changed page carries a mark, and only a copy
with the same mark is asked for; the application is asked with its own tag (RFC 9110 section 8.8).

    application: "abc"  ──▶  browser: W/"abc;s-live-1f09…"  ──▶  application: "abc"

A page that has no tag but a date gets one made of the date, so that its copies can be told apart,
too. The kind (s strong, w weak, d of the date) gives the application back what it has given.
"""

import re
from typing import NamedTuple

_TAG = re.compile(rb'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


class Conditions(NamedTuple):
    """What a copy may be asked for with. tags: If-None-Match; None: without it. known: the copy
    is one that we have changed, and just as we would now."""

    tags: bytes | None
    known: bool


def marked(tag: bytes, mark: bytes) -> bytes:
    """Return the tag of the changed page, always a weak one: not a byte of it is promised. What
    is no entity tag stays as it is."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return tag
    return b'W/"%b;%b-live-%b"' % (found[1], b"w" if tag.startswith(b"W/") else b"s", mark)


def dated(last_modified: bytes, mark: bytes) -> bytes:
    """Return a tag for a page that has a date only."""
    return b'W/"%b;d-live-%b"' % (b"".join(last_modified.split()), mark)


def asked(if_none_match: bytes, mark: bytes) -> Conditions:
    """Return what to ask the application with, given what the browser has."""
    tags, known = [], False
    for opaque in _TAG.findall(if_none_match):
        original, sign, kind = opaque.rpartition(b";")
        if not sign or kind[1:] != b"-live-" + mark:
            continue
        known = True
        if kind[:1] == b"s":
            tags.append(b'"%b"' % original)
        elif kind[:1] == b"w":
            tags.append(b'W/"%b"' % original)
    return Conditions(b", ".join(tags) if tags else None, known)
