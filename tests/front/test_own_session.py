import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.house import PASSWORD, Client, House, Visitor, a_house, served

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        await built.add("alice")
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def visitor(client: Client) -> Visitor:
    visitor = Visitor(client)
    await visitor.sign_in()
    return visitor


async def test_given_a_session_then_its_holder_sees_it_and_themselves(visitor: Visitor) -> None:
    response = await visitor.get("/api/session")

    body = await response.json()
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert body["session"]["current"] is True
    assert body["user"]["username"] == "alice"
    assert body["user"]["status"] == "active"
    assert body["user"]["sessionCount"] == 1
    assert INSTANT.fullmatch(body["user"]["createdAt"])
    assert INSTANT.fullmatch(body["user"]["lastLoginAt"])
    for name in ("createdAt", "lastActiveAt", "expiresAt", "idleExpiresAt"):
        assert INSTANT.fullmatch(body["session"][name])


async def test_given_no_session_then_401_with_the_challenge(client: Client) -> None:
    nobody = await Visitor(client).get("/api/session", Accept="text/html")
    forger = await Visitor(client, "__Host-sidecar=1.x").get("/api/session")

    assert (nobody.status, forger.status) == (401, 401)
    assert nobody.headers["WWW-Authenticate"] == "Session"
    assert nobody.content_type == "application/problem+json"
    assert (await nobody.json())["code"] == "session_missing"
    assert (await forger.json())["code"] == "session_invalid"


async def test_given_a_store_that_does_not_say_who_it_is_then_503_and_the_cookie_is_left_alone(
    visitor: Visitor, house: House
) -> None:
    await house.make_unreadable(visitor)

    shown = await visitor.get("/api/session")
    proven = await visitor.post("/api/reauth", {"password": PASSWORD})

    for response in (shown, proven):
        assert response.status == 503
        assert (await response.json())["code"] == "store_unavailable"
        assert "Set-Cookie" not in response.headers


async def test_given_the_limits_of_time_then_the_401_says_which_was_reached(
    visitor: Visitor, house: House
) -> None:
    house.clock.moved = timedelta(minutes=60)
    idle = await visitor.get("/api/session")
    house.clock.moved = timedelta(hours=24)
    old = await visitor.get("/api/session")

    assert (await idle.json())["code"] == "session_idle"
    assert (await old.json())["code"] in ("session_expired", "session_idle")


async def test_given_a_page_that_only_refreshes_itself_then_its_session_still_gets_idle(
    visitor: Visitor, house: House
) -> None:
    house.clock.moved = timedelta(minutes=50)
    untouched = await visitor.get("/api/session")
    await house.lifecycle.flush()
    house.clock.moved = timedelta(minutes=70)

    assert untouched.status == 200
    assert (await (await visitor.get("/api/session")).json())["code"] == "session_idle"


async def test_given_somebody_at_the_page_then_its_session_stays(
    visitor: Visitor, house: House
) -> None:
    house.clock.moved = timedelta(minutes=50)
    await visitor.get("/api/session", **{"X-Sidecar-Active": "1"})
    await house.lifecycle.flush()
    house.clock.moved = timedelta(minutes=70)

    assert (await visitor.get("/api/session")).status == 200


async def test_given_a_lock_then_the_open_session_keeps_working_and_shows_it(
    visitor: Visitor, client: Client
) -> None:
    for _ in range(10):
        await Visitor(client).sign_in(password="wrong")

    body = await (await visitor.get("/api/session")).json()

    assert body["user"]["status"] == "locked"


async def test_given_the_password_again_then_the_cookie_is_new_and_the_session_the_same(
    visitor: Visitor,
) -> None:
    before, first = visitor.cookie, await (await visitor.get("/api/session")).json()

    response = await visitor.post("/api/reauth", {"password": PASSWORD})

    assert response.status == 204
    assert visitor.cookie != before
    after = await (await visitor.get("/api/session")).json()
    assert after["session"]["id"] == first["session"]["id"]
    other_tab = await Visitor(visitor.client, before).get("/api/session")
    assert other_tab.status == 200


async def test_given_nine_tabs_that_prove_it_at_once_then_none_is_signed_out(
    visitor: Visitor,
) -> None:
    tabs = [Visitor(visitor.client, visitor.cookie) for _ in range(9)]

    await asyncio.gather(*(tab.post("/api/reauth", {"password": PASSWORD}) for tab in tabs))

    assert {(await tab.get("/api/session")).status for tab in tabs} == {200}


async def test_given_a_wrong_password_then_403_and_it_counts_to_the_lock(
    visitor: Visitor,
) -> None:
    wrong = [await visitor.post("/api/reauth", {"password": "wrong"}) for _ in range(10)]

    locked = await visitor.post("/api/reauth", {"password": PASSWORD})

    assert {answer.status for answer in wrong} == {403}
    assert (await wrong[0].json())["code"] == "invalid_credentials"
    assert locked.status == 429
    assert int(locked.headers["Retry-After"]) > 0
    assert (await visitor.get("/api/session")).status == 200


async def test_given_nobody_signed_in_then_there_is_nothing_to_prove(client: Client) -> None:
    response = await Visitor(client).post("/api/reauth", {"password": PASSWORD})

    assert response.status == 401


async def test_given_the_keys_then_anybody_may_read_the_public_half(
    client: Client, house: House
) -> None:
    response = await Visitor(client).get("/.well-known/jwks.json")

    (key, *_) = (await response.json())["keys"]
    assert key["kty"] == "EC"
    assert key["crv"] == "P-256"
    assert "d" not in key
    assert response.headers["Cache-Control"] == "public, max-age=300"
