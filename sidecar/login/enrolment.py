"""Setting up an app that makes codes: its secret is shown once, and it counts from the first code.

Implements the port `Enrolment` for people who are signed in; `second_factor.py` has the same done
by those who have to, before anything opens. A wrong first code is nobody's guess: whoever enters it
was shown the secret.
"""

from typing import Literal

from sidecar.core.audit import Actor
from sidecar.core.factors import (
    ENROLMENT_LASTS,
    Challenge,
    ChallengeInvalid,
    Enrolled,
    EnrolResult,
    FactorBook,
    Offer,
    WrongCode,
)
from sidecar.core.ports import Clock, NoSuchUser
from sidecar.core.session import Handle
from sidecar.core.users import User, UserId
from sidecar.login.qr import qr_of
from sidecar.login.recovery import digest_of, new_codes
from sidecar.login.totp import address_of, matching_step, new_secret, secret_text


class EnrolmentSteps:
    """issuer: what apps show beside the code. Raises StoreUnavailable."""

    def __init__(self, book: FactorBook, clock: Clock, issuer: str) -> None:
        self._book = book
        self._clock = clock
        self._issuer = issuer

    async def begin(self, user_id: UserId, username: str) -> Offer:
        """Offer an app to whoever is signed in. One that there is goes with the first code."""
        return await self._offer("account", user_id, username, 0, None, new_secret())

    async def require(self, user: User, end_session: Handle | None) -> Offer:
        """Offer an app to whoever has proved the password, and gets in with its first code."""
        return await self._offer(
            "enrol", user.id, user.username, user.password_number, end_session, new_secret()
        )

    async def confirm(
        self, user_id: UserId, challenge: str, code: str, actor: Actor
    ) -> EnrolResult:
        held = await self._book.take_challenge(challenge)
        if held is None or held.purpose != "account" or held.user_id != user_id:
            return ChallengeInvalid()
        done = await self.finish(held, code, actor)
        return done or WrongCode(await self._book.give_challenge(held))

    async def finish(
        self, held: Challenge, code: str, actor: Actor
    ) -> Enrolled | ChallengeInvalid | None:
        """Let the app of a challenge count; None: this is not its code."""
        step = matching_step(held.secret, code, self._clock.now())
        if step is None:
            return None
        codes = new_codes()
        digests = [digest_of(one) for one in codes]
        replace = held.purpose == "account"
        try:
            taken = await self._book.add_totp(
                held.user_id, held.secret, step, digests, actor, replace=replace
            )
        except NoSuchUser:
            return ChallengeInvalid()
        if taken is None:  # another window was faster
            return ChallengeInvalid()
        return Enrolled(codes if taken else ())

    async def again(self, held: Challenge, username: str) -> Offer:
        """Show the same app once more, to whoever mistyped its first code."""
        uri = address_of(held.secret, username, self._issuer)
        text = await self._book.give_challenge(held)
        return Offer(text, secret_text(held.secret), uri, qr_of(uri), held.expires_at)

    async def new_codes(self, user_id: UserId, actor: Actor) -> tuple[str, ...] | None:
        codes = new_codes()
        digests = [digest_of(one) for one in codes]
        renewed = await self._book.renew_recovery_codes(user_id, digests, actor)
        return codes if renewed else None

    async def _offer(
        self,
        purpose: Literal["enrol", "account"],
        user_id: UserId,
        username: str,
        password_number: int,
        end_session: Handle | None,
        secret: bytes,
    ) -> Offer:
        until = self._clock.now() + ENROLMENT_LASTS
        held = Challenge(purpose, user_id, password_number, until, end_session, secret)
        return await self.again(held, username)
