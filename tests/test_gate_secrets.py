"""Part of `sidecar/gate.py`: which secrets are the session's."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from sidecar.core.headers import RequestHead, forwardable
from sidecar.core.token import new_handle
from sidecar.core.verdict import Allow, Missing, SignIn
from sidecar.store.codec import dump, hash_text, to_ms
from sidecar.store.dial import PoolDial
from sidecar.store.wire import Wire
from tests.gates import KEYS, House
from tests.store.seeds import NOW, a_session, random_bytes


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    client = Redis.from_url(redis_url)
    wire = Wire(PoolDial(client), 5.0, lambda up: None, lambda seconds: None)
    await wire.start()
    yield House(client, wire)
    await wire.close()
    await client.aclose()


async def test_given_a_secret_that_is_not_the_sessions_when_it_asks_then_it_is_invalid(
    house: House,
):
    session = await house.seed()

    verdict = await house.admit("/wiki", replace(session, secret_hash=b"x" * 32))

    assert verdict == SignIn(Missing.SESSION_INVALID)
    assert house.heard.touched == []


@pytest.mark.parametrize("wrong", [0, 8, 31])
async def test_given_a_secret_that_is_nearly_right_when_it_is_used_then_every_octet_counts(
    house: House, wrong: int
):
    live = await house.seed(previous_hash=b"p" * 32, previous_until=NOW + timedelta(seconds=10))
    ended = a_session(handle=new_handle(NOW, 0, random_bytes()))
    tombstone = [-1, to_ms(NOW), "banned", "u1", hash_text(ended.secret_hash)]
    await house.redis.set(KEYS.session(ended.handle), dump(tombstone))

    for session, right in (
        (live, live.secret_hash),
        (live, live.previous_hash),
        (ended, ended.secret_hash),
    ):
        nearly = bytearray(right)
        nearly[wrong] ^= 1
        verdict = await house.admit("/wiki", replace(session, secret_hash=bytes(nearly)))
        assert verdict == SignIn(Missing.SESSION_INVALID)
    assert house.heard.dead == []


@pytest.mark.parametrize(("age", "passes"), [(9.9, True), (10.0, False)])
async def test_s64_given_a_replaced_secret_when_it_is_used_then_it_works_for_a_moment_only(
    house: House, age: float, passes: bool
):
    until = NOW + timedelta(seconds=10)
    session = await house.seed(previous_hash=b"p" * 32, previous_until=until)
    house.heard.instant = NOW + timedelta(seconds=age)

    verdict = await house.admit("/wiki", replace(session, secret_hash=b"p" * 32))

    assert isinstance(verdict, Allow) is passes
    assert house.heard.reused_ones == ([] if passes else [session.handle])


@pytest.mark.parametrize("age", [5.0, 15.0])
@pytest.mark.parametrize(
    ("user_agent", "the_same"),
    [(b"Wiki/1.9", True), (b"Other/1.2", False), (None, True)],
    ids=["another version", "another program", "none"],
)
async def test_s64_given_a_replaced_secret_when_another_program_has_it_then_it_counts_for_nothing(
    house: House, age: float, user_agent: bytes | None, the_same: bool
):
    until = NOW + timedelta(seconds=10)
    facts = {"user_agent": "Wiki/1.2", "previous_hash": b"p" * 32, "previous_until": until}
    session = await house.seed(**facts)
    house.heard.instant = NOW + timedelta(seconds=age)
    fields = ((b"Host", b"app.example"), *([(b"User-Agent", user_agent)] if user_agent else []))
    head = forwardable(fields, frozenset())
    assert isinstance(head, RequestHead)

    verdict = await house.admit("/wiki", replace(session, secret_hash=b"p" * 32), head=head)

    assert isinstance(verdict, Allow) is (the_same and age < 10.0)
    assert house.heard.reused_ones == ([session.handle] if the_same and age > 10.0 else [])
