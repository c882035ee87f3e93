"""Passwords that a directory proves, beside those that are kept here.

A name that has a password here is checked here and nowhere else; what was typed for it is never
sent on. Everybody else is looked for in all directories at once, and bound to in the first that
knows them. For a name that is kept here, or known nowhere, the same is asked about nobody: neither
the answer nor its time tells them apart (case S-76).

A directory may know somebody by more than one name, or by one that is written in many ways: guesses
count to the name that it says they have, too (case S-77).
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sidecar.core.audit import Actor
from sidecar.core.opening import ProviderEnded
from sidecar.core.policy import Policy
from sidecar.core.ports import Attempt, Clock, StoreUnavailable, Throttle
from sidecar.core.proof import Locked
from sidecar.core.provided import Account, ProviderBook, ProviderSession
from sidecar.core.session import Session
from sidecar.core.users import canonical_name, name_fault
from sidecar.login.entering import CapReached, IsBanned, SignedIn, Visit
from sidecar.login.provider import Admits, Entry, NotProven, Person, Proven, ProviderUnavailable
from sidecar.login.provider_steps import NotAdmitted, ProviderSteps

log = logging.getLogger(__name__)

METHOD = "ldap"

DirectoryResult = SignedIn | IsBanned | Locked | CapReached | NotAdmitted


class Directory(Admits, Protocol):
    """One directory. Every method raises ProviderUnavailable."""

    default: bool

    def account_of(self, subject: str) -> Account: ...
    async def find(self, username: str) -> Entry | NotProven | None: ...
    async def proves(self, entry: Entry | None, password: str) -> bool: ...
    async def look_up(self, subjects: Sequence[str]) -> dict[str, Entry | NotProven | None]: ...


@dataclass(frozen=True, slots=True)
class InDirectory:
    """The password is right: whose it is, and where."""

    directory: Directory
    person: Person = field(repr=False)
    account: Account


class Directories:
    """Raises StoreUnavailable and ProviderUnavailable, which mean 503."""

    def __init__(
        self,
        every: Sequence[Directory],
        book: ProviderBook,
        throttle: Throttle,
        steps: ProviderSteps,
        clock: Clock,
    ) -> None:
        self.every = sorted(every, key=lambda one: not one.default)
        self._book = book
        self._throttle = throttle
        self._steps = steps
        self._clock = clock

    async def prove(
        self, username: str, password: str, attempt: Attempt, actor: Actor, *, here: bool
    ) -> InDirectory | None:
        """Say whose password it is. here: nobody's there, the name has one of its own."""
        directory, entry = await self._known("" if here else username)
        other = None
        if entry is not None:
            name = entry.person.username
            if canonical_name(name) != canonical_name(username):
                other = await self._throttle.begin(name, attempt.ip_address, method=METHOD)
        locked = other is not None and other.locked
        try:
            right = await directory.proves(None if locked else entry, password)
        except (ProviderUnavailable, StoreUnavailable, asyncio.CancelledError):
            if other is not None and not locked:
                await self._throttle.given_up(other)
            raise
        if entry is None or not right:
            if other is not None and not locked:
                await self._throttle.failed(other, None, actor)
            return None
        if other is not None:
            await self._throttle.given_up(other)
        return InDirectory(directory, entry.person, directory.account_of(entry.subject))

    async def belongs(self, proven: InDirectory, session: Session) -> bool:
        """Say whether the session's holder is who proved it."""
        return await self._book.linked(proven.account) == session.user_id

    async def enter(self, proven: InDirectory, visit: Visit, policy: Policy) -> DirectoryResult:
        """Open a session for whoever it is."""
        provided = ProviderSession(proven.directory.name, proven.account, self._clock.now())
        whole = Proven(proven.person, provided)
        result = await self._steps.sign_in(proven.directory, whole, visit, policy)
        return NotAdmitted("ended") if isinstance(result, ProviderEnded) else result

    async def _known(self, username: str) -> tuple[Directory, Entry | None]:
        """Return the first that knows the name; all are asked, so that it takes the same time."""
        usable = bool(username) and name_fault(username) is None
        nobody = secrets.token_hex(8)
        answers = await asyncio.gather(
            *(one.find(username if usable else nobody) for one in self.every),
            return_exceptions=True,
        )
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        for directory, answer in zip(self.every, answers, strict=True):
            if isinstance(answer, NotProven):
                log.warning(
                    "directory_entry_unusable",
                    extra={"provider": directory.name, "why": answer.why},
                )
            elif answer is not None and not isinstance(answer, BaseException) and usable:
                return directory, answer
        return self.every[0], None
