"""By what a device is known again, so that a sign-in from another one is noticed.

A browser, and what wraps one, is known by a cookie of its own: many people have the same browser on
the same system, so its name tells nothing. The cookie holds random ids, one for each person who
signs in there. An id is made by us and for one person alone: one that somebody planted in a browser
is never adopted. Programs that keep no cookies, such as `curl`, are known by their name.

What is stored is a mark: the beginning of the SHA-256 of an id. It signs nobody in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sidecar.core.session import Device

MOST_IDS = 5
"""How many people may share a browser without being taken for new in turn."""

_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_LONGEST = MOST_IDS * 23
_MARK_LENGTH = 16
_WITHOUT_COOKIES = ("unknown", "bot")


@dataclass(frozen=True, slots=True)
class DeviceMarks:
    """known: under which of these the person may know the device. fresh: the one it gets if they
    know none."""

    known: tuple[str, ...]
    fresh: str


def read_device_ids(cookie: bytes | None) -> tuple[str, ...]:
    """Return the ids in the cookie's value; nothing for what we never wrote. Never raises."""
    if not cookie or len(cookie) > _LONGEST or not cookie.isascii():
        return ()
    ids = cookie.decode("ascii").split(".")
    return tuple(ids) if all(map(_ID.fullmatch, ids)) and len(ids) <= MOST_IDS else ()


def write_device_ids(ids: Sequence[str]) -> str:
    """Return the cookie's value; the newest ids, which come first, are those that stay."""
    return ".".join(ids[:MOST_IDS])


def marks_of(device: Device, ids: Sequence[str], fresh: str) -> DeviceMarks:
    """Return by what the device is known. ids: of its cookie. fresh: an id for a new one."""
    if device.type in _WITHOUT_COOKIES:
        by_name = _mark(f"name {device.label}")
        return DeviceMarks((by_name, *map(_mark, ids)), by_name)
    return DeviceMarks(tuple(map(_mark, ids)), _mark(fresh))


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_MARK_LENGTH]
