"""The own password: the current one is asked for and counted, and all other sessions end."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.policy import IN_FORCE, Policy
from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import Role
from tests.account.devices import NEW, Device, enter, latest
from tests.house import PASSWORD, Client, House, Visitor


async def test_given_the_current_password_when_it_is_changed_then_only_the_new_one_opens(
    house: House, client: Client, laptop: Device, phone: Device
) -> None:
    answer = await laptop.change_password()

    assert (answer.status, answer.body) == (204, None)
    assert await laptop.is_signed_in()
    assert (await phone.ask("GET", "/api/session")).code == "session_revoked"
    assert (await Visitor(client).sign_in("alice", PASSWORD)).status == 401
    assert (await Visitor(client).sign_in("alice", NEW)).status == 200


async def test_given_a_change_then_it_is_audited_as_theirs_with_the_sessions_it_ended(
    house: House, laptop: Device, phone: Device
) -> None:
    await laptop.change_password()

    renewed, ended, changed = await latest(house, 3)
    assert renewed["action"] == "session.rotated"
    assert (changed["action"], changed["outcome"]) == ("user.password_changed", "done")
    assert (ended["action"], ended["reason"], ended["count"]) == (
        "session.revoked",
        "password_changed",
        1,
    )
    for entry in (ended, changed):
        assert entry["actor"]["id"] == entry["target"]["userId"] == laptop.id


async def test_given_a_change_then_the_session_that_stays_has_another_secret(
    house: House, laptop: Device
) -> None:
    copied = Visitor(laptop.visitor.client, laptop.visitor.cookie)

    await laptop.change_password()
    house.clock.moved = timedelta(seconds=11)

    assert laptop.visitor.cookie != copied.cookie
    assert await laptop.is_signed_in()
    assert (await copied.get("/api/session")).status == 401


async def test_given_a_wrong_password_then_403_and_it_counts_to_the_lock(
    house: House, client: Client, laptop: Device, phone: Device
) -> None:
    wrong = [await laptop.change_password(current=f"wrong {number}") for number in range(10)]
    locked = await laptop.change_password()

    assert {(answer.status, answer.code) for answer in wrong} == {(403, "invalid_credentials")}
    assert (locked.status, locked.code) == (429, "locked")
    assert int(locked.headers["Retry-After"]) > 0
    assert (await Visitor(client).sign_in("alice")).status == 429
    assert await laptop.is_signed_in()
    assert await phone.is_signed_in()
    actions = [entry["action"] for entry in await latest(house, 11)]
    assert actions.count("login.failed") == 10
    assert actions.count("user.locked") == 1


@pytest.mark.parametrize("new", ["short", "alice alice alice", "password123456", PASSWORD])
async def test_given_a_weak_new_password_then_400_says_why_and_nothing_is_counted(
    new: str, house: House, laptop: Device, phone: Device
) -> None:
    answer = await laptop.change_password(new=new)

    assert (answer.status, answer.code) == (400, "invalid_input")
    assert {error["field"] for error in answer.body["errors"]} == {"new"}
    assert new not in str(answer.body)
    assert await phone.is_signed_in()
    assert "login.failed" not in [entry["action"] for entry in await latest(house, 5)]


async def test_given_a_language_then_what_is_wrong_is_said_in_it(laptop: Device) -> None:
    laptop.visitor.headers["Accept-Language"] = "de"

    answer = await laptop.change_password(new=PASSWORD)

    (error,) = answer.body["errors"]
    assert error["message"] == "Das ist das Passwort, das Sie schon haben."


@pytest.mark.parametrize("member", ["current", "new"])
async def test_s_79_given_what_is_too_long_then_413_before_anything_is_computed(
    member: str, house: House, laptop: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(house.services.steps, "prove", lambda *given: asked.append(given))

    answer = await laptop.change_password(**{member: "x" * 1025})

    assert (answer.status, answer.code) == (413, "payload_too_large")
    assert not asked


@pytest.mark.parametrize(
    "body", [None, {}, {"current": PASSWORD}, {"new": NEW}, {"current": "", "new": NEW}, [], "x"]
)
async def test_given_a_body_without_both_then_400(body: object, laptop: Device) -> None:
    answer = await laptop.ask("POST", "/api/password", body)

    assert (answer.status, answer.code) == (400, "invalid_input")


async def test_given_two_windows_that_change_it_at_once_then_one_password_stands(
    client: Client, laptop: Device
) -> None:
    other_window = Device(Visitor(client, laptop.visitor.cookie), laptop.id, laptop.handle)
    words = ["a first harbour in the north", "a second harbour in the south"]

    answers = await asyncio.gather(
        laptop.change_password(new=words[0]), other_window.change_password(new=words[1])
    )

    assert sorted(answer.status for answer in answers) == [204, 403]
    won = words[[answer.status for answer in answers].index(204)]
    assert (await Visitor(client).sign_in("alice", won)).status == 200


async def test_given_a_session_that_ends_while_it_is_proved_then_nothing_is_changed(
    house: House, client: Client, laptop: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    hash_password = house.hashing.hash_password

    async def slow(password: str) -> str:
        await house.lifecycle.end(Handle(laptop.handle), Ended.REVOKED, SYSTEM)
        return await hash_password(password)

    monkeypatch.setattr(house.hashing, "hash_password", slow)
    answer = await laptop.change_password()

    assert (answer.status, answer.code) == (401, "session_revoked")
    assert (await Visitor(client).sign_in("alice", PASSWORD)).status == 200


async def test_given_a_store_that_falls_silent_behind_the_change_then_it_is_done_all_the_same(
    house: House, client: Client, laptop: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(house.lifecycle, "rotate", silent)
    answer = await laptop.change_password()

    assert answer.status == 204
    assert "Set-Cookie" not in answer.headers
    assert await laptop.is_signed_in()
    assert (await Visitor(client).sign_in("alice", NEW)).status == 200


async def test_given_an_admin_set_password_that_must_change_then_their_sessions_are_over_at_once(
    house: House, client: Client, laptop: Device
) -> None:
    hashed = await house.hashing.hash_password(NEW)
    user = await house.users.find("alice")
    assert user is not None
    await house.users.set_password(
        user.user.id, hashed, SYSTEM, highest=Role.OWNER, must_change=True
    )

    answer = await laptop.change_password(current=NEW, new="yet another harbour at night")

    assert (answer.status, answer.code) == (401, "session_revoked")


async def test_given_a_changed_password_then_it_may_be_changed_again_from_the_same_place(
    client: Client, laptop: Device
) -> None:
    await laptop.change_password()

    answer = await laptop.change_password(current=NEW, new="yet another harbour at night")

    assert answer.status == 204
    assert await (await enter(client, "alice", password="yet another harbour at night")).sessions()


async def test_given_a_policy_without_the_trigger_then_the_other_devices_stay(
    house: House, laptop: Device, phone: Device
) -> None:
    house.policies.append(replace(Policy(), triggers={**IN_FORCE, "password_changed": False}))

    answer = await laptop.change_password()

    assert answer.status == 204
    assert await laptop.is_signed_in()
    assert await phone.is_signed_in()
