"""The people: listed, shown, added, changed, deleted."""

from datetime import timedelta

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role
from tests.admin.staff import Person, enter
from tests.house import PASSWORD, Client, House

MARIA = {"username": "Maria", "password": PASSWORD, "role": "user"}


async def test_given_people_when_they_are_listed_then_each_says_all_of_the_contract(
    viewer: Person, user: Person
) -> None:
    answer = await viewer.get("/users")

    uma, vera = answer.body["items"]
    assert (answer.status, answer.body["total"]) == (200, 2)
    assert (uma["username"], vera["username"]) == ("uma", "vera")
    assert (uma["role"], uma["status"], uma["sessionCount"]) == ("user", "active", 1)
    assert set(uma) == {
        "id",
        "username",
        "displayName",
        "email",
        "groups",
        "role",
        "status",
        "sessionCount",
        "createdAt",
        "lastLoginAt",
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "ma"}, ["marco", "maria"]),
        ({"role": "owner"}, ["olga"]),
        ({"status": "banned"}, ["marco"]),
        ({"status": "locked"}, ["maria"]),
        ({"status": "active", "role": "user"}, ["nils"]),
        ({"limit": "2"}, ["marco", "maria"]),
        ({"limit": "2", "offset": "2"}, ["nils", "olga"]),
    ],
)
async def test_given_a_filter_when_people_are_listed_then_those_that_match_are_shown(
    owner: Person, house: House, query: dict[str, str], names: list[str]
) -> None:
    marco = await house.add("marco")
    for name in ("maria", "nils"):
        await house.add(name)
    await house.users.ban(marco.id, SYSTEM, "left", highest=Role.OWNER)
    for _ in range(10):
        await owner.visitor.client.post(
            "/_sidecar/login",
            json={"username": "maria", "password": "wrong"},
            headers={"Origin": "https://wiki.example.com"},
        )

    answer = await owner.get("/users", **query)

    assert [item["username"] for item in answer.body["items"]] == names


async def test_given_a_new_person_when_they_are_added_then_they_may_sign_in(
    owner: Person, house: House, client: Client
) -> None:
    body = {
        **MARIA,
        "email": "maria@example.com",
        "displayName": "Maria Čapek",
        "groups": ["ops"],
        "role": "admin",
    }

    answer = await owner.post("/users", body)

    assert answer.status == 201
    assert (answer.body["username"], answer.body["role"]) == ("Maria", "admin")
    assert (answer.body["email"], answer.body["groups"]) == ("maria@example.com", ["ops"])
    maria = await enter(house, client, "maria")
    shown = await owner.get(f"/users/{maria.id}")
    assert shown.body["displayName"] == "Maria Čapek"
    assert (shown.body["sessionCount"], shown.body["id"]) == (1, answer.body["id"])


async def test_s_12_given_a_name_in_another_spelling_when_it_is_added_then_409(
    owner: Person,
) -> None:
    await owner.post("/users", MARIA)

    answer = await owner.post("/users", {**MARIA, "username": "MARIA "})

    assert (answer.status, answer.code) == (409, "user_exists")
    entry = (await owner.get("/audit", action="user.created", limit=1)).body["items"][0]
    assert (entry["outcome"], entry["reason"]) == ("refused", "user_exists")
    assert entry["target"] == {"userId": None, "username": "MARIA", "sessionId": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": " "}, "username"),
        ({"username": "a\nb"}, "username"),
        ({"username": "x" * 129}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "password123456"}, "password"),
        ({"password": "maria-maria-maria"}, "password"),
        ({"role": "root"}, "role"),
        ({"role": None}, "role"),
        ({"email": "a\r\nb"}, "email"),
        ({"groups": "ops"}, "groups"),
        ({"groups": ["ops\nadmin"]}, "groups.0"),
        ({"isOwner": True}, "isOwner"),
    ],
)
async def test_given_a_new_person_who_cannot_be_when_they_are_added_then_the_member_is_named(
    owner: Person, change: dict[str, object], field: str
) -> None:
    answer = await owner.post("/users", {**MARIA, **change})

    assert (answer.status, answer.code, answer.fields) == (400, "invalid_input", [field])
    assert (await owner.get("/users")).body["total"] == 1


async def test_given_a_role_above_the_own_when_it_is_granted_then_it_is_forbidden_and_audited(
    admin: Person, user: Person
) -> None:
    created = await admin.post("/users", {**MARIA, "role": "owner"})
    changed = await admin.patch(f"/users/{user.id}", {"role": "owner"})

    assert [(answer.status, answer.code) for answer in (created, changed)] == [
        (403, "forbidden"),
        (403, "forbidden"),
    ]
    assert (await admin.get("/users")).body["total"] == 2
    entries = (await admin.get("/audit", actor="adam", limit=2)).body["items"]
    assert [entry["outcome"] for entry in entries] == ["refused", "refused"]


