"""People: their role and status, and the one canonical form of a username."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

UserId = NewType("UserId", str)


class Role(IntEnum):
    """Ordered: a higher role may do all that a lower one may."""

    USER = 0
    VIEWER = 1
    ADMIN = 2
    OWNER = 3

    @property
    def word(self) -> str:
        """The name in JSON, TOML and on the command line."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "Role":
        """Return the role of that name. Raises ValueError naming the accepted ones."""
        try:
            return cls[word.upper()] if word == word.lower() else cls[""]
        except KeyError:
            accepted = ", ".join(role.word for role in cls)
            raise ValueError(f"unknown role {word!r}: one of {accepted}") from None


class Status(StrEnum):
    ACTIVE = "active"
    BANNED = "banned"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class User:
    """A person in the directory, without credentials.

    status is what is stored (active or banned); locked is derived from the throttle when shown.
    password_number: how often the password was set, so that a sign-in with an older one is noticed.
    external_id: what the provider calls them that keeps them up to date.
    second_factor: there is one, without which the password opens nothing.
    """

    id: UserId
    username: str
    role: Role
    created_at: datetime
    display_name: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()
    banned: bool = False
    ban_reason: str = ""
    banned_until: datetime | None = None
    last_login_at: datetime | None = None
    must_change_password: bool = False
    password_number: int = 0
    external_id: str = ""
    second_factor: bool = False

    def is_banned(self, now: datetime) -> bool:
        """Say whether a ban is in force at `now`; one with an end lapses by itself."""
        return self.banned and (self.banned_until is None or now < self.banned_until)


def canonical_name(name: str) -> str:
    """Return the one key under which a name is stored, counted and locked.

    `Alice`, `alice` and `ALICE ` are one person, so that alternating between them wins no extra
    guesses and no second account (case S-12, S-77). NFKC also folds full-width look-alikes.
    """
    return unicodedata.normalize("NFKC", name).strip().casefold()


LONGEST_NAME = 128
"""Code points of a username, as given."""

_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols that show nothing (Default_Ignorable_Code_Point of Unicode, and the
empty Braille cell), and that Python calls printable: `root` with one of them is another `root`."""
_LIKE_AT = frozenset("\N{FULLWIDTH COMMERCIAL AT}\N{SMALL COMMERCIAL AT}")


def name_fault(name: str) -> str | None:
    """Say what is wrong with a new username, to be read after "the name"; None if nothing is.

    It goes into header fields, lists and logs: no control characters, nothing that is invisible or
    turns text around, and not what two tools would read as two names (case S-11).
    """
    if not name.strip():
        return "must not be empty"
    if len(name) > LONGEST_NAME:
        return f"must have at most {LONGEST_NAME} characters"
    if not name.isprintable() or _BLANK.search(name):
        return "must not hold characters that cannot be seen"
    if name.count("@") > 1 or not _LIKE_AT.isdisjoint(name):
        return "must not hold more than one @, and no sign that only looks like one"
    return None
