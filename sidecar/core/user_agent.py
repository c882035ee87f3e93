"""What a client calls itself: text from outside, made fit to be stored and shown."""

import re

LONGEST = 512
INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.,+\-Z]*)?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")


def clean_user_agent(raw: str) -> str:
    """Return the User-Agent as it may be stored and shown: valid UTF-8, 512 characters, one line.

    aiohttp keeps bytes that are no UTF-8 as lone surrogates, at which JSON encoders fail later, in
    somebody else's list. A value that is nothing but an instant is dropped, because clients that
    revive dates in JSON would turn it into one. Source: case S-88.
    """
    text = raw[: 4 * LONGEST].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = _CONTROLS.sub(" ", text).strip()[:LONGEST].rstrip()
    return "" if INSTANT.fullmatch(text) else text


def read_user_agent(raw: bytes | None) -> str:
    """Return the field's bytes as text that is fit to be stored."""
    return clean_user_agent(raw.decode("utf-8", "surrogateescape")) if raw else ""
