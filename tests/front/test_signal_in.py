"""Signals over HTTP: who may send any, what they end, and what each refusal says and leaves."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientResponse

from sidecar.core.policy import IN_FORCE, Policy
from sidecar.core.ports import StoreUnavailable
from sidecar.core.signals import LARGEST
from sidecar.front.patience import MOST
from tests.front.signalling import ONLY_ONE, SOURCES, Place
from tests.house import Visitor, a_house, served
from tests.login.op import RSA_TWO, signed
from tests.signing import a_message, claims_of


@pytest.fixture
async def place(redis_url: str) -> AsyncIterator[Place]:
    async with a_house(redis_url, signals=SOURCES) as house, served(house) as client:
        await house.add("maria")
        maria = Visitor(client)
        assert (await maria.sign_in("maria")).status == 200
        yield Place(house, maria)


async def code_of(response: ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    return response.status, str((await response.json())["code"])


async def test_given_a_signed_message_then_the_sessions_end_at_once(place: Place) -> None:
    response = await place.say({"username": "maria", "reason": "left the company"})

    assert (response.status, await response.json()) == (200, {"revoked": 1, "repeated": False})
    assert response.headers["Cache-Control"] == "no-store"
    assert await place.who() == "session_revoked"
    entry = json.loads((await place.house.audit())[-1]["e"])
    assert (entry["a"], entry["r"], entry["k"]) == ("session.revoked", "signal", "service")
    assert (entry["i"], entry["p"]) == ("hr", "192.0.2.1")
    assert entry["d"] == {"note": "left the company"}


async def test_given_a_signed_token_then_the_sessions_end_at_once(place: Place) -> None:
    claims = claims_of({"username": "maria", "reason": "malware"}, at=place.now)

    response = await place.send({}, signed(claims).encode(), source="siem", kind="application/jwt")

    assert (await response.json())["revoked"] == 1
    assert await place.who() == "session_revoked"


async def test_given_a_person_that_nobody_knows_then_an_authentic_caller_is_told(
    place: Place,
) -> None:
    response = await place.say({"username": "nobody"})

    assert (response.status, (await response.json())["revoked"]) == (200, 0)


async def test_given_a_message_when_it_is_replayed_then_nothing_ends_and_it_is_noted(
    place: Place,
) -> None:
    message = a_message({"username": "maria"}, at=place.now)
    assert (await (await place.send(*message)).json())["revoked"] == 1
    await place.maria.sign_in("maria")

    replayed = await place.send(*message)

    assert (replayed.status, await replayed.json()) == (200, {"revoked": 0, "repeated": True})
    assert await place.who() == "maria"
    (refused,) = await place.refusals()
    assert (refused["r"], refused["i"]) == ("signal_repeated", "hr")


async def test_given_a_token_when_it_is_replayed_then_nothing_ends(place: Place) -> None:
    token = signed(claims_of({"username": "maria"}, at=place.now)).encode()
    assert (await place.send({}, token, source="siem", kind="application/jwt")).status == 200
    await place.maria.sign_in("maria")

    replayed = await place.send({}, token, source="siem", kind="application/jwt")

    assert (await replayed.json())["repeated"] is True
    assert await place.who() == "maria"


async def test_given_one_message_many_times_at_once_then_it_is_carried_out_once(
    place: Place,
) -> None:
    message = a_message({"username": "maria"}, at=place.now)

    answers = await asyncio.gather(*(place.send(*message) for _ in range(5)))

    bodies = [await answer.json() for answer in answers]
    assert sorted(body["revoked"] for body in bodies) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("hr", {"secret": b"not the secret that they have"}),
        ("edr", {}),
        ("siem", {}),
        ("nobody", {}),
        (None, {}),
        ("hr&source=hr", {}),
    ],
    ids=str,
)
async def test_given_a_wrong_key_or_source_then_401_says_no_more_and_is_noted_once(
    place: Place, source: str | None, more: dict[str, Any]
) -> None:
    answers = [await place.say({"username": "maria"}, source, **more) for _ in range(3)]

    codes = [await code_of(answer) for answer in answers]
    assert codes == [(401, "signal_not_genuine")] * 3
    assert answers[0].headers["WWW-Authenticate"] == "Signal"
    assert await place.who() == "maria"
    (refused,) = await place.refusals()
    assert (refused["r"], refused["i"]) == ("signal_not_genuine", "signals")
    known = source if source in SOURCES else None
    assert refused["d"].get("note") == known


async def test_given_a_token_of_another_key_or_as_json_then_401(place: Place) -> None:
    claims = claims_of({"username": "maria"}, at=place.now)
    forged = signed(claims, RSA_TWO, kid="one").encode()

    for body, kind in ((forged, "application/jwt"), (signed(claims).encode(), "application/json")):
        response = await place.send({}, body, source="siem", kind=kind)
        assert await code_of(response) == (401, "signal_not_genuine")
    assert await place.who() == "maria"


@pytest.mark.parametrize("off", [-301, 62, 3600])
async def test_given_a_message_of_another_time_then_400_and_nothing_ends(
    place: Place, off: int
) -> None:
    response = await place.send(*a_message({"username": "maria"}, at=place.now + off))

    assert await code_of(response) == (400, "signal_untimely")
    assert await place.who() == "maria"
    (refused,) = await place.refusals()
    assert (refused["r"], refused["i"]) == ("signal_untimely", "hr")


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"username": "maria", "email": "maria@example.com"},
        {"username": "maria", "everyone": True},
        {"username": 7},
        {"username": ""},
        {"userId": "../x"},
        {"sessionId": "short"},
        {"username": "maria", "reason": "x" * 501},
        {"username": "maria", "reason": "one\ntwo"},
        [],
        b"no json",
        b'{"username": "maria", "reason": "\xff"}',
    ],
    ids=str,
)
async def test_given_a_message_that_makes_no_sense_then_400_and_nothing_ends(
    place: Place, members: object
) -> None:
    response = await place.say(members)

    assert await code_of(response) == (400, "invalid_input")
    assert await place.who() == "maria"
    assert [entry["r"] for entry in await place.refusals()] == ["invalid_input"]


async def test_given_a_token_with_claims_of_something_else_then_400(place: Place) -> None:
    token = signed(claims_of({"username": "maria", "nonce": "n"}, at=place.now)).encode()

    response = await place.send({}, token, source="siem", kind="application/jwt")

    assert await code_of(response) == (400, "invalid_input")
    assert await place.who() == "maria"


async def test_given_a_source_that_may_end_single_sessions_then_no_more_than_that(
    place: Place,
) -> None:
    refused = await place.say({"username": "maria"}, "edr", secret=ONLY_ONE)
    assert await code_of(refused) == (403, "signal_not_allowed")
    assert await place.who() == "maria"

    handle = place.maria.cookie.split(".")[2]
    done = await place.say({"sessionId": handle}, "edr", secret=ONLY_ONE, message_id="two")

    assert (await done.json())["revoked"] == 1
    assert await place.who() == "session_revoked"


async def test_given_too_much_then_413_before_anything_is_looked_at(place: Place) -> None:
    response = await place.say({"username": "maria", "reason": "x" * LARGEST})

    assert await code_of(response) == (413, "payload_too_large")
    assert await place.who() == "maria"


async def test_given_much_nonsense_then_its_sender_waits_and_others_do_not(place: Place) -> None:
    head, body = a_message({"username": "maria"}, at=place.now, secret=b"w" * 32)
    for _ in range(MOST):
        assert (await place.send(head, body, address="198.51.100.1")).status == 401

    waits = await place.send(head, body, address="198.51.100.1")

    assert await code_of(waits) == (429, "too_many_requests")
    assert (await place.say({"username": "maria"})).status == 200
    assert len(await place.refusals()) == 1


async def test_given_a_policy_without_the_trigger_then_501_and_nothing_ends(place: Place) -> None:
    place.house.policies.append(replace(Policy(), triggers={**IN_FORCE, "signal": False}))

    assert await code_of(await place.say({"username": "maria"})) == (501, "signals_off")
    assert await place.who() == "maria"


async def test_given_a_store_that_falls_silent_then_503_and_the_message_may_come_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = place.house.services.signals
    assert room is not None
    message, end = a_message({"username": "maria"}, at=place.now), type(room.book).end

    async def silent(*_: object) -> int:
        raise StoreUnavailable("silent")

    monkeypatch.setattr(type(room.book), "end", silent)
    failed = await place.send(*message)
    monkeypatch.setattr(type(room.book), "end", end)

    assert await code_of(failed) == (503, "store_unavailable")
    assert (await (await place.send(*message)).json())["revoked"] == 1


async def test_given_a_signed_in_browser_then_its_cookie_is_of_no_use(place: Place) -> None:
    body = json.dumps({"username": "maria"}).encode()
    origin = {"Origin": "https://wiki.example.com"}

    response = await place.send(origin, body, cookie=place.maria.cookie)

    assert await code_of(response) == (401, "signal_not_genuine")
    assert await place.who() == "maria"


async def test_given_one_source_alone_then_it_need_not_be_named(redis_url: str) -> None:
    one = {"hr": SOURCES["hr"]}
    async with a_house(redis_url, signals=one) as house, served(house) as client:
        place = Place(house, Visitor(client))

        response = await place.say({"username": "nobody"}, None)

        assert response.status == 200


async def test_given_no_source_then_there_is_nothing_here(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        place = Place(house, Visitor(client))

        assert await code_of(await place.say({"username": "nobody"})) == (404, "not_found")
