"""Challenges: good for one answer, for some minutes, and worth nothing to who reads Redis."""

import asyncio
from datetime import timedelta

from sidecar.core.factors import Challenge
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store.challenges import Challenges
from tests.store.rig import Rig


def a_challenge(rig: Rig, lasts: timedelta = timedelta(minutes=5)) -> Challenge:
    now = rig.clock.now()
    until = now.replace(microsecond=now.microsecond // 1000 * 1000) + lasts
    return Challenge("enrol", UserId("u-1"), 3, until, Handle("h-1"), b"secret bytes")


async def test_given_a_challenge_when_it_is_answered_at_once_then_one_answer_gets_it(
    rig: Rig,
) -> None:
    given = a_challenge(rig)
    text = await rig.factors.give_challenge(given)

    taken = await asyncio.gather(*(rig.factors.take_challenge(text) for _ in range(8)))

    assert [one for one in taken if one is not None] == [given]


async def test_given_a_challenge_then_redis_knows_neither_its_text_nor_what_it_is_about(
    rig: Rig,
) -> None:
    text = await rig.factors.give_challenge(a_challenge(rig))

    keys = await rig.database.command("KEYS", f"{rig.keys.base(0)}challenge:*")
    assert len(keys) == 1
    assert text.encode() not in keys[0]
    kept = await rig.database.command("GET", keys[0])
    assert not any(word in kept for word in (b"u-1", b"secret", b"enrol", text.encode()))
    assert 0 < await rig.database.command("PTTL", keys[0]) <= 301_000


async def test_given_made_up_old_and_foreign_challenges_then_there_is_none(rig: Rig) -> None:
    old = await rig.factors.give_challenge(a_challenge(rig, -timedelta(seconds=1)))
    elsewhere = Challenges(rig.database, b"o" * 32)
    foreign = await elsewhere.give_challenge(a_challenge(rig))

    for text in (old, foreign, "", "x" * 43, "ä" * 43, "a" * 4000, "../" * 14 + "a"):
        assert await rig.factors.take_challenge(text) is None
