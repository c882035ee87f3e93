"""Whoever keeps a call waiting until their session has ended does nothing with it any more.

An attacker who is about to be thrown out may open calls and hold back their bodies, to act later.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientPayloadError

from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.core.audit_log import AuditQuery
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.token import Credential
from sidecar.core.users import Role
from sidecar.core.verdict import NOWHERE, Verdict, Whence
from tests.admin.staff import Person, enter
from tests.house import Client, House

NEWCOMER = b'{"username": "newcomer", "password": "a harbour under the lantern", "role": "admin"}'


async def end(house: House, who: Person) -> None:
    assert await house.lifecycle.end(Handle(who.handle), Ended.REVOKED, SYSTEM)


@pytest.mark.parametrize(
    ("path", "body"),
    [("/users", NEWCOMER), ("/sessions/revoke", b'{"everyone": true}')],
)
async def test_given_a_body_that_is_held_back_when_the_session_ends_meanwhile_then_nothing_is_done(
    path: str, body: bytes, house: House, client: Client, owner: Person
) -> None:
    bystander = await enter(house, client, "uma", Role.USER)
    looked, ask = asyncio.Event(), house.services.signed_in

    async def watched(
        credential: Credential | None,
        *,
        forged: bool = False,
        whence: Whence = NOWHERE,
        active: bool = False,
    ) -> Verdict:
        verdict = await ask(credential, forged=forged, whence=whence, active=active)
        looked.set()
        return verdict

    async def held_back() -> AsyncIterator[bytes]:
        yield body[:5]
        await looked.wait()
        await end(house, owner)
        yield body[5:]

    object.__setattr__(house.services, "signed_in", watched)
    response = await client.post(
        f"/_sidecar/api/admin{path}",
        data=held_back(),
        headers={
            **owner.visitor.headers,
            "Cookie": owner.visitor.cookie,
            "Content-Type": "application/json",
        },
    )

    assert response.status == 401
    assert (await response.json())["code"] == "session_revoked"
    assert await house.users.find("newcomer") is None
    assert await bystander.is_signed_in()


@pytest.mark.parametrize("path", ["/users", "/users/{id}/password"])
async def test_given_a_password_that_waits_to_be_hashed_when_the_session_ends_then_nothing_is_done(
    path: str, house: House, owner: Person, user: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = house.hashing.hash_password

    async def slow(password: str) -> str:
        await end(house, owner)
        return await hashing(password)

    monkeypatch.setattr(house.hashing, "hash_password", slow)
    new = "a harbour under the lantern"
    body = {"new": new} if "{id}" in path else {"username": "new", "role": "user", "password": new}

    answer = await owner.post(path.replace("{id}", user.id), body)

    assert (answer.status, answer.code) == (401, "session_revoked")
    assert await house.users.find("new") is None
    assert await user.is_signed_in()


async def test_given_an_export_that_is_being_read_when_the_session_ends_then_it_is_cut_off(
    house: House, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def entries(query: AuditQuery) -> AsyncIterator[AuditEntry]:
        for number in range(1000):
            if number == 300:
                await end(house, owner)
            yield AuditEntry(Action.SERVICE_STARTED, SYSTEM, id="1-0-00", at=house.clock.now())

    desk = house.services.desk
    monkeypatch.setattr(type(desk.audit), "entries", lambda self, query: entries(query))

    with pytest.raises(ClientPayloadError):
        await owner.get("/audit/export", format="jsonl")
