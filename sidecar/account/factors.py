"""A person looks after their second factors: what there is, an app more or less, recovery codes.

Every change needs a fresh proof of who it is, with the second factor where there is one: a session
that was left open, or a copy of its cookie, changes nothing (ASVS 5.0 7.5.1).
"""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from sidecar.account.desk import AccountDesk
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.factor_shapes import (
    FactorList,
    RecoveryCodes,
    TotpOffer,
    factor_list,
    offer_shape,
)
from sidecar.core.factors import ChallengeInvalid, Enrolled, WrongCode
from sidecar.core.given import Given
from sidecar.core.policy import FactorMode

FRESH = timedelta(minutes=10)


class FirstCodeBody(Given, frozen=True):
    challenge: Annotated[str, Meta(min_length=1, max_length=128)]
    code: Annotated[str, Meta(min_length=1, max_length=64)]


async def list_own_factors(desk: AccountDesk, caller: Caller) -> FactorList:
    """What there is, without any secret."""
    return factor_list(await desk.factors.of(caller.user_id), _mode(desk, caller))


async def begin_totp(desk: AccountDesk, caller: Caller) -> TotpOffer:
    """Offer an app to set up. Nothing is changed before its first code."""
    caller.must_be_fresh(desk.clock.now(), FRESH)
    if _mode(desk, caller) == "off":
        raise CallRefused("forbidden")
    session = caller.session
    return offer_shape(await desk.enrolment.begin(session.user_id, session.username))


async def confirm_totp(desk: AccountDesk, caller: Caller, body: FirstCodeBody) -> RecoveryCodes:
    """Let the app count, in the place of one that there may be."""
    caller.must_be_fresh(desk.clock.now(), FRESH)
    if _mode(desk, caller) == "off":
        raise CallRefused("forbidden")
    match await desk.enrolment.confirm(caller.user_id, body.challenge, body.code, caller.actor):
        case Enrolled(codes):
            return RecoveryCodes(recovery_codes=codes)
        case WrongCode(challenge):
            raise CallRefused("invalid_code", status=403, members={"challenge": challenge})
        case ChallengeInvalid():
            raise CallRefused("challenge_invalid", status=403)


async def remove_factor(desk: AccountDesk, caller: Caller, factor_id: str) -> FactorList:
    """Take one away; the last one stays where the policy asks for one."""
    caller.must_be_fresh(desk.clock.now(), FRESH)
    mode = _mode(desk, caller)
    before = await desk.factors.of(caller.user_id)
    if factor_id not in {factor.id for factor in before.items}:
        raise CallRefused("not_found")
    removed = await desk.factors.remove(
        caller.user_id, factor_id, caller.actor, keep_last=mode == "required"
    )
    if not removed:
        raise CallRefused("factor_required", audited=True)
    return factor_list(await desk.factors.of(caller.user_id), mode)


async def renew_recovery_codes(desk: AccountDesk, caller: Caller) -> RecoveryCodes:
    """Make recovery codes anew: those from before are worth nothing any more."""
    caller.must_be_fresh(desk.clock.now(), FRESH)
    codes = await desk.enrolment.new_codes(caller.user_id, caller.actor)
    if codes is None:
        raise CallRefused("factor_missing")
    return RecoveryCodes(recovery_codes=codes)


def _mode(desk: AccountDesk, caller: Caller) -> FactorMode:
    return desk.policy().mfa.mode_for(caller.role)
