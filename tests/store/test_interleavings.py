"""Whatever happens around it and in whatever order: an ended session stays dead (case S-62)."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import permutations

import pytest

from sidecar.core.ports import SessionGone
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.users import User
from tests.store.rig import Rig, a_rig, actor_of, stale
from tests.store.seeds import ADMIN

Step = Callable[[Rig, User, Session], Awaitable[object]]


async def _load(rig: Rig, user: User, session: Session) -> None:
    await rig.sessions.get(session.handle)


async def _touch(rig: Rig, user: User, session: Session) -> None:
    # What the request read before the others went on.
    rig.sessions.touch(stale(session))


async def _save(rig: Rig, user: User, session: Session) -> None:
    await rig.sessions.flush()


async def _rotate(rig: Rig, user: User, session: Session) -> None:
    try:
        await rig.sessions.rotate(session, actor_of(user))
    except SessionGone:
        return


async def _revoke(rig: Rig, user: User, session: Session) -> None:
    await rig.sessions.end(session.handle, Ended.REVOKED, ADMIN)


async def _expire(rig: Rig, user: User, session: Session) -> None:
    rig.sessions.expired(session, Ended.IDLE_TIMEOUT)


STEPS: dict[str, Step] = {
    "load": _load,
    "touch": _touch,
    "save": _save,
    "rotate": _rotate,
    "revoke": _revoke,
    "expire": _expire,
}


async def test_given_every_order_of_steps_when_all_are_done_then_the_revoked_session_is_dead(
    redis_url: str,
) -> None:
    async with a_rig(redis_url) as rig:
        user = await rig.a_user()
        for order in permutations(STEPS):
            session = (await rig.open(user)).session
            for name in order:
                await STEPS[name](rig, user, session)
                if name == "revoke":
                    assert await rig.is_dead(session.handle), order
            await rig.sessions.flush()
            assert await rig.is_dead(session.handle), order
            assert await rig.sessions.get(session.handle) is None, order
            assert await rig.sessions.of_user(user.id) == [], order


@pytest.mark.parametrize("round_", range(5))
async def test_given_all_steps_at_once_then_the_revoked_session_is_dead(
    redis_url: str, round_: int
) -> None:
    async with a_rig(redis_url) as rig:
        user = await rig.a_user()
        sessions = [(await rig.open(user)).session for _ in range(10)]

        await asyncio.gather(
            *(step(rig, user, session) for session in sessions for step in STEPS.values())
        )
        await rig.sessions.flush()

        for session in sessions:
            assert await rig.is_dead(session.handle)
        assert (await rig.actions()).count("session.revoked") == 10
