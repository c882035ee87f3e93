"""Ending sessions: the person is out at once, and the audit log knows who did it."""

from datetime import timedelta
from typing import Any

import pytest

from sidecar.core.users import Role
from tests.admin.staff import Person, enter
from tests.house import PASSWORD, Client, House


async def latest(person: Person, **query: object) -> dict[str, Any]:
    """Return the newest audit entry that matches."""
    entry: dict[str, Any] = (await person.get("/audit", limit=1, **query)).body["items"][0]
    return entry


async def test_given_a_session_when_it_is_ended_then_its_person_is_out_and_it_is_audited(
    admin: Person, user: Person
) -> None:
    answer = await admin.delete(f"/sessions/{user.handle}")

    assert (answer.status, answer.body) == (200, {"revoked": 1})
    assert not await user.is_signed_in()
    entry = await latest(admin)
    assert entry["action"] == "session.revoked"
    assert entry["actor"] == {
        "kind": "user",
        "id": admin.id,
        "username": "adam",
        "ipAddress": "203.0.113.9",
    }
    assert entry["target"] == {"userId": user.id, "username": "uma", "sessionId": user.handle}
    assert (entry["scope"], entry["count"], entry["outcome"]) == ("single", 1, "done")


async def test_given_an_owner_when_an_admin_ends_their_sessions_then_rank_does_not_matter(
    admin: Person, owner: Person
) -> None:
    answer = await admin.delete("/sessions", userId=owner.id)

    assert answer.body == {"revoked": 1}
    assert not await owner.is_signed_in()


async def test_given_the_own_session_when_it_is_ended_then_the_answer_says_so(
    admin: Person,
) -> None:
    answer = await admin.delete(f"/sessions/{admin.handle}")

    assert answer.body == {"revoked": 1, "endedCurrent": True}
    assert not await admin.is_signed_in()


@pytest.mark.parametrize("handle", ["h" * 30, "x", "h" * 200, "..%2F..%2Fx"])
async def test_s_72_given_an_id_of_no_session_when_it_is_ended_then_404(
    admin: Person, handle: str
) -> None:
    answer = await admin.delete(f"/sessions/{handle}")

    assert (answer.status, answer.code) == (404, "not_found")


async def test_given_a_session_that_has_ended_when_it_is_ended_again_then_404(
    admin: Person, user: Person
) -> None:
    await admin.delete(f"/sessions/{user.handle}")

    assert (await admin.delete(f"/sessions/{user.handle}")).status == 404


async def test_given_a_person_when_all_their_sessions_are_ended_then_one_entry_counts_them(
    admin: Person, user: Person, house: House, client: Client
) -> None:
    again = await enter(house, client, "uma")

    answer = await admin.delete("/sessions", userId=user.id)
    none = await admin.delete("/sessions", userId=user.id)

    assert (answer.body, none.body) == ({"revoked": 2}, {"revoked": 0})
    assert not await user.is_signed_in()
    assert not await again.is_signed_in()
    entries = (await admin.get("/audit", action="session.revoked")).body["items"]
    assert (entries[-1]["scope"], entries[-1]["count"]) == ("bulk", 2)
    assert entries[-1]["target"] == {"userId": user.id, "username": "uma", "sessionId": None}


async def test_given_nobody_or_no_id_when_a_persons_sessions_are_ended_then_nothing_is(
    admin: Person, user: Person
) -> None:
    unknown = await admin.delete("/sessions", userId="nobody")
    missing = await admin.delete("/sessions")
    empty = await admin.delete("/sessions", userId="")
    slip = await admin.delete("/sessions", userid=user.id)

    assert unknown.status == 404
    assert (missing.status, missing.fields) == (400, ["userId"])
    assert (empty.status, empty.fields) == (400, ["userId"])
    assert (slip.status, slip.fields) == (400, ["userId", "userid"])
    assert await user.is_signed_in()


async def test_given_a_filter_when_its_sessions_are_ended_then_all_that_match_and_no_other(
    owner: Person, house: House, client: Client
) -> None:
    people = [await enter(house, client, f"temp{number}", Role.USER) for number in range(3)]
    other = await enter(house, client, "maria", Role.USER)

    body = {"q": "temp", "expectedCount": 3, "reason": "contract is over"}
    answer = await owner.post("/sessions/revoke", body)

    assert answer.body == {"revoked": 3}
    assert not any([await person.is_signed_in() for person in people])
    assert await other.is_signed_in()
    entry = await latest(owner)
    assert (entry["action"], entry["scope"], entry["count"]) == ("session.revoked", "bulk", 3)
    ended = (await owner.get("/sessions/ended")).body["items"]
    assert {item["note"] for item in ended} == {"contract is over"}


async def test_given_a_count_that_moved_when_a_filter_is_ended_then_nothing_is(
    owner: Person, user: Person
) -> None:
    answer = await owner.post("/sessions/revoke", {"q": "u", "expectedCount": 3, "tolerance": 1})
    near = await owner.post("/sessions/revoke", {"q": "u", "expectedCount": 2, "tolerance": 1})

    assert (answer.status, answer.code, answer.body["count"]) == (409, "count_changed", 1)
    assert near.body == {"revoked": 1}
    refused = (await owner.get("/audit", action="session.revoked")).body["items"][-1]
    assert (refused["outcome"], refused["reason"]) == ("refused", "count_changed")


async def test_given_more_sessions_than_were_seen_when_they_are_ended_then_none_is(
    owner: Person, user: Person, house: House, client: Client
) -> None:
    second = await enter(house, client, "ulf", Role.USER)

    matching = await owner.post("/sessions/revoke", {"q": "u", "expectedCount": 1})
    everyone = await owner.post("/sessions/revoke", {"everyone": True, "expectedCount": 2})

    assert (matching.status, matching.code, matching.body["count"]) == (409, "count_changed", 2)
    assert (everyone.status, everyone.code, everyone.body["count"]) == (409, "count_changed", 3)
    assert await user.is_signed_in()
    assert await second.is_signed_in()


