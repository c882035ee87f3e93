"""Sign-ins from new devices: who sees them, and what their answer does."""

from datetime import timedelta

import pytest

from sidecar.core.policy import NewDevicePolicy, Policy, StepUpPolicy
from tests.account.devices import Answer, Device, enter, latest
from tests.house import Client, House


async def notices(device: Device) -> list[dict[str, object]]:
    answer = await device.ask("GET", "/api/notices")
    assert answer.status == 200, answer.body
    assert answer.body["total"] == len(answer.body["items"])
    items: list[dict[str, object]] = answer.body["items"]
    return items


async def say(device: Device, notice: str, word: str) -> Answer:
    return await device.ask("POST", f"/api/notices/{notice}/{word}", {})


async def test_given_a_new_device_then_the_others_are_told_what_it_is_and_it_is_not(
    laptop: Device, phone: Device
) -> None:
    (notice,) = await notices(laptop)

    opened = (await phone.sessions())["items"][0]
    assert notice == {
        "id": phone.handle,
        "device": opened["device"],
        "ipAddress": "198.51.100.7",
        "seenAt": opened["createdAt"],
        "sessions": 1,
        "state": "waiting",
        "confirmable": True,
    }
    assert await notices(phone) == []


async def test_given_one_device_then_nobody_is_told_of_it(client: Client, laptop: Device) -> None:
    assert await notices(laptop) == []
    again = await client.post("/_sidecar/api/notices")
    assert again.status in (403, 405)


async def test_given_this_was_me_then_nothing_ends_and_nothing_is_shown(
    house: House, laptop: Device, phone: Device
) -> None:
    answer = await say(laptop, phone.handle, "confirm")

    assert (answer.status, answer.body) == (200, {"revoked": 0, "changePassword": False})
    assert await notices(laptop) == []
    assert await phone.is_signed_in()
    (entry,) = await latest(house)
    assert (entry["action"], entry["target"]["sessionId"]) == ("device.confirmed", phone.handle)


async def test_given_this_was_not_me_then_it_is_out_and_a_new_password_is_asked_for(
    house: House, laptop: Device, phone: Device
) -> None:
    answer = await say(laptop, phone.handle, "disown")

    assert (answer.status, answer.body) == (200, {"revoked": 1, "changePassword": True})
    assert (await phone.ask("GET", "/api/session")).code == "session_revoked"
    (notice,) = await notices(laptop)
    assert (notice["state"], notice["confirmable"], notice["sessions"]) == ("disowned", False, 0)
    ended, disowned = await latest(house, 2)
    assert (disowned["action"], ended["action"]) == ("device.disowned", "session.revoked")
    assert ended["actor"]["username"] == "alice"
    assert (await laptop.change_password()).status == 204
    assert await notices(laptop) == []


async def test_given_a_new_device_then_what_it_says_of_itself_or_of_another_does_not_count(
    client: Client, laptop: Device, phone: Device
) -> None:
    tablet = await enter(client, "alice", address="198.51.100.8")

    assert [one["confirmable"] for one in await notices(tablet)] == [False]
    assert (await say(phone, phone.handle, "confirm")).code == "not_found"
    assert (await say(phone, phone.handle, "disown")).code == "not_found"
    assert (await say(phone, tablet.handle, "confirm")).code == "not_found"
    assert len(await notices(laptop)) == 2


@pytest.mark.parametrize("word", ["confirm", "disown"])
async def test_s_72_given_somebody_elses_notice_then_it_is_answered_as_one_that_is_not(
    house: House, laptop: Device, phone: Device, stranger: Device, word: str
) -> None:
    theirs = await say(stranger, phone.handle, word)
    never = await say(stranger, "A" * len(phone.handle), word)
    short = await say(stranger, "x", word)

    assert (theirs.status, theirs.code) == (never.status, never.code) == (404, "not_found")
    assert short.status == 404
    assert {**theirs.body, "instance": ""} == {**never.body, "instance": ""}
    assert await phone.is_signed_in()
    assert len(await notices(laptop)) == 1


@pytest.mark.parametrize("word", ["confirm", "disown"])
async def test_s_60_given_another_site_then_it_answers_nothing_in_a_persons_name(
    house: House, laptop: Device, phone: Device, word: str
) -> None:
    laptop.visitor.headers["Origin"] = "https://evil.example"

    answer = await say(laptop, phone.handle, word)

    assert answer.status == 403
    assert await phone.is_signed_in()
    (entry,) = await latest(house)
    assert (entry["outcome"], entry["reason"]) == ("refused", "cross_site_request")


async def test_given_an_answer_when_it_is_given_twice_then_the_second_finds_nothing(
    laptop: Device, phone: Device
) -> None:
    first = await say(laptop, phone.handle, "disown")
    second = await say(laptop, phone.handle, "disown")
    third = await say(laptop, phone.handle, "confirm")

    assert [one.status for one in (first, second, third)] == [200, 404, 404]


async def test_given_a_policy_that_asks_for_proof_then_ending_asks_for_it_and_confirming_not(
    house: House, laptop: Device, phone: Device
) -> None:
    house.policies.append(Policy(step_up=StepUpPolicy(end_sessions=timedelta(minutes=5))))
    house.clock.moved = timedelta(minutes=6)

    assert (await say(laptop, phone.handle, "disown")).code == "reauth_required"
    assert (await say(laptop, phone.handle, "confirm")).status == 200


async def test_given_a_policy_without_notices_then_nobody_is_told(
    house: House, client: Client, laptop: Device
) -> None:
    house.policies.append(Policy(new_devices=NewDevicePolicy(notice=False)))

    await enter(client, "alice")

    assert await notices(laptop) == []
