"""The alarms over the API: who may read them, who may take one on, and what is entered."""

import pytest

from sidecar.core.alarms import Evidence, Finding
from sidecar.core.policy import ALARMS
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store.alarms import Alarms
from tests.admin.staff import Person
from tests.house import House


async def an_alarm(house: House, kind: str = "ip_spread", user: Person | None = None) -> str:
    """Raise one; return its id."""
    now = house.clock.now()
    evidence = Evidence(("192.0.2.1",), ("Firefox on Linux",), (Handle("h1"),), {"addresses": 4})
    finding = Finding(kind, user.id if user else f"ip:{kind}", evidence, 4, now, now)
    if user:
        finding = Finding(kind, user.id, evidence, 4, now, now, UserId(user.id), "uma")
    book = Alarms(house.database, lambda: house.policies[-1])
    alarm = await book.raised(finding, ALARMS[kind])
    assert alarm is not None
    return alarm.id


async def test_given_alarms_when_a_viewer_reads_them_then_each_says_all_that_is_known(
    viewer: Person, user: Person, house: House
) -> None:
    first, second = await an_alarm(house, user=user), await an_alarm(house, "failed_logins")

    answer = await viewer.get("/alarms", limit=1, offset=1)

    assert answer.status == 200
    assert {name: answer.body[name] for name in ("total", "limit", "offset", "active")} == {
        "total": 2,
        "limit": 1,
        "offset": 1,
        "active": 2,
    }
    (alarm,) = answer.body["items"]
    at = alarm.pop("firstSeenAt")
    assert alarm.pop("lastSeenAt") == at
    assert at.endswith("Z")
    assert alarm == {
        "id": first,
        "kind": "ip_spread",
        "severity": "warning",
        "state": "active",
        "user": {"id": user.id, "username": "uma"},
        "about": "",
        "evidence": {
            "ipAddresses": ["192.0.2.1"],
            "devices": ["Firefox on Linux"],
            "sessionIds": ["h1"],
            "counts": {"addresses": 4},
            "details": {},
        },
        "count": 4,
        "action": "notify",
        "endedSessions": None,
        "acknowledgedBy": None,
        "acknowledgedAt": None,
        "note": "",
        "resolvedAt": None,
    }
    (other,) = (await viewer.get("/alarms", kind="failed_logins")).body["items"]
    assert (other["id"], other["user"], other["about"]) == (second, None, "failed_logins")


@pytest.mark.parametrize(
    "query",
    [{"kind": "fire"}, {"state": "open"}, {"userId": "not an id"}, {"limit": 0}, {"q": "x"}],
)
async def test_given_a_filter_that_is_none_then_it_is_refused(
    query: dict[str, object], viewer: Person
) -> None:
    answer = await viewer.get("/alarms", **query)

    assert (answer.status, answer.code) == (400, "invalid_input")


async def test_given_filters_then_only_what_matches_is_listed(
    admin: Person, user: Person, house: House
) -> None:
    of_user, other = await an_alarm(house, user=user), await an_alarm(house, "lockout")
    await admin.post(f"/alarms/{other}/acknowledge")

    async def ids(**query: object) -> list[str]:
        return [alarm["id"] for alarm in (await admin.get("/alarms", **query)).body["items"]]

    assert await ids(userId=user.id) == [of_user]
    assert await ids(kind="lockout") == [other]
    assert await ids(state="active") == [of_user]
    assert await ids(state="acknowledged") == [other]
    assert await ids(state="resolved") == []
    assert await ids() == [of_user, other]


@pytest.mark.parametrize("body", [None, {}, {"note": "called her"}])
async def test_given_an_alarm_when_an_admin_takes_it_on_then_it_says_who_and_it_is_audited(
    body: dict[str, str] | None, admin: Person, house: House
) -> None:
    alarm = await an_alarm(house)
    note = (body or {}).get("note", "")

    answer = await admin.post(f"/alarms/{alarm}/acknowledge", body)

    assert answer.status == 200
    assert answer.body["state"] == "acknowledged"
    assert answer.body["acknowledgedBy"] == {"id": admin.id, "username": "adam"}
    assert answer.body["note"] == note
    entry = (await admin.get("/audit", action="alarm.acknowledged")).body["items"][0]
    assert (entry["actor"]["username"], entry["outcome"]) == ("adam", "done")
    assert (entry["details"]["alarm"], entry["details"].get("note", "")) == (alarm, note)
    overview = (await admin.get("/overview")).body
    assert overview["alarms"] == {"active": 0, "open": 1}


async def test_given_a_viewer_when_they_would_take_it_on_then_that_is_refused_and_audited(
    viewer: Person, owner: Person, house: House
) -> None:
    alarm = await an_alarm(house)

    answer = await viewer.post(f"/alarms/{alarm}/acknowledge")

    assert (answer.status, answer.code) == (403, "forbidden")
    entry = (await owner.get("/audit", action="alarm.acknowledged")).body["items"][0]
    assert (entry["outcome"], entry["reason"], entry["count"]) == ("refused", "forbidden", 0)
    assert (await owner.get("/alarms")).body["active"] == 1


async def test_given_a_user_when_they_read_alarms_then_that_is_refused(user: Person) -> None:
    assert (await user.get("/alarms")).status == 403


async def test_given_an_alarm_that_is_over_or_none_then_nobody_takes_it_on(
    admin: Person, house: House
) -> None:
    alarm = await an_alarm(house)
    book = Alarms(house.database, lambda: house.policies[-1])
    await book.resolved((await book.open())[0])

    over = await admin.post(f"/alarms/{alarm}/acknowledge", {"note": "late"})
    unknown = await admin.post("/alarms/nothing/acknowledge")
    wrong = await admin.post(f"/alarms/{alarm}/acknowledge", {"note": "x" * 501})

    assert (over.status, over.code) == (409, "alarm_resolved")
    assert (unknown.status, unknown.code) == (404, "not_found")
    assert (wrong.status, wrong.fields) == (400, ["note"])
    entry = (await admin.get("/audit", action="alarm.acknowledged")).body["items"][0]
    assert (entry["outcome"], entry["reason"]) == ("refused", "alarm_resolved")


async def test_given_no_places_when_the_policy_is_shown_then_it_says_that_travel_is_off(
    viewer: Person, house: House
) -> None:
    off = (await viewer.get("/policy")).body["alarmsOff"]

    assert off == [{"kind": "impossible_travel", "why": "no_geoip_database"}]
