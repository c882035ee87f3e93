"""`/reset`: the page, what its form sends, and the way there from the sign-in."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.people import RESET_LASTS
from sidecar.core.users import Role
from tests.house import MOUNT, PASSWORD, PUBLIC_URL, Client, House, Visitor, a_house, served

NEW = "seven herons over the weir"


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


async def a_link(house: House) -> str:
    user = await house.add("alice")
    return (await house.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)).token


async def must_change(house: House) -> None:
    user = await house.add("alice")
    known = await house.users.find("alice")
    assert known is not None
    await house.users.set_password(
        user.id, known.password_hash, SYSTEM, highest=Role.OWNER, must_change=True
    )


async def test_given_a_link_when_its_form_is_sent_then_the_new_password_signs_in(
    house: House, client: Client
) -> None:
    visitor = Visitor(client)
    token = await a_link(house)

    reply = await visitor.post("/reset", {"token": token, "new": NEW})

    assert (reply.status, await reply.read()) == (204, b"")
    assert (await visitor.sign_in(password=PASSWORD)).status == 401
    assert (await visitor.sign_in(password=NEW)).status == 200


async def test_s85_given_links_of_no_use_then_all_are_answered_alike(
    house: House, client: Client
) -> None:
    visitor = Visitor(client)
    used = await a_link(house)
    await visitor.post("/reset", {"token": used, "new": NEW})
    user = await house.add("bob")
    expired = (await house.users.begin_reset(user.id, SYSTEM, highest=Role.OWNER)).token
    key = house.database.keys.reset_link(user.id)
    left = await house.database.command("PTTL", key)
    await house.database.command("PEXPIRE", key, 0)

    answers = set()
    for token in (used, expired, "nonsense", "u1." + "a" * 43, "\0", "x" * 5000):
        reply = await visitor.post("/reset", {"token": token, "new": NEW})
        body = await reply.json()
        answers.add((reply.status, body["code"], body["detail"], token in json.dumps(body)))

    assert 0 < left <= RESET_LASTS.total_seconds() * 1000
    ((status, code, _, repeated),) = answers
    assert (status, code, repeated) == (410, "reset_invalid", False)
    tried = [
        (entry.action.value, entry.reason, entry.actor.ip_address, dict(entry.details))
        async for entry in house.services.desk.audit.entries(EVERYTHING)
        if entry.outcome == "refused"
    ]
    assert tried == [  # once, however often somebody tries
        ("user.password_changed", "reset_invalid", "203.0.113.9", {"by": "reset_link"})
    ]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Use at least 12 characters."), ("de-AT", "Nehmen Sie mindestens 12 Zeichen.")],
)
async def test_given_a_weak_password_then_it_is_said_in_the_language_of_the_person(
    house: House, client: Client, language: str, sentence: str
) -> None:
    token = await a_link(house)

    reply = await Visitor(client).post(
        "/reset", {"token": token, "new": "tern"}, Accept_Language=language
    )

    body = await reply.json()
    assert (reply.status, body["code"]) == (400, "invalid_input")
    assert body["errors"] == [{"field": "new", "message": sentence}]


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"token": "x"}, 400), ({"token": 1, "new": "y"}, 400), (b"[", 400)]
    + [({"token": "x", "new": "y" * 2000}, 413)],
)
async def test_given_bad_input_then_it_is_refused(
    client: Client, body: object, status: int
) -> None:
    assert (await Visitor(client).post("/reset", body)).status == status


async def test_given_another_site_then_its_call_is_refused(house: House, client: Client) -> None:
    token = await a_link(house)
    visitor = Visitor(client, headers={"Origin": "https://evil.example"})

    reply = await visitor.post("/reset", {"token": token, "new": NEW})

    assert reply.status == 403
    assert await house.users.resetting(token)


async def test_given_the_page_then_it_may_send_to_its_own_origin_and_nowhere_else(
    client: Client,
) -> None:
    reply = await Visitor(client).get("/reset")

    text = await reply.text()
    policy = reply.headers["Content-Security-Policy"]
    assert reply.status == 200
    assert "connect-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert reply.headers["Cache-Control"] == "no-store"
    assert "At least 12 characters" in text
    assert "reset.js" in text


async def test_given_a_password_that_must_be_changed_then_the_form_leads_to_the_page(
    house: House, client: Client
) -> None:
    await must_change(house)
    visitor = Visitor(client)
    form = {"username": "alice", "password": PASSWORD, "return_to": "/a?b=c"}

    reply = await visitor.post("/login", form, form=True)

    assert reply.status == 303
    assert "Set-Cookie" not in reply.headers
    where = urlsplit(reply.headers["Location"])
    assert (where.scheme, where.netloc, where.path) == ("", "", f"{MOUNT}/reset")
    assert where.query == "reason=password_change_required&return_to=/a%3Fb%3Dc"
    page = await (await visitor.get(f"/reset?{where.query}")).text()
    assert "chosen by somebody else" in page
    assert f"{MOUNT}/login?return_to=/a%3Fb%3Dc" in page
    done = await visitor.post("/reset", {"token": where.fragment, "new": NEW})
    assert done.status == 204
    assert (await visitor.sign_in(password=NEW)).status == 200
    assert house.logins == ["password_change_required", "signed_in"]


async def test_given_a_password_that_must_be_changed_then_json_is_told_where(
    house: House, client: Client
) -> None:
    await must_change(house)

    reply = await Visitor(client).sign_in()

    body = await reply.json()
    assert (reply.status, body["code"]) == (403, "password_change_required")
    start = f"{PUBLIC_URL}{MOUNT}/reset?reason=password_change_required#"
    assert body["url"].startswith(start)
    assert await house.users.resetting(body["url"].removeprefix(start))
    assert "Set-Cookie" not in reply.headers
