"""What happened since, for programs that keep themselves up to date."""

import pytest

from tests.admin.staff import Person


async def test_given_the_cursor_of_now_when_a_session_ends_then_the_next_page_says_so(
    viewer: Person, admin: Person, user: Person
) -> None:
    now = await viewer.get("/events", after="latest")
    quiet = await viewer.get("/events", after=now.body["nextCursor"])
    await admin.delete(f"/sessions/{user.handle}")

    answer = await viewer.get("/events", after=now.body["nextCursor"])

    assert now.body["items"] == quiet.body["items"] == []
    assert quiet.body["nextCursor"] == now.body["nextCursor"]
    (event,) = answer.body["items"]
    assert event["type"] == "session.revoked"
    assert event["user"] == {"id": user.id, "username": "uma"}
    assert (event["sessionId"], event["reason"]) == (user.handle, "revoked")
    assert answer.body["nextCursor"] == event["id"]


async def test_given_types_when_events_are_read_then_only_these_come_the_oldest_first(
    viewer: Person, admin: Person, user: Person
) -> None:
    await user.visitor.post("/logout")

    answer = await viewer.get("/events", types="session.signed_out,session.opened", limit=200)

    types = [event["type"] for event in answer.body["items"]]
    assert types == ["session.opened"] * 3 + ["session.signed_out"]
    refused = await viewer.get("/events", types="user.flown")
    assert (refused.status, [one["field"] for one in refused.body["errors"]]) == (400, ["types"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"after": "forged"}, "after"),
        ({"after": "1-1"}, "after"),
        ({"after": "<script>"}, "after"),
        ({"types": "everything"}, "types"),
        ({"types": ""}, "types"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1e9"}, "limit"),
        ({"limit": "abc"}, "limit"),
    ],
)
async def test_s_71_given_what_no_event_has_when_events_are_read_then_the_field_is_named(
    viewer: Person, query: dict[str, str], field: str
) -> None:
    answer = await viewer.get("/events", **query)

    assert (answer.status, answer.fields) == (400, [field])
