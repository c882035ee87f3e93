"""`openapi.json` names every route, every member and every problem; nothing in it leads nowhere."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from sidecar.account.routes import ROUTES as ACCOUNT_ROUTES
from sidecar.admin.routes import ROUTES as ADMIN_ROUTES
from sidecar.front.openapi import OpenApi, document
from sidecar.front.own_calls import OWN_CALLS
from tests.house import Client, House, Visitor, a_house, served


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
def written(house: House) -> dict[str, Any]:
    return document(house.services)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


async def test_given_the_document_when_it_is_fetched_then_it_is_the_one_of_this_place(
    client: Client, written: dict[str, Any]
) -> None:
    response = await Visitor(client).get("/openapi.json")
    again = await Visitor(client).get("/openapi.json")

    assert response.status == 200
    assert response.content_type == "application/json"
    assert await response.json() == await again.json() == json.loads(json.dumps(written))
    assert written["openapi"] == "3.1.0"
    assert written["servers"] == [{"url": "https://wiki.example.com/_sidecar"}]


async def test_given_nobody_asked_then_the_document_has_not_been_written(house: House) -> None:
    assert OpenApi()._written is None


async def test_given_the_tables_of_routes_then_each_is_in_the_document_once(
    written: dict[str, Any],
) -> None:
    told = {(method.upper(), path) for path, calls in written["paths"].items() for method in calls}
    ids = [call["operationId"] for calls in written["paths"].values() for call in calls.values()]

    rows = {(row.method, row.path) for row in (*ACCOUNT_ROUTES, *ADMIN_ROUTES)}
    calls = {(call.method, call.path) for call in OWN_CALLS}
    assert told == rows | calls
    assert not rows & calls
    assert len(ids) == len(set(ids)) == len(told)


async def test_given_the_document_then_every_reference_leads_somewhere_and_all_is_used(
    written: dict[str, Any],
) -> None:
    schemas = written["components"]["schemas"]
    named = {f"#/components/schemas/{name}" for name in schemas}

    assert set(references(written)) == named
    assert not [name for name in schemas if name.endswith(("Shape", "Query"))]


async def test_given_a_route_then_its_parameters_body_and_problems_are_those_of_its_row(
    written: dict[str, Any],
) -> None:
    sessions = written["paths"]["/api/admin/sessions"]
    revoke = written["paths"]["/api/admin/sessions/revoke"]["post"]
    export = written["paths"]["/api/admin/audit/export"]["get"]

    assert [one["name"] for one in sessions["get"]["parameters"]] == [
        "limit",
        "offset",
        "userId",
        "q",
        "ip",
        "kind",
        "sort",
    ]
    limit = sessions["get"]["parameters"][0]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 200, 50)
    assert sessions["delete"]["parameters"][0]["required"] is True
    assert revoke["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/RevokeBody"
    }
    assert set(revoke["responses"]) == {
        *("200", "400", "401", "403", "409", "414", "431", "500", "503")
    }
    unban = written["paths"]["/api/admin/users/{id}/unban"]["post"]
    assert "`target_character_invalid`" in unban["responses"]["400"]["description"]
    assert "`reauth_required`" in revoke["responses"]["403"]["description"]
    assert set(export["responses"]["200"]["content"]) == {"application/jsonl", "text/csv"}


async def test_given_a_secret_member_then_the_document_says_that_it_is_one(
    written: dict[str, Any],
) -> None:
    schemas = written["components"]["schemas"]

    for name, member in (("NewUserBody", "password"), ("PasswordBody", "new")):
        assert schemas[name]["properties"][member]["writeOnly"] is True
    assert "token" not in json.dumps(schemas["Session"])


async def test_given_forward_auth_then_its_dialects_answers_and_refusals_are_told(
    written: dict[str, Any],
) -> None:
    call = written["paths"]["/auth"]["get"]

    assert {(one["in"], one["name"]) for one in call["parameters"]} == {
        *(("header", "X-Original-URI"), ("header", "X-Original-Method")),
        *(("header", "X-Forwarded-Uri"), ("header", "X-Forwarded-Method")),
        ("header", "X-Forwarded-Host"),
    }
    assert not any(one["required"] for one in call["parameters"])
    assert set(call["responses"]) == set("200 400 401 403 404 414 431 500 503".split())
    assert "`forwarded_uri_missing`" in call["responses"]["400"]["description"]
    assert "X-Sidecar-Assertion" in call["responses"]["200"]["headers"]
    assert "trusted_proxies" in call["description"]


async def test_given_the_document_then_it_names_itself(written: dict[str, Any]) -> None:
    told = written["paths"]["/openapi.json"]["get"]["responses"]["200"]

    assert told["content"] == {"application/json": {"schema": {"type": "object"}}}
