"""Which sessions have ended without an event: by a limit, or without a word."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from sidecar.core.policy import Policy
from sidecar.core.ports import Look, StoreUnavailable, Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Agent, Handle, Session
from sidecar.core.users import UserId
from sidecar.front.live_check import LiveCheck
from sidecar.front.live_register import LiveRegister, Watch
from tests.store.seeds import NOW, a_session

ONE = Handle("1" * 30)
TOMBSTONE = Tombstone(Ended.BANNED, NOW, UserId("u1"), b"")
IDLE = timedelta(minutes=60)


@dataclass
class Rig:
    """A check of watches, with a store and a clock that say what a test wants."""

    looks: dict[Handle, Look]
    register: LiveRegister
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def __post_init__(self) -> None:
        self.asked: list[Handle] = []
        self.expired_ones: list[tuple[Handle, Ended]] = []
        self.check = LiveCheck(self.register, self, self, self, Policy)  # type: ignore[arg-type]  # of `Sessions` only what is called
        self.check.doubt = False

    def ask(self, handle: Handle, reply: Callable[[Look], None]) -> None:
        self.asked.append(handle)
        reply(self.looks.get(handle))

    def expired(self, session: Session, reason: Ended) -> None:
        self.expired_ones.append((session.handle, reason))

    def watch(self, handle: Handle = ONE, session: Session | None = None) -> Watch:
        watch = Watch(handle, lambda reason: None)
        watch.session = session
        self.register.add(watch)
        return watch

    async def settle(self) -> None:
        """Let the look at everybody, with which it begins, be over."""
        await self.check.ended()
        self.asked.clear()


@pytest.fixture
async def rig() -> Rig:
    rig = Rig({}, LiveRegister())
    await rig.settle()
    return rig


async def test_given_a_live_session_when_it_is_looked_at_then_it_is_read_once(rig: Rig) -> None:
    rig.looks[ONE] = a_session(handle=ONE)
    watch = rig.watch()

    assert await rig.check.ended() == {}
    assert await rig.check.ended() == {}
    assert rig.asked == [ONE]
    assert watch.session == rig.looks[ONE]


@pytest.mark.parametrize(("look", "reason"), [(TOMBSTONE, Ended.BANNED), (None, Ended.REVOKED)])
async def test_given_a_session_that_is_no_more_when_it_is_read_then_it_has_ended(
    rig: Rig, look: Look, reason: Ended
) -> None:
    rig.looks[ONE] = look
    rig.watch()

    assert await rig.check.ended() == {ONE: reason}


async def test_given_a_session_that_was_idle_when_it_was_used_elsewhere_then_it_lives_on(
    rig: Rig,
) -> None:
    known = a_session(handle=ONE)
    watch = rig.watch(session=known)
    rig.at = NOW + IDLE
    rig.looks[ONE] = replace(known, last_active_at=rig.at - timedelta(minutes=1))

    assert await rig.check.ended() == {}
    assert await rig.check.ended() == {}
    assert (rig.asked, rig.expired_ones) == ([ONE], [])
    assert watch.session == rig.looks[ONE]


async def test_given_a_session_that_is_idle_in_the_store_too_then_it_ends_and_that_is_entered(
    rig: Rig,
) -> None:
    rig.looks[ONE] = a_session(handle=ONE)
    rig.watch(session=a_session(handle=ONE))
    rig.at = NOW + IDLE

    assert await rig.check.ended() == {ONE: Ended.IDLE_TIMEOUT}
    assert rig.expired_ones == [(ONE, Ended.IDLE_TIMEOUT)]


async def test_given_the_absolute_lifetime_is_over_then_it_ends_whatever_the_store_says(
    rig: Rig,
) -> None:
    rig.looks[ONE] = StoreUnavailable("silent")
    rig.watch(session=a_session(handle=ONE))
    rig.at = NOW + timedelta(hours=24)

    assert await rig.check.ended() == {ONE: Ended.LIFETIME_EXCEEDED}
    assert rig.expired_ones == [(ONE, Ended.LIFETIME_EXCEEDED)]
    assert not rig.asked


async def test_given_an_agent_whose_own_time_is_over_then_it_ends_before_its_persons_limits(
    rig: Rig,
) -> None:
    rig.watch(session=a_session(handle=ONE, agent=Agent("bot", ("* /**",), NOW + IDLE / 2)))
    rig.at = NOW + IDLE / 2

    assert await rig.check.ended() == {ONE: Ended.LIFETIME_EXCEEDED}
    assert rig.expired_ones == [(ONE, Ended.LIFETIME_EXCEEDED)]


async def test_given_a_silent_store_when_all_are_in_doubt_then_nobody_ends_and_all_stay_so(
    rig: Rig,
) -> None:
    rig.looks[ONE] = StoreUnavailable("silent")
    rig.watch(session=a_session(handle=ONE))
    rig.check.doubt = True

    assert await rig.check.ended() == {}
    assert rig.check.doubt
    rig.looks[ONE] = TOMBSTONE
    assert await rig.check.ended() == {ONE: Ended.BANNED}
    assert not rig.check.doubt


async def test_given_more_than_one_read_takes_when_all_are_in_doubt_then_all_are_read(
    rig: Rig,
) -> None:
    handles = [Handle(f"{number:030}") for number in range(1201)]
    for handle in handles:
        rig.watch(handle, a_session(handle=handle))
    rig.check.doubt = True

    ended = await rig.check.ended()

    assert set(ended) == set(handles)
    assert len(rig.asked) == len(handles)
