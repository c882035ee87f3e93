"""A password, proved and kept: what may come of an attempt, and who verifies and hashes."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from sidecar.core.ports import Known
from sidecar.core.session import Session


@dataclass(frozen=True, slots=True)
class Proven:
    """The password is right. known: whose it is, as they were when it was looked at."""

    known: Known = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrongCredentials:
    """The same for every name: unknown, wrong, and wrong for a banned one."""


@dataclass(frozen=True, slots=True)
class Locked:
    retry_after: timedelta


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The password is longer than any that could be set; nothing was computed from it."""


Proof = Proven | WrongCredentials | Locked | TooLarge


class PasswordProof(Protocol):
    async def prove(self, session: Session, password: str, ip_address: str) -> Proof:
        """Say whether this is the password of the session's holder. Counts to the lock."""
        ...


class PasswordHashing(Protocol):
    async def hash_password(self, password: str) -> str:
        """Return what the directory keeps. Raises when too many wait already."""
        ...
