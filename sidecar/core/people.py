"""What is asked about people, and what is changed in them: values and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sidecar.core.users import Role, Status, User

RESET_LASTS = timedelta(minutes=30)
"""How long a link to set a new password may be used, once."""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people; each part that is given narrows. prefix: how the username begins, in whatever
    spelling. status: as it is now, so that a ban or a lock that has lapsed is none."""

    prefix: str = ""
    role: Role | None = None
    status: Status | None = None


EVERYBODY = PeopleFilter()


class PeoplePage(NamedTuple):
    """total: how many there are in all, exactly."""

    users: Sequence[User]
    total: int


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What to change in a person; None leaves it as it is, an empty text or list clears it."""

    role: Role | None = None
    display_name: str | None = None
    email: str | None = None
    groups: tuple[str, ...] | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ResetLink:
    """token: what a link to set a new password carries behind its `#`, good once until it expires.
    The store keeps only a hash of it."""

    token: str = field(repr=False)
    expires_at: datetime
