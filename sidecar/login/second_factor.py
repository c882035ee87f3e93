"""The second step of a sign-in, behind the right password; over the ports, no HTTP, no clock of its
own.

The order is the security argument:

    challenge, used up → still the same password → take a place → code, used up → ban
                       → a password that must be changed → open

Nothing is told and nothing opens before the code is right. Each challenge is good for one answer,
so that guesses go one after the other, and each wrong one counts to the lock as a wrong password
does; a right password alone resets no count. Source: ASVS 5.0 6.5.1, 6.5.5, 6.6.3; case S-85.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.directory import Directory
from sidecar.core.factors import (
    CHALLENGE_LASTS,
    Challenge,
    ChallengeInvalid,
    Enrolled,
    FactorBook,
    Offer,
)
from sidecar.core.opening import PASSWORD_ALONE, ProviderEnded
from sidecar.core.policy import Policy
from sidecar.core.ports import Attempt, Clock, StoreUnavailable, Throttle
from sidecar.core.proof import Locked
from sidecar.core.users import User
from sidecar.login.enrolment import EnrolmentSteps
from sidecar.login.entering import (
    CapReached,
    Entering,
    IsBanned,
    MustChange,
    OpenedBy,
    SignedIn,
    Visit,
)
from sidecar.login.recovery import digest_of
from sidecar.login.totp import is_code, matching_step

log = logging.getLogger(__name__)

BY_TOTP = f"{PASSWORD_ALONE}+totp"
_RECOVERY = f"{PASSWORD_ALONE}+recovery_code"
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right. challenge: to answer with a code."""

    challenge: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EnrolNeeded:
    """The password was right, and the policy asks people of this role for more than that. As the
    result of an answer: the code was wrong, and this is the same app once more."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class WrongSecond:
    """needed: to try again with."""

    needed: CodeNeeded


@dataclass(frozen=True, slots=True)
class EnteredWith:
    """The app counts from now on, whatever came of the sign-in. recovery_codes: shown this once."""

    result: SignedIn | IsBanned | CapReached | MustChange
    recovery_codes: tuple[str, ...] = field(repr=False)


SecondResult = (
    SignedIn
    | IsBanned
    | CapReached
    | MustChange
    | Locked
    | WrongSecond
    | EnrolNeeded
    | EnteredWith
    | ChallengeInvalid
)


class SecondSteps:
    """Raises StoreUnavailable."""

    def __init__(
        self,
        directory: Directory,
        throttle: Throttle,
        book: FactorBook,
        enrolment: EnrolmentSteps,
        entering: Entering,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._throttle = throttle
        self._book = book
        self._enrolment = enrolment
        self._entering = entering
        self._clock = clock

    async def ask(self, user: User, visit: Visit) -> CodeNeeded:
        """Ask whoever proved the password for a code."""
        until = self._clock.now() + CHALLENGE_LASTS
        held = Challenge("code", user.id, user.password_number, until, visit.end_session)
        return await self._ask(held)

    async def require(self, user: User, visit: Visit) -> EnrolNeeded:
        """Ask whoever proved the password, and has no more to prove, to set up an app."""
        return EnrolNeeded(await self._enrolment.require(user, visit.end_session))

    async def method_of(self, user: User, code: str, actor: Actor) -> str | None:
        """Use a code up and say what sessions opened by it are, or None if it is wrong."""
        if is_code(code):
            totp = await self._book.totp(user.id)
            if totp is None:
                return None
            step = matching_step(totp.secret, code, self._clock.now(), totp.last_step)
            right = step is not None and await self._book.use_totp(user.id, totp, step)
            return BY_TOTP if right else None
        if not code.strip() or len(code) > _LONGEST:
            return None
        right = await self._book.use_recovery_code(user.id, digest_of(code), actor)
        return _RECOVERY if right else None

    async def answer(self, text: str, code: str, visit: Visit, policy: Policy) -> SecondResult:
        """Open a session for whoever answers a challenge with the right code."""
        held = await self._book.take_challenge(text)
        user = await self._directory.get(held.user_id) if held is not None else None
        if held is None or user is None or held.password_number != user.password_number:
            return ChallengeInvalid()
        if held.purpose == "account" or user.second_factor is not (held.purpose == "code"):
            return ChallengeInvalid()
        if not code.strip():  # nothing was entered, so that nothing was guessed
            return await self._once_more(held, user)
        visit = replace(visit, end_session=held.end_session)
        attempt = await self._throttle.begin(user.username, visit.ip_address, method=BY_TOTP)
        if attempt.locked:
            return Locked(attempt.retry_after)
        try:
            if held.purpose == "enrol":
                return await self._enrol(held, user, code, attempt, visit, policy)
            actor = Actor(ActorKind.USER, user.id, user.username, visit.ip_address)
            method = await self.method_of(user, code, actor)
        except StoreUnavailable:
            await self._throttle.given_up(attempt)
            raise
        if method is None:
            await self._wrong(user, attempt, visit)
            return await self._once_more(held, user)
        return await self._enter(user, method, attempt, visit, policy)

    async def _enrol(
        self,
        held: Challenge,
        user: User,
        code: str,
        attempt: Attempt,
        visit: Visit,
        policy: Policy,
    ) -> EnrolNeeded | WrongSecond | EnteredWith | ChallengeInvalid:
        actor = Actor(ActorKind.USER, user.id, user.username, visit.ip_address)
        match await self._enrolment.finish(held, code, actor):
            case Enrolled(codes):
                entered = await self._enter(user, BY_TOTP, attempt, visit, policy)
                return EnteredWith(entered, codes)
            case None:
                await self._wrong(user, attempt, visit)
                return await self._once_more(held, user)
            case ChallengeInvalid():
                await self._throttle.given_up(attempt)
                return ChallengeInvalid()

    async def _enter(
        self, user: User, method: str, attempt: Attempt, visit: Visit, policy: Policy
    ) -> SignedIn | IsBanned | CapReached | MustChange:
        actor = Actor(ActorKind.USER, user.id, user.username, visit.ip_address)
        if user.is_banned(self._clock.now()):
            await self._throttle.failed(attempt, user.id, actor, "banned")
            return IsBanned()
        await self._throttle.succeeded(attempt)
        if user.must_change_password:
            link = await self._directory.begin_reset(user.id, actor, highest=user.role)
            return MustChange(link)
        result = await self._entering.enter(user, actor, visit, policy, OpenedBy(method))
        if isinstance(result, ProviderEnded):
            raise TypeError("a code is of no provider")
        return result

    async def _wrong(self, user: User, attempt: Attempt, visit: Visit) -> None:
        actor = Actor(ActorKind.USER, ip_address=visit.ip_address)
        await self._throttle.failed(attempt, user.id, actor, "invalid_code")

    async def _once_more(self, held: Challenge, user: User) -> WrongSecond | EnrolNeeded:
        if held.purpose == "enrol":
            return EnrolNeeded(await self._enrolment.again(held, user.username))
        return WrongSecond(await self._ask(held))

    async def _ask(self, held: Challenge) -> CodeNeeded:
        return CodeNeeded(await self._book.give_challenge(held), held.expires_at)
