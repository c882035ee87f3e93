"""Agents and services, as admins see them: all of them, and services of their own."""

from datetime import timedelta

import pytest

from tests.admin.staff import Answer, Person
from tests.house import House

BODY = {"name": "nightly export", "scopes": ["GET /reports/**"]}


async def make(person: Person, name: str = "nightly export") -> Answer:
    return await person.post("/agents", {**BODY, "name": name})


async def delegate(person: Person, name: str) -> str:
    response = await person.visitor.post("/api/agents", {**BODY, "name": name})
    assert response.status == 201
    return str((await response.json())["agent"]["id"])


async def test_given_an_admin_when_they_make_a_service_then_it_acts_for_them_without_a_parent(
    admin: Person,
) -> None:
    answer = await make(admin)

    service = answer.body["agent"]
    assert answer.status == 201
    assert answer.body["token"].startswith("sst_1.")
    assert (service["kind"], service["parentId"]) == ("service", None)
    assert service["user"]["username"] == "adam"


async def test_given_a_service_when_its_admin_signs_out_then_it_goes_on(
    owner: Person, admin: Person
) -> None:
    service = (await make(admin)).body["agent"]
    agent = await delegate(admin, "with them")

    await admin.visitor.post("/logout")

    listed = (await owner.get("/agents")).body["items"]
    assert [each["id"] for each in listed] == [service["id"]]
    assert agent not in str(listed)


async def test_given_a_service_when_its_admin_is_demoted_then_it_ends_in_that_step(
    owner: Person, admin: Person
) -> None:
    await make(admin)

    await owner.patch(f"/users/{admin.id}", {"role": "user"})

    assert (await owner.get("/agents")).body["total"] == 0


async def test_given_agents_and_services_when_they_are_listed_then_by_page_and_by_kind(
    owner: Person, admin: Person, user: Person
) -> None:
    names = ["third", "second", "first"]
    for name in ("first", "second"):
        await make(admin, name)
    await delegate(user, "third")
    names = ["second", "first", "third"]

    everything = (await owner.get("/agents")).body
    pages = [(await owner.get("/agents", limit=1, offset=n)).body for n in range(4)]
    agents = (await owner.get("/agents", kind="agent")).body

    assert [each["name"] for each in everything["items"]] == names
    assert [[each["name"] for each in page["items"]] for page in pages] == [
        *([name] for name in names),
        [],
    ]
    assert {page["total"] for page in pages} == {3}
    assert ([each["name"] for each in agents["items"]], agents["total"]) == (["third"], 1)


async def test_given_a_persons_agent_when_an_admin_disables_it_then_the_person_stays(
    admin: Person, user: Person
) -> None:
    agent = await delegate(user, "theirs")

    answer = await admin.delete(f"/agents/{agent}")
    again = await admin.delete(f"/agents/{agent}")
    person = await admin.delete(f"/agents/{user.handle}")

    assert (answer.status, answer.body) == (200, {"revoked": 1})
    assert (again.code, person.code) == ("not_found", "not_found")
    assert await user.is_signed_in()
    ended = (await admin.get("/sessions/ended")).body["items"][0]
    assert (ended["id"], ended["reason"], ended["device"]["label"]) == (
        agent,
        "agent_disabled",
        "theirs",
    )


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_given_a_viewer_when_they_act_on_agents_then_403_and_they_may_look(
    viewer: Person, method: str
) -> None:
    path = "/agents" if method == "POST" else f"/agents/{'a' * 30}"

    answer = await viewer.ask(method, path, BODY if method == "POST" else None)

    assert (answer.status, answer.code) == (403, "forbidden")
    assert (await viewer.get("/agents")).status == 200


async def test_given_a_sign_in_of_long_ago_when_a_service_is_made_then_it_is_proved_again(
    house: House, admin: Person
) -> None:
    house.clock.moved = timedelta(minutes=11)

    answer = await make(admin)

    assert (answer.status, answer.code) == (403, "reauth_required")
