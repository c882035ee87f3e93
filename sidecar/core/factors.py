"""Second factors: what a person proves beside the password, and the ports to what keeps them.

A factor counts from its first right code. Each time step of an app's codes opens something once,
and so does each recovery code. What is asked for after a right password is a challenge: it is good
for one answer, for some minutes, and says in the store alone whose it is and what was proved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from sidecar.core.audit import Actor
from sidecar.core.session import Handle
from sidecar.core.users import Role, User, UserId

CHALLENGE_LASTS = timedelta(minutes=5)
"""How long somebody may take from the right password to the right code."""
ENROLMENT_LASTS = timedelta(minutes=15)
"""How long somebody may take to set up an app, from its secret to the first code."""


class FactorKind(StrEnum):
    TOTP = "totp"


@dataclass(frozen=True, slots=True)
class Factor:
    """id: unique among those of its person."""

    id: str
    kind: FactorKind
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Factors:
    """What one person has. recovery_codes: how many are left."""

    items: tuple[Factor, ...] = ()
    recovery_codes: int = 0


@dataclass(frozen=True, slots=True)
class Totp:
    """An app that makes codes. secret: of RFC 6238. last_step: the newest time step that was
    accepted. mark: says of what is kept whether it is this secret still."""

    secret: bytes = field(repr=False)
    last_step: int
    mark: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What one answer is about. purpose: `code` asks for one after the right password, `enrol` for
    the first of an app that has to be set up before anything opens, `account` for the first of one
    that a signed-in person sets up. password_number: of the password that was proved. end_session:
    chosen at the cap. secret: of the app that is being set up."""

    purpose: Literal["code", "enrol", "account"]
    user_id: UserId
    password_number: int
    expires_at: datetime
    end_session: Handle | None = None
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Qr:
    """A picture of square dots. size: of its sides, quiet zone and all. path: the dark ones, as
    the `d` of an SVG path in those units."""

    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A new app to set up. secret: for typing, uri: for the app, qr: the same to be scanned. All
    of it is shown this once."""

    challenge: str = field(repr=False)
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr: Qr = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """It counts from now on. recovery_codes: shown this once; none if there are some already."""

    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrongCode:
    """challenge: to try again with."""

    challenge: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChallengeInvalid:
    """Used, too old, somebody else's or made up."""


EnrolResult = Enrolled | WrongCode | ChallengeInvalid


class FactorBook(Protocol):
    """Where factors are kept. Every change is audited in the same step; all that change something
    raise NoSuchUser, every method raises StoreUnavailable."""

    async def of(self, user_id: UserId) -> Factors:
        """Return what somebody has; nothing for nobody."""
        ...

    async def totp(self, user_id: UserId) -> Totp | None: ...
    async def add_totp(
        self,
        user_id: UserId,
        secret: bytes,
        step: int,
        digests: Sequence[str],
        actor: Actor,
        *,
        replace: bool,
    ) -> bool | None:
        """Let the app count. step: of its first code. digests: of recovery codes, for somebody who
        has none. replace: instead of one that there may be. Returns whether the recovery codes were
        taken; None, and nothing is changed: there is one, and it is not to be replaced."""
        ...

    async def use_totp(self, user_id: UserId, totp: Totp, step: int) -> bool:
        """Accept a time step, once. False: it or a later one was, or the app is another now."""
        ...

    async def use_recovery_code(self, user_id: UserId, digest: str, actor: Actor) -> bool:
        """Use a recovery code up; False: there is no such one."""
        ...

    async def renew_recovery_codes(
        self, user_id: UserId, digests: Sequence[str], actor: Actor
    ) -> bool:
        """Put these in the place of all others. False: without a factor there are none."""
        ...

    async def remove(
        self, user_id: UserId, factor_id: str, actor: Actor, *, keep_last: bool
    ) -> bool:
        """Take one away; with the last one go the recovery codes. One that is not there is away.
        False: it is the last one, and that is to stay."""
        ...

    async def remove_all(self, user_id: UserId, actor: Actor, *, highest: Role) -> User:
        """Take all away, by somebody of that role. Raises Outranked. One who has none gets no
        entry."""
        ...

    async def give_challenge(self, challenge: Challenge) -> str:
        """Return the one text that answers it; the store cannot tell it."""
        ...

    async def take_challenge(self, text: str) -> Challenge | None:
        """Use a challenge up. None: it was, or never was one, or is too old."""
        ...


class Enrolment(Protocol):
    """How a signed-in person sets up an app (`login/enrolment.py`)."""

    async def begin(self, user_id: UserId, username: str) -> Offer: ...
    async def confirm(
        self, user_id: UserId, challenge: str, code: str, actor: Actor
    ) -> EnrolResult: ...
    async def new_codes(self, user_id: UserId, actor: Actor) -> tuple[str, ...] | None:
        """Make recovery codes anew; None: without a factor there are none."""
        ...