async def test_given_sessions_picked_one_by_one_when_they_are_ended_then_it_is_one_act(
    owner: Person, house: House, client: Client
) -> None:
    people = [await enter(house, client, f"temp{number}", Role.USER) for number in range(3)]
    other = await enter(house, client, "temp9", Role.USER)
    gone = "-" * 30
    body = {"ids": [*(person.handle for person in people), gone, people[0].handle], "reason": "odd"}

    answer = await owner.post("/sessions/revoke", body)
    again = await owner.post("/sessions/revoke", body)

    assert (answer.body, again.body) == ({"revoked": 3}, {"revoked": 0})
    assert not any([await person.is_signed_in() for person in people])
    assert await other.is_signed_in()
    entry = await latest(owner)
    assert (entry["action"], entry["scope"], entry["count"]) == ("session.revoked", "bulk", 3)
    assert entry["details"]["note"] == "odd"
    assert entry["details"]["users"] == "temp0\ntemp1\ntemp2"


async def test_given_the_own_session_among_those_picked_then_it_ends_and_the_answer_says_so(
    owner: Person, user: Person
) -> None:
    answer = await owner.post("/sessions/revoke", {"ids": [owner.handle, user.handle]})

    assert answer.body == {"revoked": 2, "endedCurrent": True}
    assert not await owner.is_signed_in()
    assert not await user.is_signed_in()


@pytest.mark.parametrize(
    "body",
    [
        {"ids": []},
        {"ids": ["-" * 30] * 201},
        {"ids": ["x"]},
        {"ids": ["-" * 30 + "\n"]},
        {"ids": ["-" * 30], "everyone": True},
        {"ids": ["-" * 30], "q": "u"},
    ],
)
async def test_given_picked_sessions_that_make_no_sense_then_it_is_400(
    owner: Person, user: Person, body: dict[str, object]
) -> None:
    answer = await owner.post("/sessions/revoke", body)

    assert (answer.status, answer.code) == (400, "invalid_input")
    assert await user.is_signed_in()


async def test_given_the_own_session_that_does_not_match_then_it_stays_though_asked_for(
    owner: Person, user: Person
) -> None:
    body = {"q": "u", "expectedCount": 1, "includeCurrent": True}

    answer = await owner.post("/sessions/revoke", body)

    assert answer.body == {"revoked": 1}
    assert await owner.is_signed_in()


async def test_given_the_own_session_among_those_that_match_then_it_stays_unless_asked_for(
    owner: Person, user: Person
) -> None:
    body = {"ip": "203.0.113.0/24", "expectedCount": 2}

    kept = await owner.post("/sessions/revoke", body)
    ended = await owner.post(
        "/sessions/revoke", {**body, "expectedCount": 1, "includeCurrent": True}
    )

    assert kept.body == {"revoked": 1}
    assert ended.body == {"revoked": 1, "endedCurrent": True}
    assert not await owner.is_signed_in()


async def test_given_an_owner_when_everyone_is_ended_then_only_they_stay(
    owner: Person, admin: Person, user: Person
) -> None:
    answer = await owner.post("/sessions/revoke", {"everyone": True})

    assert answer.body == {"revoked": 2}
    assert not await admin.is_signed_in()
    assert not await user.is_signed_in()
    assert (await latest(owner))["count"] == 2


async def test_given_an_admin_when_everyone_is_ended_then_it_is_forbidden_and_audited(
    admin: Person, user: Person
) -> None:
    answer = await admin.post("/sessions/revoke", {"everyone": True})

    assert (answer.status, answer.code) == (403, "forbidden")
    assert await user.is_signed_in()
    entry = await latest(admin)
    assert (entry["action"], entry["outcome"], entry["reason"]) == (
        "session.revoked",
        "refused",
        "forbidden",
    )


async def test_given_an_old_sign_in_when_everyone_is_ended_then_a_fresh_one_is_asked_for(
    owner: Person, user: Person, house: House
) -> None:
    house.clock.moved = timedelta(minutes=11)

    refused = await owner.post("/sessions/revoke", {"everyone": True})
    proved = await owner.visitor.post("/api/reauth", {"password": PASSWORD})
    house.clock.moved = timedelta()
    done = await owner.post("/sessions/revoke", {"everyone": True})

    assert (refused.status, refused.code) == (403, "reauth_required")
    assert proved.status == 204
    assert done.body == {"revoked": 1}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, [""]),
        ({"expectedCount": 1}, [""]),
        ({"everyone": False}, [""]),
        ({"q": "u"}, ["expectedCount"]),
        ({"q": "u", "everyone": True}, ["everyone"]),
        ({"q": "", "expectedCount": 1}, ["q"]),
        ({"ip": "x.y", "expectedCount": 1}, ["ip"]),
        ({"userId": None, "expectedCount": 1}, ["userId"]),
        ({"q": "u", "expectedCount": -1}, ["expectedCount"]),
        ({"q": "u", "expectedCount": "1"}, ["expectedCount"]),
        ({"q": "u", "expectedCount": 1, "kinds": "agent"}, ["kinds"]),
    ],
)
async def test_given_a_filter_that_says_nothing_when_it_is_ended_then_the_member_is_named(
    owner: Person, user: Person, body: dict[str, object], fields: list[str]
) -> None:
    answer = await owner.post("/sessions/revoke", body)

    assert (answer.status, answer.fields) == (400, fields)
    assert await user.is_signed_in()
