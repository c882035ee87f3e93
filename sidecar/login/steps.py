"""Signing in with a password, step by step, over the ports; no HTTP, no clock of its own.

The order is the security argument:

    size check → take a place → find the name → verify (a dummy hash for nobody)
               → a second factor, if there is one (`second_factor.py`) → ban
               → a password that must be changed → a second factor, if there must be one → open

A place before the hash, so that parallel guesses cannot slip by the lock; verified for names that
do not exist, so that neither the answer nor its time tells them apart; a ban is told only to the
one who knows the password. Where there is a second factor, the right password alone tells nothing
more and forgives no failure: else each one would win ten more guesses at the code.
Source: ASVS 6.3.1, 6.3.8; cases S-12, S-53, S-76, S-77, S-79.
"""

import asyncio
import logging
from dataclasses import dataclass, field, replace

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.directory import Directory
from sidecar.core.opening import ProviderEnded
from sidecar.core.passwords import is_too_long_to_read
from sidecar.core.policy import Policy
from sidecar.core.ports import (
    ATTEMPT_LASTS,
    Attempt,
    Clock,
    Known,
    SessionGone,
    Sessions,
    StoreUnavailable,
    Throttle,
)
from sidecar.core.proof import Locked, Proof, Proven, TooLarge, WrongCredentials
from sidecar.core.session import Session
from sidecar.core.token import Token
from sidecar.login.directories import METHOD, Directories, InDirectory
from sidecar.login.entering import CapReached, Entering, IsBanned, MustChange, SignedIn, Visit
from sidecar.login.hashing import Hashing, HashingBusy
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_steps import NotAdmitted
from sidecar.login.second_factor import BY_TOTP, CodeNeeded, EnrolNeeded, SecondSteps

log = logging.getLogger(__name__)

_VERIFIED_WITHIN = ATTEMPT_LASTS / 2


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person typed, and where from."""

    username: str
    password: str = field(repr=False)
    visit: Visit


@dataclass(frozen=True, slots=True)
class Renewed:
    """The same session with a new secret, authenticated now."""

    token: Token = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeMissing:
    """The password is right, and the person has more to prove."""


@dataclass(frozen=True, slots=True)
class CodeWrong:
    """The password is right, and the code is not."""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The session ended while its holder re-authenticated."""


@dataclass(frozen=True, slots=True)
class _Proven:
    """The password is right; the attempt has not ended yet."""

    known: Known | InDirectory
    attempt: Attempt


SignInResult = (
    SignedIn
    | WrongCredentials
    | IsBanned
    | Locked
    | TooLarge
    | CapReached
    | MustChange
    | NotAdmitted
    | CodeNeeded
    | EnrolNeeded
)
ReauthResult = (
    Renewed | WrongCredentials | Locked | TooLarge | CodeMissing | CodeWrong | SessionEnded
)


