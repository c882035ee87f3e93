"""A person sets another password, and is signed in nowhere else from then on.

The order is the security argument:

    sizes → rules → the current password, counted to the lock → hash
          → still signed in, still the same password: set it and end the others, in one step
          → a new secret for the session that stays

A copy of that session's cookie in other hands opens nothing new then, after the seconds in which
requests of this browser may still be on their way. What it has open goes on with the session.
"""

import logging
from dataclasses import dataclass, field

from sidecar.account.desk import AccountDesk
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.given import CurrentPassword, Given, NewPassword
from sidecar.core.passwords import (
    WeakBecause,
    Weakness,
    context_words,
    is_too_long_to_read,
    normalize_password,
    weaknesses_of,
)
from sidecar.core.ports import SessionGone, StoreUnavailable
from sidecar.core.proof import Locked, Proven, TooLarge, WrongCredentials
from sidecar.core.session import Session
from sidecar.core.token import Token

log = logging.getLogger(__name__)


class OwnPasswordBody(Given, frozen=True):
    current: CurrentPassword
    new: NewPassword


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """session: the one that stays. token: its new one; None: the old one is still good."""

    session: Session
    token: Token | None = field(repr=False)


async def change_own_password(
    desk: AccountDesk, caller: Caller, body: OwnPasswordBody
) -> PasswordChanged:
    """Set another password. A wrong current one is 403: the session is as good as before."""
    if is_too_long_to_read(body.current) or is_too_long_to_read(body.new):
        raise CallRefused("payload_too_large")
    session = caller.session
    about = context_words(desk.public_url, session.username, session.email)
    weak = weaknesses_of(body.new, desk.policy().password, about)
    if normalize_password(body.new) == normalize_password(body.current):
        weak.append(Weakness(WeakBecause.UNCHANGED))
    if weak:
        raise CallRefused("invalid_input", weak=weak)
    proof = await desk.proof.prove(session, body.current, caller.ip_address)
    if not isinstance(proof, Proven):
        raise _refused(proof)
    hashed = await desk.passwords.hash_password(body.new)
    user, actor = proof.known.user, caller.actor
    if not await desk.directory.change_password(user, hashed, actor, keep=caller.handle):
        await caller.confirm()
        # Still signed in: another window was faster, and what was given is the old one now.
        raise _refused(WrongCredentials())
    return PasswordChanged(session, await _new_secret(desk, caller))


def _refused(proof: WrongCredentials | Locked | TooLarge) -> CallRefused:
    match proof:
        case WrongCredentials():
            return CallRefused("invalid_credentials", status=403)
        case Locked(retry_after):
            return CallRefused("locked", retry_after=retry_after)
        case TooLarge():
            return CallRefused("payload_too_large")


async def _new_secret(desk: AccountDesk, caller: Caller) -> Token | None:
    """The password is set, whatever happens to this: then the cookie stays as it is."""
    try:
        return await desk.sessions.rotate(caller.session, caller.actor)
    except (SessionGone, StoreUnavailable):
        log.warning("session_not_rotated", extra={"handle": caller.handle})
        return None
