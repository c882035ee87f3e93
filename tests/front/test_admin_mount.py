"""The table of the admin API over HTTP: who may, who is refused, and what the audit log hears."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from aiohttp import ClientConnectionResetError, ClientPayloadError, web

from sidecar.admin.routes import ROUTES
from sidecar.core.alarms import Evidence, Finding
from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import SYSTEM, Action, AuditEntry
from sidecar.core.audit_log import EVERYTHING, AuditQuery
from sidecar.core.policy import ALARMS, Policy, StepUpPolicy
from sidecar.core.ports import StoreUnavailable
from sidecar.core.users import Role
from sidecar.store.alarms import Alarms
from tests.admin.staff import NAMES, Answer, Person, enter
from tests.house import PUBLIC_URL, Client, House, Visitor, a_house, served

NEW = "a harbour under the lantern"
BODIES: dict[str, object] = {
    "/api/admin/sessions/revoke": {"q": "target", "expectedCount": 2},
    "/api/admin/users": {"username": "newcomer", "password": NEW, "role": "user"},
    "/api/admin/users/{id}": {"displayName": "Changed"},
    "/api/admin/users/{id}/ban": {"reason": "test"},
    "/api/admin/users/{id}/password": {"new": NEW},
    "/api/admin/agents": {"name": "bot", "scopes": ["GET /wiki/**"]},
    "/api/admin/webhooks": {"url": "https://hooks.example.com/new"},
    "/api/admin/webhooks/{id}": {"description": "Changed"},
}
QUERIES = {"/api/admin/audit/export": "?format=csv"}
ACTS = [row for row in ROUTES if row.method != "GET"]
MATRIX = [(row, role) for row in ROUTES for role in Role]


def name(value: object) -> str:
    if isinstance(value, ApiRoute):
        return f"{value.method} {value.path}"
    return value.word if isinstance(value, Role) else str(value)


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
async def owner(house: House, client: Client) -> Person:
    return await enter(house, client, NAMES[Role.OWNER], Role.OWNER)


@dataclass
class Target(Person):
    """Whom and what an act is about, by the word of the row."""

    ids: dict[str, str] = field(default_factory=dict)


@pytest.fixture
async def target(house: House, client: Client) -> Target:
    person = await enter(house, client, "target", Role.USER)
    now, alarms = house.clock.now(), Alarms(house.database, house.services.policy)
    alarm = await alarms.raised(Finding("lockout", "s", Evidence(), 1, now, now), ALARMS["lockout"])
    webhook, _ = await house.services.desk.webhooks.add(
        "https://hooks.example.com/", frozenset(), "", SYSTEM
    )
    assert alarm is not None
    agent = await person.visitor.post("/api/agents", BODIES["/api/admin/agents"])
    ids = {
        "user": person.id,
        "session": person.handle,
        "agent": (await agent.json())["agent"]["id"],
        "alarm": alarm.id,
        "webhook": webhook.id,
    }
    return Target(person.visitor, person.id, person.handle, ids)


def path_of(row: ApiRoute, target: Target) -> str:
    word = "agent" if "/agents/" in row.path else row.target
    path = row.path.replace("{id}", target.ids[word]) if row.has_id else row.path
    return path.replace("{deliveryId}", "1-0-00")


async def call(row: ApiRoute, who: Person, target: Target) -> Answer:
    """Ask as the row says, about the target."""
    path = path_of(row, target).removeprefix("/api/admin")
    if row.path == "/api/admin/sessions" and row.method == "DELETE":
        path += f"?userId={target.id}"
    body = BODIES.get(row.path) if row.body else None
    return await who.ask(row.method, path + QUERIES.get(row.path, ""), body)


async def refusals(house: House) -> list[tuple[str, str, str]]:
    """Return action, reason and actor of the refused acts, the newest first."""
    desk = house.services.desk
    return [
        (entry.action.value, entry.reason, entry.actor.username)
        async for entry in desk.audit.entries(EVERYTHING)
        if entry.outcome == "refused"
    ]


@pytest.mark.parametrize(("row", "role"), MATRIX, ids=name)
async def test_given_a_role_when_a_route_is_asked_then_only_those_of_the_contract_may(
    row: ApiRoute, role: Role, house: House, client: Client, target: Target
) -> None:
    who = await enter(house, client, NAMES[role], role)
    acts = Role.OWNER if row.action is Action.USER_ERASED else Role.ADMIN
    may = role >= (Role.VIEWER if row.method == "GET" else acts)

    answer = await call(row, who, target)

    if may:
        assert answer.status == (404 if "{deliveryId}" in row.path else row.status)
        assert await refusals(house) == []
        return
    assert (answer.status, answer.code) == (403, "forbidden")
    assert await target.is_signed_in()
    act = [(row.action.value, "forbidden", NAMES[role])] if row.action else []
    assert await refusals(house) == act


@pytest.mark.parametrize("row", ACTS, ids=name)
async def test_given_a_refused_act_then_it_is_bulk_only_where_many_sessions_would_have_ended(
    row: ApiRoute, house: House, client: Client, target: Target
) -> None:
    viewer = await enter(house, client, "vera", Role.VIEWER)

    await call(row, viewer, target)

    page = await house.services.desk.audit.read(AuditQuery(actor="vera"), 1)
    assert page.entries[0].outcome == "refused"
    assert page.entries[0].count == 0
    of_many = {("DELETE", "/api/admin/sessions"), ("POST", "/api/admin/sessions/revoke")}
    assert (page.entries[0].scope == "bulk") is ((row.method, row.path) in of_many)


@pytest.mark.parametrize("row", ROUTES, ids=name)
async def test_given_no_session_when_a_route_is_asked_then_401_and_nothing_else(
    row: ApiRoute, house: House, client: Client, target: Target
) -> None:
    nobody = Person(Visitor(client), "", "")

    answer = await call(row, nobody, target)

    assert (answer.status, answer.code) == (401, "session_missing")
    assert answer.headers["WWW-Authenticate"] == "Session"
    assert await target.is_signed_in()
    assert await refusals(house) == []


@pytest.mark.parametrize("row", ROUTES, ids=name)
async def test_given_a_browser_when_a_route_is_asked_then_it_is_never_a_page_nor_kept(
    row: ApiRoute, owner: Person, target: Target
) -> None:
    owner.visitor.headers |= {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}

    done = await call(row, owner, target)
    owner.visitor.cookie = ""
    refused = await call(row, owner, target)

    for answer in (done, refused):
        assert answer.status not in range(300, 400)
        assert "html" not in answer.headers["Content-Type"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers


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
async def test_s_60_given_another_site_when_it_acts_then_403_and_the_person_is_named_in_the_audit(
    row: ApiRoute, headers: dict[str, str], house: House, owner: Person, target: Target
) -> None:
    owner.visitor.headers = headers

    answer = await call(row, owner, target)

    assert (answer.status, answer.code) == (403, "cross_site_request")
    assert await target.is_signed_in()
    assert row.action is not None
    assert await refusals(house) == [(row.action.value, "cross_site_request", "olga")]


@pytest.mark.parametrize("row", [row for row in ROUTES if row.body], ids=name)
@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_s_60_given_a_body_that_a_form_could_send_then_it_is_no_input(
    row: ApiRoute, media_type: str, owner: Person, target: Target
) -> None:
    path = path_of(row, target)
    headers = {**owner.visitor.headers, "Cookie": owner.visitor.cookie, "Content-Type": media_type}

    response = await owner.visitor.client.request(
        row.method, f"/_sidecar{path}", data=b'{"everyone": true}', headers=headers
    )

    assert response.status == 400
    assert await target.is_signed_in()


@pytest.mark.parametrize("row", [row for row in ACTS if row.step_up], ids=name)
async def test_given_a_policy_that_asks_for_proof_when_it_is_old_then_reauth_is_required(
    row: ApiRoute, house: House, owner: Person, target: Target
) -> None:
    asked = StepUpPolicy(end_sessions=timedelta(minutes=5), roles=timedelta(minutes=5))
    house.policies.append(replace(Policy(), step_up=asked))
    house.clock.moved = timedelta(minutes=6)

    answer = await call(row, owner, target)

    assert (answer.status, answer.code) == (403, "reauth_required")
    assert await target.is_signed_in()
    assert row.action is not None
    assert await refusals(house) == [(row.action.value, "reauth_required", "olga")]


async def test_given_the_store_is_silent_when_a_route_is_asked_then_503_and_it_may_be_tried_again(
    owner: Person, target: Target, house: House
) -> None:
    await house.database.command("CLIENT", "PAUSE", "30000", "WRITE")

    answer = await owner.delete(f"/sessions/{target.handle}")

    await house.database.command("CLIENT", "UNPAUSE")
    assert (answer.status, answer.code) == (503, "store_unavailable")
    assert answer.headers["Retry-After"] == "1"


async def test_given_head_or_put_when_a_route_is_asked_then_405_says_what_may(
    owner: Person,
) -> None:
    for method in ("HEAD", "PUT", "OPTIONS"):
        answer = await owner.ask(method, "/audit/export?format=csv")
        assert (answer.status, answer.headers["Allow"]) == (405, "GET")


async def test_given_an_export_that_breaks_off_when_it_is_read_then_nobody_takes_it_for_whole(
    owner: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaking(query: AuditQuery) -> AsyncIterator[AuditEntry]:
        entry = AuditEntry(Action.SERVICE_STARTED, SYSTEM, id="1-0-00", at=house.clock.now())
        for _ in range(400):
            yield entry
        raise StoreUnavailable

    desk = house.services.desk
    monkeypatch.setattr(type(desk.audit), "entries", lambda self, query: breaking(query))

    with pytest.raises(ClientPayloadError):
        await owner.get("/audit/export", format="jsonl")


async def test_given_a_client_that_goes_away_when_it_takes_a_file_then_that_is_no_fault_of_ours(
    owner: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def write(self: web.StreamResponse, data: bytes) -> None:
        assert self._req is not None
        assert self._req.transport is not None
        self._req.transport.abort()
        raise ClientConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(web.StreamResponse, "write", write)
        with pytest.raises(ClientPayloadError):
            await owner.get("/audit/export", format="jsonl")

    assert (await owner.get("/policy")).status == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
