"""What an authenticator app does, for tests: it makes the codes of a secret."""

import re
from datetime import datetime, timedelta

import pyotp

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.factors import Enrolled, Offer
from sidecar.core.users import User
from tests.house import House

STEP = timedelta(seconds=30)


def code_of(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def wrong_code(secret: str, at: datetime) -> str:
    """Return a code that is right at none of the steps around."""
    near = {code_of(secret, at + STEP * offset) for offset in range(-3, 4)}
    return next(code for code in map("{:06d}".format, range(10)) if code not in near)


def challenge_in(page: str) -> str:
    found = re.search(r'name="challenge" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


async def with_app(house: House, user: User) -> tuple[str, tuple[str, ...]]:
    """Let a person have an app since a while: its secret, and their recovery codes."""
    enrolment, actor = house.services.account.enrolment, house_actor(user)
    offer: Offer = await enrolment.begin(user.id, user.username)
    code = code_of(offer.secret, house.clock.now() - STEP)
    done = await enrolment.confirm(user.id, offer.challenge, code, actor)
    assert isinstance(done, Enrolled)
    return offer.secret, done.recovery_codes


def house_actor(user: User) -> Actor:
    return Actor(ActorKind.USER, user.id, user.username, "203.0.113.9")