async def test_given_a_person_of_higher_role_when_they_are_changed_then_it_is_forbidden(
    admin: Person, owner: Person
) -> None:
    for answer in (
        await admin.patch(f"/users/{owner.id}", {"displayName": "x"}),
        await admin.patch(f"/users/{owner.id}", {"role": "user"}),
        await admin.delete(f"/users/{owner.id}"),
    ):
        assert (answer.status, answer.code) == (403, "forbidden")
    assert await owner.is_signed_in()


async def test_given_another_role_when_it_is_set_then_the_persons_sessions_end(
    owner: Person, user: Person
) -> None:
    answer = await owner.patch(f"/users/{user.id}", {"role": "viewer"})

    assert (answer.status, answer.body["role"]) == (200, "viewer")
    assert not await user.is_signed_in()
    actions = {entry["action"] for entry in (await owner.get("/audit")).body["items"]}
    assert "user.role_changed" in actions


async def test_given_an_old_sign_in_when_a_role_is_changed_then_a_fresh_one_is_asked_for(
    owner: Person, user: Person, house: House
) -> None:
    house.clock.moved = timedelta(minutes=11)

    role = await owner.patch(f"/users/{user.id}", {"role": "admin"})
    same = await owner.patch(f"/users/{user.id}", {"role": "user", "email": "u@example.com"})
    grown = await owner.post("/users", {**MARIA, "role": "admin"})
    plain = await owner.post("/users", MARIA)

    assert (role.status, role.code) == (403, "reauth_required")
    assert (same.status, same.body["email"]) == (200, "u@example.com")
    assert (grown.status, grown.code) == (403, "reauth_required")
    assert plain.status == 201
    refused = [
        entry["action"]
        for entry in (await owner.get("/audit")).body["items"]
        if entry["outcome"] == "refused"
    ]
    assert refused == ["user.created", "user.role_changed"]


async def test_given_a_change_when_it_is_made_then_what_is_left_out_stays(
    owner: Person, user: Person
) -> None:
    await owner.patch(
        f"/users/{user.id}", {"displayName": "Uma", "email": "u@example.com", "groups": ["a"]}
    )

    answer = await owner.patch(f"/users/{user.id}", {"email": "", "groups": ["a", "b"]})

    assert answer.body["displayName"] == "Uma"
    assert (answer.body["email"], answer.body["groups"]) == ("", ["a", "b"])
    assert await user.is_signed_in()


async def test_given_a_person_when_they_are_deleted_then_they_are_out_and_gone(
    owner: Person, user: Person
) -> None:
    answer = await owner.delete(f"/users/{user.id}")

    assert (answer.status, answer.body["username"]) == (200, "uma")
    assert not await user.is_signed_in()
    assert (await owner.get(f"/users/{user.id}")).status == 404
    assert (await owner.delete(f"/users/{user.id}")).status == 404


async def test_given_the_last_owner_when_they_would_be_none_then_409_and_it_is_audited(
    owner: Person,
) -> None:
    demoted = await owner.patch(f"/users/{owner.id}", {"role": "admin"})
    deleted = await owner.delete(f"/users/{owner.id}")
    banned = await owner.post(f"/users/{owner.id}/ban", {"reason": "test"})

    for answer in (demoted, deleted, banned):
        assert (answer.status, answer.code) == (409, "last_owner")
    entries = (await owner.get("/audit", limit=3)).body["items"]
    assert [entry["outcome"] for entry in entries] == ["refused"] * 3
    assert await owner.is_signed_in()


@pytest.mark.parametrize("user_id", ["nobody", "x" * 65, "a%20b", "..%2f..", "%00"])
async def test_s_72_given_an_id_of_nobody_then_404_everywhere(owner: Person, user_id: str) -> None:
    path = f"/users/{user_id}"

    for answer in (
        await owner.get(path),
        await owner.patch(path, {"email": "x"}),
        await owner.delete(path),
        await owner.post(f"{path}/ban", {"reason": "x"}),
        await owner.post(f"{path}/unban"),
        await owner.post(f"{path}/unlock"),
        await owner.post(f"{path}/password", {"new": "a harbour under the lantern"}),
        await owner.post(f"{path}/password-reset"),
    ):
        assert (answer.status, answer.code) == (404, "not_found")
