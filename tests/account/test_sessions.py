"""A person's own sessions: they see all of theirs and nobody else's, and end those elsewhere."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.policy import Policy, SessionPolicy, StepUpPolicy
from sidecar.core.session import Limits
from tests.account.devices import Device, enter, latest
from tests.house import Client, House


async def test_given_two_devices_then_each_sees_both_and_itself_first(
    laptop: Device, phone: Device, stranger: Device
) -> None:
    for one, other in ((laptop, phone), (phone, laptop)):
        listed = await one.sessions()

        assert [item["id"] for item in listed["items"]] == [one.handle, other.handle]
        assert [item["current"] for item in listed["items"]] == [True, False]
        assert (listed["total"], listed["limit"], listed["offset"]) == (2, 50, 0)
        assert {item["user"]["username"] for item in listed["items"]} == {"alice"}


async def test_given_a_list_then_it_shows_device_and_addresses_and_no_secret(
    laptop: Device, phone: Device
) -> None:
    first = (await phone.sessions())["items"][0]

    assert first["ipAddress"] == first["lastIpAddress"] == "198.51.100.7"
    assert set(first["device"]) == {"label", "browser", "os", "type"}
    assert not [name for name in first if "token" in name.lower() or "secret" in name.lower()]


async def test_given_a_long_list_then_pages_of_it_begin_with_the_current_one(
    house: House, client: Client, laptop: Device
) -> None:
    house.policies.append(Policy(session=SessionPolicy(limits=Limits(max_per_user=20))))
    others = [(await enter(client, "alice")).handle for _ in range(4)]

    first = await laptop.sessions("?limit=3")
    rest = await laptop.sessions("?limit=3&offset=3")

    newest = others[::-1]
    assert [item["id"] for item in first["items"]] == [laptop.handle, *newest[:2]]
    assert [item["id"] for item in rest["items"]] == newest[2:]
    assert first["total"] == rest["total"] == 5


async def test_given_another_session_when_it_is_ended_then_it_is_out_and_it_is_audited(
    house: House, laptop: Device, phone: Device
) -> None:
    answer = await laptop.end(phone.handle)

    assert (answer.status, answer.body) == (200, {"revoked": 1})
    assert not await phone.is_signed_in()
    assert (await phone.ask("GET", "/api/sessions")).code == "session_revoked"
    (entry,) = await latest(house)
    assert (entry["action"], entry["reason"], entry["scope"]) == (
        "session.revoked",
        "revoked",
        "single",
    )
    assert entry["actor"]["id"] == entry["target"]["userId"] == laptop.id
    assert entry["actor"]["ipAddress"] == "203.0.113.9"
    assert entry["target"]["sessionId"] == phone.handle


async def test_given_the_current_session_when_it_is_to_be_ended_then_409_and_it_stays(
    laptop: Device,
) -> None:
    answer = await laptop.end(laptop.handle)

    assert (answer.status, answer.code) == (409, "current_session")
    assert await laptop.is_signed_in()


async def test_given_all_others_when_they_are_ended_then_one_entry_counts_them(
    house: House, client: Client, laptop: Device, phone: Device, stranger: Device
) -> None:
    tablet = await enter(client, "alice")

    answer = await laptop.end_others()
    again = await laptop.end_others()

    assert (answer.status, answer.body, again.body) == (200, {"revoked": 2}, {"revoked": 0})
    assert [await one.is_signed_in() for one in (laptop, phone, tablet, stranger)] == [
        True,
        False,
        False,
        True,
    ]
    (entry,) = await latest(house)
    assert (entry["action"], entry["scope"], entry["count"]) == ("session.revoked", "bulk", 2)


async def test_s_72_given_sessions_of_others_and_guesses_then_all_are_answered_alike(
    house: House, laptop: Device, phone: Device, stranger: Device
) -> None:
    await laptop.end(phone.handle)
    guesses = [stranger.handle, phone.handle, stranger.handle[:-1] + "A", "h" * 30]

    answers = [await laptop.end(guess) for guess in guesses]

    assert {(answer.status, answer.code) for answer in answers} == {(404, "not_found")}
    assert len({answer.body["detail"] for answer in answers}) == 1
    assert await stranger.is_signed_in()
    (entry,) = await latest(house)
    assert (entry["action"], entry["outcome"], entry["reason"], entry["count"]) == (
        "session.revoked", "refused", "not_found", 0,
    )  # fmt: skip
    assert (entry["actor"]["id"], entry["target"]["userId"]) == (laptop.id, stranger.id)


@pytest.mark.parametrize(
    "path",
    ["/api/sessions/x", "/api/sessions/", "/api/sessions/..%2Flogout", "/api/sessions/%00"],
)
async def test_given_what_is_no_handle_then_there_is_nothing(path: str, laptop: Device) -> None:
    answer = await laptop.ask("DELETE", path)

    assert answer.status == 404
    assert await laptop.is_signed_in()


@pytest.mark.parametrize("query", ["?limit=0", "?limit=201", "?offset=-1", "?userId=x", "?q=a"])
async def test_given_what_the_list_does_not_know_then_400(query: str, laptop: Device) -> None:
    answer = await laptop.ask("GET", f"/api/sessions{query}")

    assert (answer.status, answer.code) == (400, "invalid_input")


async def test_given_a_policy_that_asks_for_proof_when_it_is_old_then_reauth_is_required(
    house: House, laptop: Device, phone: Device
) -> None:
    asked = StepUpPolicy(end_sessions=timedelta(minutes=5))
    house.policies.append(replace(Policy(), step_up=asked))
    house.clock.moved = timedelta(minutes=6)

    one, all_others = await laptop.end(phone.handle), await laptop.end_others()

    for answer in (one, all_others):
        assert (answer.status, answer.code) == (403, "reauth_required")
    assert await phone.is_signed_in()
    refused = await latest(house, 2)
    assert [(entry["action"], entry["outcome"], entry["reason"]) for entry in refused] == [
        ("session.revoked", "refused", "reauth_required")
    ] * 2
    assert {entry["target"]["userId"] for entry in refused} == {laptop.id}


async def test_given_sessions_over_a_limit_then_nobody_is_shown_them(
    house: House, laptop: Device, phone: Device
) -> None:
    house.clock.moved = timedelta(minutes=50)
    await phone.visitor.get("/api/session", **{"X-Sidecar-Active": "1"})
    await house.lifecycle.flush()
    house.clock.moved = timedelta(minutes=70)

    listed = await phone.sessions()

    assert [item["id"] for item in listed["items"]] == [phone.handle]


async def test_given_a_page_that_asks_again_and_again_then_that_keeps_no_session_alive(
    house: House, laptop: Device
) -> None:
    house.clock.moved = timedelta(minutes=50)
    await laptop.sessions()
    house.clock.moved = timedelta(minutes=70)

    assert (await laptop.ask("GET", "/api/sessions")).code == "session_idle"
