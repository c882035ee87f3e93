"""The lists of sessions: live ones and ended ones."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.policy import Policy
from sidecar.core.session import Limits
from sidecar.core.users import Role
from tests.admin.staff import Person, enter
from tests.house import Client, House

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def test_given_sessions_when_they_are_listed_then_each_says_all_of_the_contract(
    viewer: Person, user: Person
) -> None:
    answer = await viewer.get("/sessions")

    theirs, own = answer.body["items"]
    assert answer.status == 200
    assert {name: answer.body[name] for name in ("total", "limit", "offset")} == {
        "total": 2,
        "limit": 50,
        "offset": 0,
    }
    assert answer.body["addressCounts"] == {}
    assert "totalIsEstimate" not in answer.body
    assert theirs["id"] == user.handle
    assert theirs["user"] == {"id": user.id, "username": "uma", "role": "user"}
    assert theirs["ipAddress"] == "203.0.113.9"
    assert theirs["device"]["browser"].startswith("Chrome")
    assert (theirs["current"], own["current"]) == (False, True)
    assert all(INSTANT.fullmatch(theirs[name]) for name in theirs if name.endswith("At"))


async def test_given_pages_when_they_are_read_one_by_one_then_each_session_comes_once(
    owner: Person, house: House, client: Client
) -> None:
    people = [await enter(house, client, f"user{number}", Role.USER) for number in range(5)]

    pages = [await owner.get("/sessions", limit=2, offset=offset) for offset in (0, 2, 4, 6)]

    listed = [item["id"] for page in pages for item in page.body["items"]]
    assert listed == [person.handle for person in [*reversed(people), owner]]
    assert {page.body["total"] for page in pages} == {6}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "Mar"}, ["marco", "maria"]),
        ({"q": "marc"}, ["marco"]),
        ({"ip": "198.51.100.7"}, ["maria"]),
        ({"ip": "198.51.100.0/24"}, ["maria"]),
        ({"ip": "0.0.0.0/0"}, ["marco", "maria", "olga"]),
        ({"ip": "2001:db8::/32"}, []),
        ({"kind": "browser", "q": "m"}, ["marco", "maria"]),
        ({"kind": "agent"}, []),
    ],
)
async def test_given_a_filter_when_sessions_are_listed_then_those_that_match_are_shown(
    owner: Person, house: House, client: Client, query: dict[str, str], names: list[str]
) -> None:
    await enter(house, client, "maria", Role.USER, address="198.51.100.7")
    await enter(house, client, "marco", Role.USER)

    answer = await owner.get("/sessions", sort="username", **query)

    assert [item["user"]["username"] for item in answer.body["items"]] == names
    assert answer.body["total"] == len(names)


async def test_s_12_given_a_person_when_their_sessions_are_listed_then_no_spelling_matters(
    owner: Person, house: House, client: Client
) -> None:
    first = await enter(house, client, "Maria", Role.USER)
    second = await enter(house, client, "maria")

    by_name = await owner.get("/sessions", q="MARIA")
    by_id = await owner.get("/sessions", userId=first.id)

    assert {item["id"] for item in by_name.body["items"]} == {first.handle, second.handle}
    assert by_id.body["items"] == by_name.body["items"]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("username", ["aa", "bb", "olga"]),
        ("+username", ["aa", "bb", "olga"]),
        ("-username", ["olga", "bb", "aa"]),
        ("createdAt", ["olga", "bb", "aa"]),
        ("-createdAt", ["aa", "bb", "olga"]),
        ("expiresAt", ["olga", "bb", "aa"]),
    ],
)
async def test_given_an_order_when_sessions_are_listed_then_they_come_in_it(
    owner: Person, house: House, client: Client, sort: str, names: list[str]
) -> None:
    for name in ("bb", "aa"):
        await enter(house, client, name, Role.USER)

    answer = await owner.get("/sessions", sort=sort)

    assert [item["user"]["username"] for item in answer.body["items"]] == names


async def test_given_a_plus_as_browsers_read_it_when_sessions_are_sorted_then_it_is_ascending(
    owner: Person,
) -> None:
    response = await owner.visitor.get("/api/admin/sessions?sort=+username")

    assert response.status == 200


async def test_given_somebody_at_four_addresses_when_sessions_are_listed_then_they_are_marked(
    owner: Person, house: House, client: Client
) -> None:
    await house.add("maria")
    sessions = [
        await enter(house, client, "maria", address=f"198.51.100.{number}") for number in range(4)
    ]

    answer = await owner.get("/sessions", limit=1)

    assert answer.body["addressCounts"] == {sessions[0].id: 4}


async def test_given_idle_sessions_when_they_are_listed_then_they_are_neither_shown_nor_counted(
    owner: Person, user: Person, house: House
) -> None:
    policy = Policy()
    short = Limits(idle_timeout=timedelta(milliseconds=1))
    house.policies.append(
        replace(policy, session=replace(policy.session, roles={Role.USER: short}))
    )

    answer = await owner.get("/sessions")

    assert [item["id"] for item in answer.body["items"]] == [owner.handle]
    assert answer.body["total"] == 1


async def test_given_ended_sessions_when_they_are_listed_then_who_why_and_when_is_said(
    owner: Person, user: Person
) -> None:
    await owner.delete(f"/sessions/{user.handle}")

    answer = await owner.get("/sessions/ended", userId=user.id)

    (ended,) = answer.body["items"]
    assert answer.body["total"] == 1
    assert (ended["id"], ended["user"]["username"], ended["kind"]) == (
        user.handle,
        "uma",
        "browser",
    )
    assert ended["reason"] == "revoked"
    assert ended["endedBy"] == {
        "kind": "user",
        "id": owner.id,
        "username": "olga",
        "ipAddress": "203.0.113.9",
    }
    assert ended["device"]["label"].startswith("Chrome")
    assert INSTANT.fullmatch(ended["endedAt"])
    assert ended["createdAt"] <= ended["endedAt"]
    assert (await owner.get("/sessions/ended", userId="nobody")).body["items"] == []
