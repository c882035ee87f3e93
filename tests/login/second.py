"""The second step of a sign-in, for tests: what the first one asks, and an answer to it."""

from typing import Any

from sidecar.login.entering import Visit
from sidecar.login.second_factor import CodeNeeded, SecondResult
from tests.house import House
from tests.login.attempts import attempt

VISIT = Visit("203.0.113.9")


async def challenge(house: House, **more: Any) -> str:
    needed = await attempt(house, **more)
    assert isinstance(needed, CodeNeeded), needed
    return needed.challenge


async def answer(house: House, text: str, code: str, visit: Visit = VISIT) -> SecondResult:
    return await house.services.second.answer(text, code, visit, house.policies[-1])
