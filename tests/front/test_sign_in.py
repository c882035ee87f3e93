import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.reasons import Ended
from sidecar.core.session import Limits
from sidecar.core.users import Role
from tests.house import PASSWORD, PUBLIC_URL, Client, House, Visitor, a_house, served

TWO_SESSIONS = Policy(session=SessionPolicy(limits=Limits(max_per_user=2)))


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
def visitor(client: Client) -> Visitor:
    return Visitor(client)


async def test_given_the_right_password_then_session_redirect_and_cookie_are_given(
    visitor: Visitor, house: House
) -> None:
    response = await visitor.sign_in(returnTo="/projects/atlas")

    body = await response.json()
    assert response.status == 200
    assert body["redirect"] == "/projects/atlas"
    assert body["session"]["user"]["username"] == "alice"
    assert body["session"]["current"] is True
    assert body["session"]["ipAddress"] == "203.0.113.9"
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sidecar=1.")
    assert "; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax; Secure" in cookie
    assert house.logins == ["signed_in"]


async def test_s_55_given_a_sign_in_then_the_token_is_in_the_cookie_and_nowhere_else(
    visitor: Visitor,
) -> None:
    response = await visitor.sign_in(returnTo="/a?token=1")

    secret = visitor.cookie.split(".")[3]
    assert secret not in await response.text()
    assert "Location" not in response.headers
    session = await visitor.get("/api/session")
    assert secret not in await session.text()
    visitor.cookie = ""
    stolen = await visitor.get(f"/api/session?token={secret}")
    assert stolen.status == 401


async def test_given_a_form_then_it_leads_on_with_303(visitor: Visitor) -> None:
    form = {"username": "alice", "password": PASSWORD, "return_to": "/projects/atlas?x=1"}

    response = await visitor.post("/login", form, form=True)

    assert response.status == 303
    assert response.headers["Location"] == "/projects/atlas?x=1"
    assert visitor.cookie


async def test_s_82_given_a_hostile_return_path_then_every_way_leads_home(
    visitor: Visitor,
) -> None:
    for hostile in (
        "//evil.example",
        "/\\evil",
        "/%09/evil",
        "https:evil",
        "javascript:x",
        "/\t/x",
    ):
        response = await visitor.sign_in(returnTo=hostile)
        assert (await response.json())["redirect"] == "/"
        form = {"username": "alice", "password": PASSWORD, "return_to": hostile}
        response = await visitor.post("/login", form, form=True)
        assert response.headers["Location"] == "/"
        page = await visitor.get("/login?return_to=" + hostile.replace("\t", "%09"))
        assert 'name="return_to" value="/"' in await page.text()