class SignInSteps:
    """The sign-in by password; of people who have none here, by the directories. Raises
    StoreUnavailable, HashingBusy and ProviderUnavailable, which mean 503."""

    def __init__(
        self,
        directory: Directory,
        throttle: Throttle,
        sessions: Sessions,
        hashing: Hashing,
        clock: Clock,
        second: SecondSteps,
        directories: Directories | None = None,
    ) -> None:
        self._directory = directory
        self._throttle = throttle
        self._sessions = sessions
        self._hashing = hashing
        self._clock = clock
        self._directories = directories
        self._entering = Entering(sessions)
        self._second = second

    async def sign_in(self, credentials: Credentials, policy: Policy) -> SignInResult:
        """Open a session for whoever knows the password."""
        proven = await self._prove(
            credentials.username, credentials.password, credentials.visit.ip_address
        )
        if not isinstance(proven, _Proven):
            return proven
        if isinstance(proven.known, InDirectory):
            return await self._enter_by_directory(proven, proven.known, credentials.visit, policy)
        user = proven.known.user
        if user.second_factor:
            await self._throttle.given_up(proven.attempt)
            await self._keep_hash_fresh(proven.known, credentials.password)
            return await self._second.ask(user, credentials.visit)
        actor = Actor(ActorKind.USER, user.id, user.username, credentials.visit.ip_address)
        if user.is_banned(self._clock.now()):
            await self._throttle.failed(proven.attempt, user.id, actor, "banned")
            return IsBanned()
        await self._throttle.succeeded(proven.attempt)
        if user.must_change_password:
            link = await self._directory.begin_reset(user.id, actor, highest=user.role)
            return MustChange(link)
        if policy.mfa.mode_for(user.role) == "required":
            return await self._second.require(user, credentials.visit)
        result = await self._entering.enter(user, actor, credentials.visit, policy)
        if isinstance(result, SignedIn):
            await self._keep_hash_fresh(proven.known, credentials.password)
        elif isinstance(result, ProviderEnded):
            raise TypeError("a password is of no provider")
        return result

    async def reauthenticate(
        self, session: Session, password: str, ip_address: str, code: str = ""
    ) -> ReauthResult:
        """Prove again who holds the session, and give it a new secret. Counts to the lock."""
        proven = await self._prove(session.username, password, ip_address, session)
        if not isinstance(proven, _Proven):
            return proven
        actor = Actor(ActorKind.USER, session.user_id, session.username, ip_address)
        refused = await self._prove_more(proven, code, actor)
        if refused is not None:
            return refused
        try:
            token = await self._sessions.rotate(session, actor)
        except SessionGone:
            return SessionEnded()
        return Renewed(token)

    async def prove(self, session: Session, password: str, ip_address: str) -> Proof:
        """Say whether this is the password that the session's holder has here. Counts to the lock.

        One that a directory proves is changed there, and gives nobody another one here.
        """
        proven = await self._prove(session.username, password, ip_address, session)
        if not isinstance(proven, _Proven):
            return proven
        if isinstance(proven.known, InDirectory):
            await self._throttle.given_up(proven.attempt)
            return WrongCredentials()
        if proven.known.user.second_factor:
            await self._throttle.given_up(proven.attempt)
        else:
            await self._throttle.succeeded(proven.attempt)
        return Proven(proven.known)

    async def _prove_more(
        self, proven: _Proven, code: str, actor: Actor
    ) -> CodeMissing | CodeWrong | None:
        """End the attempt of a right password by the second factor, where there is one."""
        known, attempt = proven.known, proven.attempt
        if isinstance(known, InDirectory):  # which asks for more itself, if it does
            await self._throttle.succeeded(attempt)
            return None
        user = known.user
        if user.second_factor and not code:
            await self._throttle.given_up(attempt)
            return CodeMissing()
        if user.second_factor:
            try:
                right = await self._second.method_of(user, code, actor)
            except StoreUnavailable:
                await self._throttle.given_up(attempt)
                raise
            if right is None:
                second = attempt._replace(method=BY_TOTP)
                await self._throttle.failed(second, user.id, actor, "invalid_code")
                return CodeWrong()
        await self._throttle.succeeded(attempt)
        return None

    async def _enter_by_directory(
        self, proven: _Proven, known: InDirectory, visit: Visit, policy: Policy
    ) -> SignInResult:
        """The steps of providers take a place of their own, under the name that counts."""
        if self._directories is None:
            raise TypeError("nobody is known by no directory")
        await self._throttle.given_up(proven.attempt)
        return await self._directories.enter(known, visit, policy)

    async def _prove(
        self, username: str, password: str, ip_address: str, holder: Session | None = None
    ) -> _Proven | WrongCredentials | Locked | TooLarge:
        """Return whose password it is. holder: only theirs counts."""
        if is_too_long_to_read(password):
            return TooLarge()
        if self._hashing.is_full():
            raise HashingBusy  # before waiting for a place that would be of no use
        # Whose name was typed is the target: that it was they is what was not shown.
        actor = Actor(ActorKind.USER, ip_address=ip_address)
        if holder is not None:
            actor = replace(actor, id=holder.user_id, username=holder.username)
        attempt = await self._throttle.begin(username, ip_address, actor if holder else None)
        if attempt.locked:
            return Locked(attempt.retry_after)
        known: Known | None = None
        try:
            async with asyncio.timeout(_VERIFIED_WITHIN.total_seconds()):
                known, right = await self._verify(username, password, holder)
                if self._directories is not None and not right:
                    here = known is not None and known.password_hash != ""
                    attempt = attempt if here else attempt._replace(method=METHOD)
                    found = await self._directories.prove(
                        username, password, attempt, actor, here=here
                    )
                    if found is not None and (
                        holder is None or await self._directories.belongs(found, holder)
                    ):
                        return _Proven(found, attempt)
        except (HashingBusy, StoreUnavailable):
            await self._throttle.given_up(attempt)
            raise
        except ProviderUnavailable:
            await self._unanswered(attempt, known, actor)
            raise
        except TimeoutError:
            await self._throttle.given_up(attempt)
            raise HashingBusy from None
        if known is not None and right:
            return _Proven(known, attempt)
        user_id = known.user.id if known is not None else None
        await self._throttle.failed(attempt, user_id, actor)
        return WrongCredentials()

    async def _unanswered(self, attempt: Attempt, known: Known | None, actor: Actor) -> None:
        """The directory was silent. A password that was wrong here stays wrong, and counts."""
        if attempt.method == METHOD:
            await self._throttle.given_up(attempt)
        else:
            await self._throttle.failed(attempt, known.user.id if known else None, actor)

    async def _verify(
        self, username: str, password: str, holder: Session | None
    ) -> tuple[Known | None, bool]:
        known = await self._directory.find(username)
        if known is not None and holder is not None and known.user.id != holder.user_id:
            known = None
        stored = known.password_hash if known is not None else None
        return known, await self._hashing.verify_password(stored, password)

    async def _keep_hash_fresh(self, known: Known, password: str) -> None:
        """Store the password under today's parameters.

        The person is signed in already: what fails here is put off to the next time.
        """
        if not self._hashing.needs_rehash(known.password_hash):
            return
        try:
            renewed = await self._hashing.hash_password(password)
            await self._directory.rehash(known.user.id, known.password_hash, renewed)
        except (HashingBusy, StoreUnavailable):
            log.info("password_rehash_put_off", extra={"user_id": known.user.id})
