"""What is done to a person: ban, unlock, password."""

from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.instants import write_instant
from tests.admin.staff import Person
from tests.house import Client, House, Visitor

NEW = "a harbour under the lantern"


async def test_given_a_ban_when_it_is_set_and_lifted_then_the_person_is_out_and_may_come_back(
    admin: Person, user: Person, client: Client
) -> None:
    banned = await admin.post(f"/users/{user.id}/ban", {"reason": "laptop stolen"})
    refused = await Visitor(client).sign_in("uma")
    lifted = await admin.post(f"/users/{user.id}/unban")
    again = await Visitor(client).sign_in("uma")

    assert (banned.status, banned.body["status"], banned.body["sessionCount"]) == (
        200,
        "banned",
        0,
    )
    assert not await user.is_signed_in()
    assert refused.status == 403
    assert lifted.body["status"] == "active"
    assert again.status == 200
    entries = (await admin.get("/audit", action="user.banned")).body["items"]
    assert entries[0]["reason"] == "laptop stolen"


async def test_given_a_ban_with_an_end_when_it_is_set_then_the_end_is_audited(
    admin: Person, user: Person
) -> None:
    until = write_instant(datetime.now(UTC) + timedelta(days=1))

    answer = await admin.post(f"/users/{user.id}/ban", {"reason": "exam", "until": until})

    assert answer.body["status"] == "banned"
    entry = (await admin.get("/audit", action="user.banned")).body["items"][0]
    assert entry["details"]["until"].startswith(until[:10])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x", "until": "tomorrow"}, "until"),
        ({"reason": "x", "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"reason": "x", "until": None}, "until"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
async def test_given_a_ban_that_says_too_little_then_the_member_is_named(
    admin: Person, user: Person, body: dict[str, object], field: str
) -> None:
    answer = await admin.post(f"/users/{user.id}/ban", body)

    assert (answer.status, answer.fields) == (400, [field])
    assert await user.is_signed_in()


async def test_given_a_locked_person_when_they_are_unlocked_then_they_may_sign_in(
    admin: Person, user: Person, client: Client
) -> None:
    guessing = Visitor(client, address="198.51.100.66")
    for _ in range(10):
        await guessing.sign_in("uma", "wrong")
    locked = await admin.get(f"/users/{user.id}")

    answer = await admin.post(f"/users/{user.id}/unlock")

    assert locked.body["status"] == "locked"
    assert (answer.status, answer.body["status"]) == (200, "active")
    assert (await Visitor(client).sign_in("uma")).status == 200


async def test_given_a_new_password_when_it_is_set_then_only_it_opens_a_session(
    admin: Person, user: Person, client: Client
) -> None:
    answer = await admin.post(f"/users/{user.id}/password", {"new": NEW})

    assert (answer.status, answer.body["sessionCount"]) == (200, 0)
    assert not await user.is_signed_in()
    assert (await Visitor(client).sign_in("uma")).status == 401
    assert (await Visitor(client).sign_in("uma", NEW)).status == 200


async def test_given_a_password_for_one_sign_in_when_it_is_used_then_another_is_asked_for(
    admin: Person, user: Person, client: Client
) -> None:
    await admin.post(f"/users/{user.id}/password", {"new": NEW, "mustChange": True})

    response = await Visitor(client).sign_in("uma", NEW)

    assert response.status == 403
    assert (await response.json(content_type=None))["code"] == "password_change_required"


async def test_given_the_own_password_when_the_sign_in_is_old_then_a_fresh_one_is_asked_for(
    admin: Person, house: House
) -> None:
    house.clock.moved = timedelta(minutes=11)

    answer = await admin.post(f"/users/{admin.id}/password", {"new": NEW})

    assert (answer.status, answer.code) == (403, "reauth_required")
    assert await admin.is_signed_in()


async def test_given_an_owner_when_an_admin_acts_on_them_then_it_is_forbidden_and_audited(
    admin: Person, owner: Person
) -> None:
    path = f"/users/{owner.id}"

    for answer in (
        await admin.post(f"{path}/ban", {"reason": "coup"}),
        await admin.post(f"{path}/unban"),
        await admin.post(f"{path}/unlock"),
        await admin.post(f"{path}/password", {"new": NEW}),
        await admin.post(f"{path}/password-reset"),
    ):
        assert (answer.status, answer.code) == (403, "forbidden")
    entries = (await admin.get("/audit", actor="adam", limit=5)).body["items"]
    assert [entry["outcome"] for entry in entries] == ["refused"] * 5
    assert {entry["target"]["userId"] for entry in entries} == {owner.id}
    assert await owner.is_signed_in()


async def test_given_a_reset_when_it_is_begun_then_the_link_carries_its_token_behind_the_hash(
    admin: Person, user: Person
) -> None:
    answer = await admin.post(f"/users/{user.id}/password-reset")

    url = answer.body["url"]
    assert url.startswith("https://wiki.example.com/_sidecar/reset#")
    token = url.partition("#")[2]
    assert len(token) >= 43
    assert await user.is_signed_in()
    entry = (await admin.get("/audit", action="user.password_reset_started")).body["items"][0]
    assert entry["target"]["userId"] == user.id
    assert token not in str(entry)


async def test_given_a_link_to_reset_when_it_is_used_then_the_password_is_new_once(
    admin: Person, user: Person, client: Client
) -> None:
    url = (await admin.post(f"/users/{user.id}/password-reset")).body["url"]
    body = {"token": url.partition("#")[2], "new": NEW}

    first = await Visitor(client).post("/reset", body)
    second = await Visitor(client).post("/reset", body)

    assert first.status == 204
    assert second.status in (400, 410)
    assert not await user.is_signed_in()
    assert (await Visitor(client).sign_in("uma", NEW)).status == 200


async def test_given_a_person_when_an_owner_erases_them_then_only_an_id_is_left(
    owner: Person, admin: Person, user: Person, client: Client
) -> None:
    assert (await admin.post(f"/users/{user.id}/erase")).status == 403

    erased = await owner.post(f"/users/{user.id}/erase")

    assert (erased.status, erased.body["id"], erased.body["status"]) == (200, user.id, "banned")
    assert erased.body["username"].startswith("erased-")
    assert (erased.body["email"], erased.body["groups"], erased.body["sessionCount"]) == ("", [], 0)
    assert not await user.is_signed_in()
    assert (await Visitor(client).sign_in("uma")).status == 401
    entries = (await owner.get("/audit", userId=user.id)).body["items"]
    assert {entry["target"]["username"] for entry in entries} == {erased.body["username"]}
    assert (await owner.post("/users/nobody/erase")).status == 404