async def test_given_a_wrong_password_then_401_for_every_name_alike(
    visitor: Visitor, house: House
) -> None:
    banned = await house.add("mallory")
    await house.users.ban(banned.id, SYSTEM, "gone", highest=Role.OWNER)

    answers = [await visitor.sign_in(name, "wrong") for name in ("alice", "mallory", "nobody")]

    bodies = {await answer.text() for answer in answers}
    assert len(bodies) == 1
    assert {answer.status for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"].split()[0] for answer in answers} == {"Credentials"}
    assert (await answers[0].json())["code"] == "invalid_credentials"
    assert house.logins == ["invalid_credentials"] * 3


async def test_given_a_wrong_password_in_the_form_then_the_page_keeps_the_name_only(
    visitor: Visitor,
) -> None:
    form = {"username": "alice", "password": "wrong-one-here", "return_to": "/a"}

    response = await visitor.post("/login", form, form=True)

    page = await response.text()
    assert response.status == 401
    assert 'value="alice"' in page
    assert 'name="return_to" value="/a"' in page
    assert "wrong-one-here" not in page


async def test_given_a_banned_person_then_403_after_the_right_password(
    visitor: Visitor, house: House
) -> None:
    known = await house.users.find("alice")
    assert known is not None
    await house.users.ban(known.user.id, SYSTEM, "gone", highest=Role.OWNER)

    response = await visitor.sign_in()

    assert response.status == 403
    assert (await response.json())["code"] == "banned"


async def test_given_a_lock_then_429_with_retry_after_by_json_and_form(visitor: Visitor) -> None:
    for _ in range(10):
        assert (await visitor.sign_in(password="wrong")).status == 401

    by_json = await visitor.sign_in()
    by_form = await visitor.post("/login", {"username": "alice", "password": PASSWORD}, form=True)

    assert by_json.status == by_form.status == 429
    assert (await by_json.json())["code"] == "locked"
    assert 840 < int(by_json.headers["Retry-After"]) <= 900
    assert 840 < int(by_form.headers["Retry-After"]) <= 900


async def test_given_the_cap_then_409_with_the_sessions_and_one_may_end(
    visitor: Visitor, house: House, client: Client
) -> None:
    house.policies.append(TWO_SESSIONS)
    first = await Visitor(client).sign_in()
    await Visitor(client).sign_in()
    chosen = (await first.json())["session"]["id"]

    refused = await visitor.sign_in()
    body = await refused.json()
    accepted = await visitor.sign_in(endSession=chosen)

    assert refused.status == 409
    assert body["code"] == "session_limit"
    assert chosen in [one["id"] for one in body["sessions"]]
    assert not any(one["current"] for one in body["sessions"])
    assert accepted.status == 200


async def test_given_the_cap_and_the_form_then_the_page_lets_a_person_end_one(
    visitor: Visitor, house: House, client: Client
) -> None:
    house.policies.append(TWO_SESSIONS)
    chosen = (await (await Visitor(client).sign_in()).json())["session"]["id"]
    await Visitor(client).sign_in()
    form = {"username": "alice", "password": PASSWORD, "return_to": "/a"}

    refused = await visitor.post("/login", form, form=True)
    accepted = await visitor.post("/login", {**form, "endSession": chosen}, form=True)

    page = await refused.text()
    assert refused.status == 409
    assert f'name="endSession" value="{chosen}"' in page
    assert PASSWORD not in page
    assert accepted.status == 303
    assert accepted.headers["Location"] == "/a"


async def test_s_65_given_twenty_sign_ins_at_once_then_ten_are_alive_and_none_is_locked(
    client: Client, house: House
) -> None:
    answers = await asyncio.gather(*(Visitor(client).sign_in() for _ in range(20)))

    statuses = [answer.status for answer in answers]
    known = await house.users.find("alice")
    assert known is not None
    assert len(await house.lifecycle.of_user(known.user.id)) == statuses.count(200)
    assert sorted(statuses) == [200] * 10 + [409] * 10


async def test_s_53_given_a_session_before_sign_in_then_a_new_token_and_the_old_one_is_dead(
    visitor: Visitor, client: Client
) -> None:
    await visitor.sign_in()
    planted = visitor.cookie

    await visitor.sign_in()

    assert visitor.cookie != planted
    old = await Visitor(client, planted).get("/api/session")
    assert old.status == 401
    assert (await old.json())["code"] == "session_signed_out"


async def test_s_53_given_a_stale_cookie_then_the_page_clears_it_and_says_why(
    visitor: Visitor, house: House
) -> None:
    signed_in = await (await visitor.sign_in()).json()
    await house.lifecycle.end(signed_in["session"]["id"], Ended.REVOKED, SYSTEM)

    response = await visitor.get("/login?return_to=/a")

    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert "Your session was ended." in await response.text()


async def test_given_a_store_that_does_not_say_who_it_is_then_the_page_leaves_the_cookie_alone(
    visitor: Visitor, house: House
) -> None:
    await visitor.sign_in()
    await house.make_unreadable(visitor)

    response = await visitor.get("/login")

    assert response.status == 200
    assert "Set-Cookie" not in response.headers


async def test_given_a_forged_cookie_then_the_page_clears_it(client: Client) -> None:
    response = await Visitor(client, "__Host-sidecar=1.garbage").get("/login")

    assert response.status == 200
    assert "Max-Age=0" in response.headers["Set-Cookie"]


async def test_given_a_live_session_then_the_page_says_who_is_signed_in(visitor: Visitor) -> None:
    await visitor.sign_in()

    response = await visitor.get("/login?return_to=/a&reason=session_idle")

    page = await response.text()
    assert "You are signed in already." in page
    assert "<bdi>alice</bdi>" in page
    assert "Set-Cookie" not in response.headers


async def test_s_83_given_a_sign_in_from_another_site_then_it_is_refused(client: Client) -> None:
    credentials = {"username": "alice", "password": PASSWORD}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-site"},
        {},
    ):
        foreign = Visitor(client, headers=headers)
        by_json = await foreign.post("/login", credentials)
        by_form = await foreign.post("/login", credentials, form=True)
        assert (by_json.status, by_form.status) == (403, 403)
        assert (await by_json.json())["code"] == "cross_site_request"
        assert not foreign.cookie


async def test_given_a_browser_that_names_its_site_then_no_origin_is_needed(
    client: Client,
) -> None:
    assert (
        await Visitor(client, headers={"Sec-Fetch-Site": "same-origin"}).sign_in()
    ).status == 200
    assert (await Visitor(client, headers={"Origin": PUBLIC_URL}).sign_in()).status == 200


async def test_s_88_given_a_user_agent_that_is_no_text_then_it_is_cleaned(client: Client) -> None:
    body = json.dumps({"username": "alice", "password": PASSWORD}).encode()
    request = (
        b"POST /_sidecar/login HTTP/1.1\r\nHost: x\r\nOrigin: %b\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\nUser-Agent: b\xe9ta%b\r\n\r\n%b"
    ) % (PUBLIC_URL.encode(), len(body), b"z" * 5000, body)

    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(request)
    head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()

    assert head.startswith(b"HTTP/1.1 200")
    kept = json.loads(answer)["session"]["userAgent"]
    assert kept == ("b\ufffdta" + "z" * 5000)[:512]
