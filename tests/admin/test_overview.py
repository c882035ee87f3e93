"""The numbers that the console opens with are those of the store."""

from sidecar import __version__
from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role
from tests.admin.staff import Person, enter
from tests.house import Client, House, Visitor


async def test_given_a_day_when_the_overview_is_asked_then_it_counts_what_happened(
    owner: Person, user: Person, house: House, client: Client
) -> None:
    marco = await house.add("marco")
    await house.users.ban(marco.id, SYSTEM, "left", highest=Role.OWNER)
    guessing = Visitor(client, address="198.51.100.66")
    for _ in range(10):
        await guessing.sign_in("uma", "wrong")
    await owner.delete(f"/sessions/{user.handle}")

    answer = await owner.get("/overview")

    body = answer.body
    assert answer.status == 200
    assert body["sessions"] == {
        "live": 1,
        "byKind": {"browser": 1, "desktop": 0, "agent": 0, "service": 0},
    }
    assert body["users"] == {"total": 3, "banned": 1, "locked": 1}
    day = body["lastDay"]
    assert day["intervalSeconds"] == 3600
    assert [len(day[name]) for name in ("opened", "failed", "locked")] == [24, 24, 24]
    assert [sum(day[name]) for name in ("opened", "failed", "locked")] == [2, 10, 1]
    assert day["from"] < day["to"]
    assert [device["count"] for device in body["devices"]] == [1]
    assert body["store"]["up"] is True
    assert body["store"]["latencyMs"] > 0
    assert body["store"]["mode"] == "single"
    assert body["product"]["version"] == __version__


async def test_given_revocations_when_the_overview_is_asked_then_the_last_ten_that_were_done(
    owner: Person, admin: Person, viewer: Person, house: House, client: Client
) -> None:
    for number in range(11):
        person = await enter(house, client, f"user{number}", Role.USER)
        await admin.delete(f"/sessions/{person.handle}")
    await viewer.delete(f"/sessions/{owner.handle}")

    recent = (await viewer.get("/overview")).body["recentRevocations"]

    assert [entry["target"]["username"] for entry in recent] == [
        f"user{number}" for number in range(10, 0, -1)
    ]
    assert {entry["outcome"] for entry in recent} == {"done"}
