"""What the gate answers, on a real Redis and on one that is silent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from sidecar.core.policy import Policy, Route
from sidecar.core.ports import Look
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.token import Credential, new_handle
from sidecar.core.users import Role
from sidecar.core.verdict import (
    Allow,
    Deny,
    Missing,
    SignIn,
    Unavailable,
    Verdict,
    Whence,
)
from sidecar.gate import Gate
from sidecar.store.codec import dump, hash_text, to_ms
from sidecar.store.dial import PoolDial
from sidecar.store.wire import Wire
from tests.gates import GREETED, KEYS, PUBLIC, QUIET, House
from tests.store.seeds import NOW, a_session, random_bytes
from tests.wires import until


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    client = Redis.from_url(redis_url)
    wire = Wire(PoolDial(client), 5.0, lambda up: None, lambda seconds: None)
    await wire.start()
    yield House(client, wire)
    await wire.close()
    await client.aclose()


@pytest.fixture
async def silent() -> House:
    """A gate whose store is not there."""

    async def dial(protocol: asyncio.Protocol) -> list[tuple[bytes, ...]]:
        raise ConnectionRefusedError

    return House(Redis(), Wire(dial, 0.2, lambda up: None, lambda seconds: None))


async def test_given_a_live_session_when_it_asks_then_it_passes_and_is_touched(house: House):
    session = await house.seed()

    verdict = await house.admit("/wiki", session, client_ip="192.0.2.9")

    assert verdict == Allow(Route(), session)
    assert house.heard.touched == [session.handle]
    assert house.heard.addresses == ["192.0.2.9"]


@pytest.mark.parametrize(
    ("forged", "because"),
    [(False, Missing.SESSION_MISSING), (True, Missing.SESSION_INVALID)],
)
async def test_given_no_genuine_cookie_when_it_asks_then_sign_in_and_the_store_is_not_asked(
    silent: House, forged: bool, because: Missing
):
    assert await silent.admit("/wiki", forged=forged) == SignIn(because)


@pytest.mark.parametrize(
    ("age", "because"),
    [
        (timedelta(minutes=59, seconds=59), None),
        (timedelta(minutes=60), Ended.IDLE_TIMEOUT),
        (timedelta(hours=24), Ended.LIFETIME_EXCEEDED),
    ],
)
async def test_given_a_session_when_time_passes_then_its_limits_hold_to_the_instant(
    house: House, age: timedelta, because: Ended | None
):
    session = await house.seed()
    house.heard.instant = NOW + age

    verdict = await house.admit("/wiki", session)

    assert verdict == (Allow(Route(), session) if because is None else SignIn(because))
    assert house.heard.ended == ([] if because is None else [(session.handle, because)])


@pytest.mark.parametrize(
    ("path", "facts", "passes"),
    [
        ("/admin/x", {"role": Role.ADMIN}, True),
        ("/admin/x", {"role": Role.USER}, False),
        ("/staff/x", {"groups": ("wiki", "staff")}, True),
        ("/staff/x", {"groups": ("staffing",)}, False),
    ],
)
async def test_given_a_route_for_members_when_somebody_asks_then_only_they_pass(
    house: House, path: str, facts: dict[str, Any], passes: bool
):
    session = await house.seed(**facts)

    verdict = await house.admit(path, session)

    assert isinstance(verdict, Allow) if passes else verdict == Deny(session)
    assert bool(house.heard.touched) is passes


async def test_given_an_ended_session_when_its_token_is_used_then_the_end_is_said_and_noticed(
    house: House,
):
    session = a_session(handle=new_handle(NOW, 0, random_bytes()))
    tombstone = [-1, to_ms(NOW), "banned", "u1", hash_text(session.secret_hash)]
    await house.redis.set(KEYS.session(session.handle), dump(tombstone))

    known = await house.admit("/wiki", session)
    guessed = await house.admit("/wiki", replace(session, secret_hash=b"x" * 32))

    assert known == SignIn(Ended.BANNED)
    assert guessed == SignIn(Missing.SESSION_INVALID)
    assert [dead.reason for dead in house.heard.dead] == [Ended.BANNED]


async def test_given_an_ended_session_when_its_tab_goes_to_sign_in_then_that_is_no_use_of_the_token(
    house: House,
):
    session = a_session(handle=new_handle(NOW, 0, random_bytes()))
    tombstone = [-1, to_ms(NOW), "revoked", "u1", hash_text(session.secret_hash)]
    await house.redis.set(KEYS.session(session.handle), dump(tombstone))
    credential = Credential(session.handle, session.secret_hash)

    verdicts = [
        await house.gate.signed_in(credential),
        await house.gate.signed_in(credential, whence=Whence("203.0.113.7")),
        await house.gate.signed_in(credential, whence=Whence("203.0.113.7"), active=True),
        await house.admit("/wiki", session),
    ]

    assert verdicts == [SignIn(Ended.REVOKED)] * 4
    assert house.heard.dead_at_ours == [True, True, False]


async def test_given_a_silent_store_when_a_cookie_needs_it_then_that_is_said_and_never_signed_out(
    silent: House,
):
    session = a_session(handle=new_handle(NOW, 0, random_bytes()))

    assert await silent.admit("/wiki", session) == Unavailable()
    assert await silent.admit("/pub/x", session) == Allow(PUBLIC, None)
    assert await silent.admit("/hello/x", session) == Allow(GREETED, None)


async def test_given_a_public_route_with_identity_when_people_ask_then_each_passes_as_who_they_are(
    house: House,
):
    session = await house.seed()
    stale = replace(session, secret_hash=b"x" * 32)

    assert await house.admit("/hello/x", session) == Allow(GREETED, session)
    assert await house.admit("/hello/x", stale) == Allow(GREETED, None)
    assert await house.admit("/hello/x") == Allow(GREETED, None)
    assert await house.admit("/pub/x", session) == Allow(PUBLIC, None)


async def test_given_a_route_that_is_no_activity_when_it_is_used_then_the_session_is_not_touched(
    house: House,
):
    session = await house.seed()

    await house.admit("/quiet/poll", session)
    house.gate.tunnel_used(session, QUIET)
    quiet = list(house.heard.touched)
    house.gate.tunnel_used(session, Route())

    assert (quiet, house.heard.touched) == ([], [session.handle])


async def test_given_a_policy_without_activity_in_tunnels_when_bytes_pass_then_it_is_not_touched(
    house: House,
):
    session = await house.seed()
    house.policies.append(replace(house.policies[0], activity_websocket="none"))
    await house.admit("/quiet/x", session)

    house.gate.tunnel_used(session, Route())

    assert house.heard.touched == []


async def test_given_a_new_policy_when_the_next_request_comes_then_it_holds(house: House):
    before = await house.admit("/open/x")
    house.policies.append(Policy(routes=(Route(path="/open/**", allow="anyone"),)))

    assert before == SignIn(Missing.SESSION_MISSING)
    assert isinstance(await house.admit("/open/x"), Allow)
    assert await house.admit("/pub/x") == SignIn(Missing.SESSION_MISSING)


async def test_given_our_own_pages_when_they_ask_who_it_is_then_routes_and_activity_do_not_count(
    house: House,
):
    session = await house.seed()
    credential = Credential(session.handle, session.secret_hash)

    verdicts = [
        await house.gate.signed_in(credential),
        await house.gate.signed_in(None),
        await house.gate.signed_in(None, forged=True),
    ]

    assert verdicts == [
        Allow(Route(), session),
        SignIn(Missing.SESSION_MISSING),
        SignIn(Missing.SESSION_INVALID),
    ]
    assert house.heard.touched == []


async def test_given_a_line_that_stays_open_when_it_looks_again_then_its_session_alone_decides(
    house: House,
):
    session = await house.seed()
    over = await house.seed(last_active_at=NOW - timedelta(hours=1))
    dead = a_session(handle=new_handle(NOW, 0, random_bytes()))
    tombstone = [-1, to_ms(NOW), "banned", "u1", hash_text(dead.secret_hash)]
    await house.redis.set(KEYS.session(dead.handle), dump(tombstone))
    never = new_handle(NOW, 0, random_bytes())
    verdicts: list[Verdict] = []

    house.gate.look_again(session.handle, verdicts.append)
    house.gate.look_again(session.handle, verdicts.append, active_from="203.0.113.7")
    for handle in (over.handle, dead.handle, never):
        house.gate.look_again(handle, verdicts.append)
    await until(lambda: len(verdicts) == 5)

    assert verdicts == [
        Allow(Route(), session),
        Allow(Route(), session),
        SignIn(Ended.IDLE_TIMEOUT),
        SignIn(Ended.BANNED),
        SignIn(Missing.SESSION_INVALID),
    ]
    assert house.heard.addresses == ["203.0.113.7"]
    assert house.heard.dead == []


async def test_given_a_mistake_of_ours_when_a_request_meets_it_then_nobody_passes(house: House):
    session = await house.seed()
    house.heard.broken = True

    assert await house.admit("/wiki", session) == Unavailable()
    assert await house.admit("/hello/x", session) == Allow(GREETED, None)


async def test_given_one_who_waits_when_they_are_gone_then_a_late_answer_harms_nobody(
    house: House,
):
    class Slow:
        def ask(self, handle: Handle, reply: Callable[[Look], None]) -> None:
            asyncio.get_running_loop().call_later(0.05, reply, None)

    gate = Gate(Slow(), house.heard, house.heard, lambda: Policy(), lambda *_: None)  # type: ignore[arg-type]  # as above
    credential = Credential(new_handle(NOW, 0, random_bytes()), b"x" * 32)
    asking = asyncio.create_task(gate.signed_in(credential))
    await asyncio.sleep(0)

    asking.cancel()
    await asyncio.sleep(0.1)

    assert asking.cancelled()
