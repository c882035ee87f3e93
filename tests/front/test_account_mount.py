"""The table of self-service over HTTP: who may not, and what another site achieves."""

from collections.abc import AsyncIterator

import pytest

from sidecar.account.routes import ROUTES
from sidecar.core.api_route import ApiRoute
from sidecar.core.audit_log import EVERYTHING
from tests.account.devices import NEW, Answer, Device, enter
from tests.house import PASSWORD, PUBLIC_URL, Client, House, Visitor, a_house, served
from tests.login.codes import code_of, with_app

ACTS = [row for row in ROUTES if row.method != "GET"]


def name(value: object) -> str:
    return f"{value.method} {value.path}" if isinstance(value, ApiRoute) else str(value)


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        await built.add("alice")
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def laptop(client: Client) -> Device:
    return await enter(client, "alice")


@pytest.fixture
async def phone(client: Client) -> Device:
    return await enter(client, "alice")


BODIES: dict[str, object] = {
    "/api/agents": {"name": "bot", "scopes": ["GET /wiki/**"]},
    "/api/password": {"current": PASSWORD, "new": NEW},
    "/api/totp/confirm": {"challenge": "x", "code": "000000"},
}


async def call(row: ApiRoute, who: Device, about: Device) -> Answer:
    body = BODIES[row.path] if row.body else None
    return await who.ask(row.method, row.path.replace("{id}", about.handle), body)


async def refusals(house: House) -> list[tuple[str, str, str, str]]:
    return [
        (entry.action.value, entry.reason, entry.actor.username, entry.target.username)
        async for entry in house.services.desk.audit.entries(EVERYTHING)
        if entry.outcome == "refused"
    ]


@pytest.mark.parametrize("row", ROUTES, ids=name)
async def test_given_nobody_then_401_with_the_challenge(
    row: ApiRoute, client: Client, phone: Device
) -> None:
    nobody = Device(Visitor(client), "", "")

    answer = await call(row, nobody, phone)

    assert (answer.status, answer.code) == (401, "session_missing")
    assert answer.headers["WWW-Authenticate"] == "Session"
    assert await phone.is_signed_in()


@pytest.mark.parametrize("row", ACTS, ids=name)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"{PUBLIC_URL}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_s_60_given_another_site_when_it_acts_then_403_and_the_audit_log_knows(
    row: ApiRoute, headers: dict[str, str], house: House, laptop: Device, phone: Device
) -> None:
    laptop.visitor.headers = headers

    answer = await call(row, laptop, phone)

    assert (answer.status, answer.code) == (403, "cross_site_request")
    assert await phone.is_signed_in()
    assert row.action is not None
    assert await refusals(house) == [(row.action.value, "cross_site_request", "alice", "alice")]


@pytest.mark.parametrize("row", ROUTES, ids=name)
async def test_given_a_browser_then_no_answer_is_a_page_or_kept(
    row: ApiRoute,
    house: House,
    laptop: Device,
    phone: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laptop.visitor.headers |= {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}

    if "/agents/" in row.path:
        made = await laptop.ask("POST", "/api/agents", BODIES["/api/agents"])
        phone.handle = made.body["agent"]["id"]
    if row.path.endswith("/confirm") and row.body:
        offer = (await laptop.ask("POST", "/api/totp")).body
        code = code_of(offer["secret"], house.clock.now())
        monkeypatch.setitem(BODIES, row.path, {"challenge": offer["challenge"], "code": code})
    elif "/factors/" in row.path or row.path.endswith("/recovery-codes"):
        known = await house.users.find("alice")
        assert known is not None
        await with_app(house, known.user)
        phone.handle = "totp"
    done = await call(row, laptop, phone)
    laptop.visitor.cookie = ""
    refused = await call(row, laptop, phone)

    assert done.status == row.status
    for answer in (done, refused):
        assert "html" not in answer.headers.get("Content-Type", "")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_given_a_new_password_then_the_cookie_that_comes_with_it_is_a_proper_one(
    laptop: Device,
) -> None:
    answer = await laptop.change_password()

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sidecar=")
    for attribute in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure"):
        assert attribute in cookie
    lifetime = int(cookie.partition("Max-Age=")[2].partition(";")[0])
    assert 0 < lifetime <= 24 * 3600


async def test_given_the_store_is_silent_then_503_and_nobody_is_signed_out(
    house: House, laptop: Device, phone: Device
) -> None:
    await house.database.command("CLIENT", "PAUSE", "30000", "WRITE")

    answer = await laptop.end_others()

    await house.database.command("CLIENT", "UNPAUSE")
    assert (answer.status, answer.code) == (503, "store_unavailable")
    assert await phone.is_signed_in()
    assert "Set-Cookie" not in answer.headers
