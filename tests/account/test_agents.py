"""A person lets software act for them: they see it, end it, and it gets no further than they do."""

from dataclasses import replace
from typing import Any

import pytest

from sidecar.core.policy import AgentPolicy, Policy, Route
from sidecar.core.users import Role
from tests.account.devices import Answer, Device, latest
from tests.house import House

SCOPES = ["GET /wiki/**", "* /orders/*"]


async def make(device: Device, **members: object) -> Answer:
    body = {"name": "release bot", "scopes": SCOPES, "expiresIn": 3600} | members
    return await device.ask("POST", "/api/agents", body)


async def made(device: Device, **members: object) -> Any:
    answer = await make(device, **members)
    assert answer.status == 201, answer.body
    return answer.body


async def test_given_a_person_when_they_delegate_then_the_token_is_in_that_answer_alone(
    house: House, laptop: Device
) -> None:
    answer = await made(laptop)

    token, agent = answer["token"], answer["agent"]
    assert token.startswith("sst_1.")
    assert (agent["kind"], agent["name"], agent["scopes"]) == ("agent", "release bot", SCOPES)
    assert (agent["parentId"], agent["authMethod"]) == (laptop.handle, "agent")
    listed = (await laptop.ask("GET", "/api/agents")).body
    assert (listed["items"], listed["total"]) == ([agent], 1)
    assert token not in str(await latest(house, 50)) + str(await house.audit())
    keys = await house.database.command("KEYS", "*")
    for key in keys:
        if await house.database.command("TYPE", key) == b"string":
            assert token.split(".")[3].encode() not in await house.database.command("GET", key)


async def test_given_agents_when_sessions_are_listed_then_they_are_beside_their_persons(
    laptop: Device, stranger: Device
) -> None:
    agent = (await made(laptop))["agent"]

    items = (await laptop.sessions())["items"]

    assert [(item["id"], item["kind"]) for item in items] == [
        (laptop.handle, "browser"),
        (agent["id"], "agent"),
    ]
    assert items[1]["device"]["label"] == "release bot"
    assert "name" not in items[0]
    assert (await stranger.ask("GET", "/api/agents")).body["total"] == 0


async def test_given_an_agent_when_it_is_disabled_then_it_is_over_and_the_log_says_by_whom(
    house: House, laptop: Device
) -> None:
    agent = (await made(laptop))["agent"]

    answer = await laptop.ask("DELETE", f"/api/agents/{agent['id']}")
    again = await laptop.ask("DELETE", f"/api/agents/{agent['id']}")

    assert (answer.status, answer.body) == (200, {"revoked": 1})
    assert (again.status, again.code) == (404, "not_found")
    (entry,) = await latest(house)
    assert (entry["action"], entry["reason"]) == ("session.revoked", "agent_disabled")
    assert entry["actor"]["username"] == "alice"


async def test_given_somebody_elses_agent_when_it_is_disabled_then_404_and_it_goes_on(
    house: House, laptop: Device, stranger: Device
) -> None:
    agent = (await made(laptop))["agent"]

    answer = await stranger.ask("DELETE", f"/api/agents/{agent['id']}")
    session = await stranger.ask("DELETE", f"/api/agents/{laptop.handle}")

    assert (answer.code, session.code) == ("not_found", "not_found")
    assert (await laptop.ask("GET", "/api/agents")).body["total"] == 1


async def test_given_a_session_that_signs_out_then_its_agents_are_over_with_it(
    laptop: Device, phone: Device
) -> None:
    await made(laptop)
    await made(phone, name="other")

    await laptop.visitor.post("/logout")

    assert [each["name"] for each in (await phone.ask("GET", "/api/agents")).body["items"]] == [
        "other"
    ]


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "a\nb"}, ["name"]),
        ({"scopes": []}, ["scopes"]),
        ({"scopes": ["GET wiki"]}, ["scopes.0"]),
        ({"scopes": ["GET regex:/(a+)+b"]}, ["scopes.0"]),
        ({"expiresIn": 0}, ["expiresIn"]),
        ({"role": "owner"}, ["role"]),
    ],
)
async def test_given_what_is_no_agent_when_it_is_asked_for_then_400_names_the_member(
    laptop: Device, members: dict[str, object], fields: list[str]
) -> None:
    answer = await make(laptop, **members)

    assert (answer.status, answer.code) == (400, "invalid_input")
    assert [error["field"] for error in answer.body["errors"]] == fields


@pytest.mark.parametrize("scope", ["GET /admin/**", "* /_sidecar/**"])
async def test_given_a_scope_beyond_the_person_when_it_is_asked_for_then_403_and_it_is_audited(
    house: House, laptop: Device, scope: str
) -> None:
    admins = Route(path="/admin/**", allow="members", roles=frozenset({Role.ADMIN}))
    house.policies.append(Policy(routes=(admins,)))
    await made(laptop)

    answer = await make(laptop, scopes=[*SCOPES, scope])

    assert (answer.status, answer.code) == (403, "forbidden")
    (entry,) = await latest(house)
    assert (entry["action"], entry["outcome"]) == ("agent.created", "refused")


async def test_given_as_many_as_may_be_when_one_more_is_asked_for_then_409(
    house: House, laptop: Device
) -> None:
    house.policies.append(replace(Policy(), agents=AgentPolicy(max_per_user=1)))
    await made(laptop)

    answer = await make(laptop)

    assert (answer.status, answer.code) == (409, "agent_limit")


async def test_given_a_page_of_another_site_when_it_delegates_then_403(laptop: Device) -> None:
    laptop.visitor.headers["Origin"] = "https://evil.example"

    answer = await make(laptop)

    assert (answer.status, answer.code) == (403, "cross_site_request")
