"""SCIM over HTTP, as Okta and Entra use it: who may, what it does, and what it ends."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from sidecar.clients.scim_users import ScimUsers
from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role
from sidecar.front.patience import MOST, Patience
from sidecar.front.scim_room import ScimRoom
from tests.clients.test_scim_shapes import ENTRA_CREATE, OKTA_CREATE
from tests.house import House, Visitor, a_house, served

TOKEN = "a-token-that-is-long-enough-to-be-one"
NEXT = "the-token-that-will-replace-it-one-day"
HERE = "https://wiki.example.com/_sidecar/scim/v2"
OFF = {"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}
ON = {"Operations": [{"op": "replace", "value": {"active": True}}]}


class Place:
    def __init__(self, house: House, visitor: Visitor) -> None:
        self.house, self.visitor = house, visitor

    async def ask(
        self, method: str, path: str, body: object = None, token: str = TOKEN, **more: str
    ) -> tuple[int, Any]:
        server = Visitor(self.visitor.client, address="192.0.2.1", headers={})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"Authorization": f"Bearer {token}", "Content_Type": "application/scim+json"}
        response = await server._send(
            method, f"/scim/v2{path}", None if body is None else data, {**fields, **more}
        )
        if response.status == 204:
            return 204, None
        assert response.content_type == "application/scim+json"
        return response.status, await response.json()

    async def who(self) -> str:
        response = await self.visitor.get("/api/session")
        body = await response.json()
        return str(body["user"]["username"] if response.status == 200 else body["code"])

    async def entries(self) -> list[dict[str, Any]]:
        return [json.loads(entry["e"]) for entry in await self.house.audit()]


@pytest.fixture
async def place(redis_url: str) -> AsyncIterator[Place]:
    async with a_house(redis_url) as house:
        hashes = [sha256(token.encode()).digest() for token in (TOKEN, NEXT)]
        room = ScimRoom(hashes, ScimUsers(house.users, HERE), Patience(lambda: 0.0))
        house.services = replace(house.services, scim=room)
        async with served(house) as client:
            yield Place(house, Visitor(client))


@pytest.mark.parametrize("document", [OKTA_CREATE, ENTRA_CREATE], ids=["okta", "entra"])
async def test_given_a_provider_when_it_adds_a_person_then_it_finds_them_again(
    place: Place, document: dict[str, Any]
) -> None:
    status, made = await place.ask("POST", "/Users", document)

    assert status == 201
    assert made["userName"] == "maria@example.com"
    assert made["active"] is True
    assert made["meta"]["location"] == f"{HERE}/Users/{made['id']}"
    assert await place.ask("GET", f"/Users/{made['id']}") == (200, made)
    for wanted in (
        'userName eq "MARIA@example.com"',
        f'externalId eq "{document["externalId"]}"',
        f'emails[type eq "work"].value eq "{made["emails"][0]["value"]}"',
        f'emails eq "{made["emails"][0]["value"]}"',
        f'id eq "{made["id"]}"',
    ):
        status, found = await place.ask("GET", f"/Users?filter={wanted}&startIndex=1&count=100")
        assert (status, found["totalResults"], found["Resources"]) == (200, 1, [made])
    status, none = await place.ask("GET", '/Users?filter=userName eq "nobody"')
    assert (status, none["totalResults"], none["Resources"]) == (200, 0, [])
    created = (await place.entries())[-1]
    assert (created["a"], created["k"], created["i"]) == ("user.created", "service", "scim")
    again = await place.ask("POST", "/Users", document)
    assert (again[0], again[1]["scimType"]) == (409, "uniqueness")


@pytest.mark.parametrize("off", ["patch", "put"])
async def test_given_a_person_who_is_switched_off_then_every_session_ends_at_once(
    place: Place, off: str
) -> None:
    maria = await place.house.add("maria")
    await place.visitor.sign_in("maria")
    whole = {"userName": "maria", "active": False}

    path = f"/Users/{maria.id}"
    status, shown = await place.ask(
        *(("PATCH", path, OFF) if off == "patch" else ("PUT", path, whole))
    )

    assert (status, shown["active"]) == (200, False)
    assert await place.who() == "session_revoked"
    banned, revoked = (await place.entries())[-2:]
    assert (banned["a"], banned["i"], banned["k"]) == ("user.banned", "scim", "service")
    assert (revoked["a"], revoked["r"], revoked["i"]) == ("session.revoked", "banned", "scim")
    assert (await place.visitor.sign_in("maria")).status == 403

    assert (await place.ask("PATCH", path, ON))[1]["active"] is True
    assert (await place.visitor.sign_in("maria")).status == 200


async def test_given_a_ban_by_an_admin_then_a_provider_does_not_lift_it(place: Place) -> None:
    maria = await place.house.add("maria")
    await place.house.users.ban(maria.id, SYSTEM, "stole spoons", highest=Role.OWNER)
    before = len(await place.entries())

    assert (await place.ask("PATCH", f"/Users/{maria.id}", OFF))[1]["active"] is False
    assert (await place.ask("PATCH", f"/Users/{maria.id}", ON))[1]["active"] is False

    assert len(await place.entries()) == before
    user = await place.house.users.get(maria.id)
    assert user is not None
    assert user.ban_reason == "stole spoons"


async def test_given_a_change_then_only_what_it_says_is_changed(place: Place) -> None:
    _, made = await place.ask("POST", "/Users", OKTA_CREATE)
    path = f"/Users/{made['id']}"
    change = {"Operations": [{"op": "Replace", "path": "displayName", "value": "Maria Souza"}]}

    _, patched = await place.ask("PATCH", path, change)
    _, put = await place.ask("PUT", path, {"userName": made["userName"], "externalId": "new"})

    assert (patched["displayName"], patched["externalId"]) == ("Maria Souza", "00u1")
    assert (put["externalId"], "displayName" in put, "emails" in put) == ("new", False, False)
    _, found = await place.ask("GET", '/Users?filter=externalId eq "00u1"')
    assert found["totalResults"] == 0
    renamed = await place.ask("PUT", path, {"userName": "somebody"})
    assert (renamed[0], renamed[1]["scimType"]) == (400, "mutability")


async def test_given_a_person_who_is_deleted_then_their_sessions_end(place: Place) -> None:
    maria = await place.house.add("maria")
    await place.visitor.sign_in("maria")

    assert (await place.ask("DELETE", f"/Users/{maria.id}"))[0] == 204

    assert await place.who() == "session_revoked"
    assert (await place.ask("GET", f"/Users/{maria.id}"))[0] == 404
    assert (await place.ask("DELETE", f"/Users/{maria.id}"))[0] == 404


async def test_given_the_last_owner_then_they_stay(place: Place) -> None:
    owner = await place.house.add("root", Role.OWNER)

    assert (await place.ask("PATCH", f"/Users/{owner.id}", OFF))[0] == 409
    assert (await place.ask("DELETE", f"/Users/{owner.id}"))[0] == 409


async def test_given_many_people_then_they_come_in_pages(place: Place) -> None:
    for name in ("ann", "bob", "eve"):
        await place.house.add(name)

    async def page(query: str) -> tuple[list[str], int]:
        _, found = await place.ask("GET", f"/Users?{query}")
        return [one["userName"] for one in found["Resources"]], found["totalResults"]

    assert await page("startIndex=2&count=1") == (["bob"], 3)
    assert await page("startIndex=0&count=2") == (["ann", "bob"], 3)
    assert await page("startIndex=9") == ([], 3)
    assert await page("count=-1") == ([], 3)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN} {TOKEN}", "ü"])
async def test_given_another_token_then_401_and_one_entry(place: Place, token: str) -> None:
    for _ in range(3):
        assert (await place.ask("GET", "/Users", token=token))[0] == 401

    (refused,) = [entry for entry in await place.entries() if entry.get("o") == "refused"]
    assert (refused["r"], refused["i"]) == ("token_invalid", "scim")


async def test_given_the_next_token_then_it_is_good_too(place: Place) -> None:
    assert (await place.ask("GET", "/Users", token=NEXT))[0] == 200
    assert (await place.ask("GET", "/Users", Authorization=f"Basic {TOKEN}"))[0] == 401


async def test_given_many_wrong_tokens_then_their_sender_waits(place: Place) -> None:
    for _ in range(MOST):
        assert (await place.ask("GET", "/Users", token="wrong"))[0] == 401

    assert (await place.ask("GET", "/Users"))[0] == 429


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("GET", '/Users?filter=userName sw "m"', None, 400, "invalidFilter"),
        ("GET", "/Users?startIndex=x", None, 400, "invalidValue"),
        ("GET", "/Users/nobody", None, 404, None),
        ("GET", "/Users/a.b", None, 404, None),
        ("PUT", "/Users/nobody", {"userName": "x"}, 404, None),
        ("PATCH", "/Users/nobody", OFF, 404, None),
        ("POST", "/Users", b"{", 400, "invalidSyntax"),
        ("POST", "/Users", [], 400, "invalidSyntax"),
        ("POST", "/Users", {}, 400, "invalidValue"),
        ("POST", "/Users", {"userName": "a\u200b"}, 400, "invalidValue"),
        ("POST", "/Users", {"userName": "a", "displayName": "x" * 70_000}, 413, None),
        ("GET", "/Schemas/unknown", None, 404, None),
    ],
    ids=str,
)
async def test_given_what_makes_no_sense_then_the_error_is_one_of_scim(
    place: Place, method: str, path: str, body: object, status: int, kind: str | None
) -> None:
    answer = await place.ask(method, path, body)

    assert (answer[0], answer[1].get("scimType")) == (status, kind)
    assert answer[1]["status"] == str(status)


async def test_given_another_kind_of_body_then_415(place: Place) -> None:
    assert (await place.ask("POST", "/Users", {}, Content_Type="text/plain"))[0] == 415


async def test_given_the_documents_then_they_say_what_there_is(place: Place) -> None:
    _, config = await place.ask("GET", "/ServiceProviderConfig")
    _, types = await place.ask("GET", "/ResourceTypes")
    _, schemas = await place.ask("GET", "/Schemas")

    assert config["patch"]["supported"] is True
    assert [one["id"] for one in types["Resources"]] == ["User"]
    (schema,) = schemas["Resources"]
    assert await place.ask("GET", f"/Schemas/{schema['id']}") == (200, schema)


async def test_given_no_token_in_the_settings_then_there_is_nothing_here(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        response = await Visitor(client).get("/scim/v2/Users", Authorization=f"Bearer {TOKEN}")

        assert response.status == 404
