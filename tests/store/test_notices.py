"""A person says of a new device whether it is theirs: who may, and what follows, in one step."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from sidecar.core.notices import NoticeGone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import User
from tests.store.rig import Rig, actor_of
from tests.store.sightings import confirm, disown, enter, found, handle_of, waiting

Answer = Callable[[Rig, User, Handle, Handle], Awaitable[object]]
ELSEWHERE = Handle("h" * 22)


async def two_devices(rig: Rig) -> tuple[User, Handle, Handle]:
    """Return a person with their sessions on a known and on a new device."""
    user = await rig.a_user()
    return user, await handle_of(rig, user, "laptop"), await handle_of(rig, user, "phone")


async def test_given_a_notice_when_it_was_they_then_the_device_is_known_from_now_on(
    rig: Rig,
) -> None:
    user, laptop, phone = await two_devices(rig)

    await confirm(rig, user, phone, laptop)

    assert await waiting(rig, user) == []
    assert not (await enter(rig, user, "phone")).new_device
    assert await waiting(rig, user) == []
    (entry,) = [one for one in await rig.entries() if one.action.value == "device.confirmed"]
    assert (entry.target.handle, entry.target.username) == (phone, "alice")
    assert entry.details == {"device": "Firefox on Linux"}
    assert await rig.sessions.get(phone) is not None


async def test_given_a_notice_when_it_was_not_they_then_all_sessions_from_there_end(
    rig: Rig,
) -> None:
    user, laptop, phone = await two_devices(rig)
    second = await handle_of(rig, user, "phone")
    other = await handle_of(rig, user, "laptop")

    assert await disown(rig, user, phone, laptop) == 2

    assert await rig.is_dead(phone)
    assert await rig.is_dead(second)
    assert await rig.sessions.get(other) is not None
    (notice,) = await found(rig, user)
    assert notice.disowned_at is not None
    assert notice.sessions == ()
    assert (await rig.actions())[-3:] == ["device.disowned", "session.revoked", "session.revoked"]
    ended = (await rig.entries())[-1]
    assert (ended.reason, ended.actor) == ("revoked", actor_of(user))
    assert rig.counts.endings["revoked"] == 2


async def test_given_a_device_that_was_disowned_when_it_comes_back_then_it_is_new_again(
    rig: Rig,
) -> None:
    user, laptop, phone = await two_devices(rig)
    await disown(rig, user, phone, laptop)

    again = await handle_of(rig, user, "phone")

    assert await waiting(rig, user) == [again, phone]


@pytest.mark.parametrize("answer", [confirm, disown])
async def test_given_a_notice_then_the_device_that_it_is_about_may_not_answer(
    rig: Rig, answer: Answer
) -> None:
    user, _, phone = await two_devices(rig)
    second = await handle_of(rig, user, "phone")

    for own in (phone, second):
        with pytest.raises(NoticeGone):
            await answer(rig, user, phone, own)

    assert await waiting(rig, user) == [phone]


async def test_given_two_new_devices_then_neither_may_say_that_the_other_is_known(
    rig: Rig,
) -> None:
    user, _, phone = await two_devices(rig)
    tablet = await handle_of(rig, user, "tablet")

    for notice, own in ((phone, tablet), (tablet, phone)):
        with pytest.raises(NoticeGone):
            await confirm(rig, user, notice, own)

    assert await disown(rig, user, phone, tablet) == 1


@pytest.mark.parametrize("answer", [confirm, disown])
async def test_given_somebody_elses_notice_or_session_then_there_is_none(
    rig: Rig, answer: Answer
) -> None:
    user, laptop, phone = await two_devices(rig)
    mallory = await rig.a_user("mallory")
    theirs = await handle_of(rig, mallory, "their own")

    for who, notice, own in (
        (mallory, phone, theirs),
        (user, phone, theirs),
        (mallory, phone, laptop),
        (user, laptop, laptop),
        (user, ELSEWHERE, laptop),
    ):
        with pytest.raises(NoticeGone):
            await answer(rig, who, notice, own)

    assert await rig.sessions.get(phone) is not None
    assert await waiting(rig, user) == [phone]


@pytest.mark.parametrize("answer", [confirm, disown])
async def test_given_a_session_that_has_ended_then_it_answers_nothing(
    rig: Rig, answer: Answer
) -> None:
    user, laptop, phone = await two_devices(rig)
    await rig.sessions.end(laptop, Ended.REVOKED, actor_of(user))

    with pytest.raises(NoticeGone):
        await answer(rig, user, phone, laptop)


async def test_given_one_notice_when_it_is_answered_both_ways_at_once_then_one_answer_stands(
    rig: Rig,
) -> None:
    user, laptop, phone = await two_devices(rig)

    answers = await asyncio.gather(
        *(confirm(rig, user, phone, laptop) for _ in range(4)),
        *(disown(rig, user, phone, laptop) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(not isinstance(answer, NoticeGone) for answer in answers) == 1
    actions = await rig.actions()
    assert actions.count("device.confirmed") + actions.count("device.disowned") == 1


async def test_given_a_sign_in_while_its_device_is_disowned_then_it_has_ended_or_is_told(
    rig: Rig,
) -> None:
    user, laptop, phone = await two_devices(rig)

    opened, _ = await asyncio.gather(
        handle_of(rig, user, "phone"), disown(rig, user, phone, laptop)
    )

    alive = await rig.sessions.get(opened) is not None
    assert alive == (opened in await waiting(rig, user))


async def test_given_a_notice_that_nobody_answered_for_long_then_it_is_over(rig: Rig) -> None:
    user, laptop, phone = await two_devices(rig)
    key, month = rig.keys.notices(user.id), timedelta(days=30)
    stored = json.loads(await rig.database.command("HGET", key, phone))
    stored["t"] -= month // timedelta(milliseconds=1)
    await rig.database.command("HSET", key, phone, json.dumps(stored))

    assert await waiting(rig, user) == []
    with pytest.raises(NoticeGone):
        await confirm(rig, user, phone, laptop)
    again = await handle_of(rig, user, "phone")
    assert await waiting(rig, user) == [again]
