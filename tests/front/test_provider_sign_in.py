"""To a provider and back: what opens a session, and everything that does not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role, User
from sidecar.login.pending import LASTS, MOST
from tests.front.by_provider import Corp, a_corp, cookies_of
from tests.house import PASSWORD, Visitor


@pytest.fixture
async def corp(redis_url: str) -> AsyncIterator[Corp]:
    async with a_corp(redis_url) as made:
        yield made


async def test_given_the_way_there_then_only_the_cookie_of_sign_ins_is_set(corp: Corp) -> None:
    response = await corp.visitor.get("/login/corp?return_to=/projects")

    query = parse_qs(urlsplit(response.headers["Location"]).query)
    assert response.status == 303
    assert query["redirect_uri"] == ["https://wiki.example.com/_sidecar/login/corp/callback"]
    assert cookies_of(response) == {
        "__Host-sidecar-sign-in": "Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure"
    }
    assert response.headers["Cache-Control"] == "no-store"


async def test_given_somebody_who_comes_back_then_they_are_signed_in_where_they_were(
    corp: Corp,
) -> None:
    response = await corp.sign_in(query="?return_to=/projects/atlas?x=1")

    assert (response.status, response.headers["Location"]) == (303, "/projects/atlas?x=1")
    assert await corp.who() == "alice"
    session = (await (await corp.visitor.get("/api/session")).json())["session"]
    assert session["authMethod"] == "oidc"
    assert corp.visitor.pending == ""  # nothing is under way any more
    assert corp.house.logins == ["signed_in"]
    assert corp.house.counted.said == ["opened oidc"]


async def test_given_several_tabs_at_once_then_each_comes_back_where_it_was(corp: Corp) -> None:
    ways = [await corp.go(query=f"?return_to=/tab{number}") for number in range(4)]

    for number in (2, 0, 3, 1):
        response = await corp.back(ways[number])
        assert response.headers["Location"] == f"/tab{number}"

    assert corp.visitor.pending == ""
    assert len(await corp.house.lifecycle.of_user((await corp_user(corp)).id)) == 1


async def corp_user(corp: Corp) -> User:
    known = await corp.house.users.find("alice")
    assert known is not None
    return known.user


async def test_given_more_tabs_than_are_kept_then_the_oldest_starts_again(corp: Corp) -> None:
    ways = [await corp.go() for _ in range(MOST + 1)]

    assert (await corp.back(ways[0])).status == 400
    assert (await corp.back(ways[-1])).status == 303


async def test_asvs_7_6_2_given_a_browser_that_never_went_then_it_is_not_signed_in(
    corp: Corp,
) -> None:
    query = await corp.go()
    victim = Visitor(corp.visitor.client)

    response = await corp.back(query, victim)

    assert response.status == 400
    assert "Start again here" in await response.text()
    assert victim.cookie == ""
    assert corp.op.forms == []  # the code went nowhere


@pytest.mark.parametrize(
    "change",
    [{"state": "x"}, {"state": ""}, {"state": "x&state=y"}],
)
async def test_s_84_given_another_state_then_nobody_is_signed_in(
    corp: Corp, change: dict[str, str]
) -> None:
    response = await corp.back({**await corp.go(), **change})

    assert response.status == 400
    assert corp.visitor.cookie == ""
    assert corp.op.forms == []


async def test_s_84_given_an_answer_when_it_comes_again_then_it_is_of_no_use(corp: Corp) -> None:
    query = await corp.go()
    under_way = corp.visitor.pending
    await corp.back(query)
    again = Visitor(corp.visitor.client, pending=under_way)

    response = await corp.back(query, again)

    assert response.status == 400
    assert again.cookie == ""
    assert len(corp.op.forms) == 1


async def test_given_one_answer_many_times_at_once_then_one_of_them_signs_in(corp: Corp) -> None:
    query = await corp.go()
    under_way = corp.visitor.pending
    browsers = [Visitor(corp.visitor.client, pending=under_way) for _ in range(6)]

    responses = await asyncio.gather(*(corp.back(query, each) for each in browsers))

    assert sorted(response.status for response in responses) == [303] + [400] * 5


async def test_given_a_sign_in_that_took_too_long_then_it_starts_again(corp: Corp) -> None:
    query = await corp.go()
    corp.house.clock.moved = LASTS + timedelta(seconds=1)

    assert (await corp.back(query)).status == 400
    assert corp.op.forms == []


@pytest.mark.parametrize(
    "fields",
    [
        {"Sec_Purpose": "prefetch"},
        {"Sec_Purpose": "prefetch;prerender"},
        {"Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Dest": "empty"},
    ],
)
async def test_asvs_7_6_2_given_nobody_who_looks_then_nobody_is_signed_in(
    corp: Corp, fields: dict[str, str]
) -> None:
    query = await corp.go()

    assert (await corp.back(query, None, **fields)).status == 400

    assert corp.visitor.cookie == ""
    assert (await corp.back(query, Sec_Fetch_Dest="document")).status == 303


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"error": "access_denied"}, 403),
        ({"code": "a&code=b"}, 403),
        ({"iss": "a&iss=b"}, 403),
        ({"code": ""}, 401),
        ({"code": "x" * 4097}, 401),
        ({"code": "made-up"}, 401),
        ({"iss": "https://evil.example"}, 401),
    ],
)
async def test_given_an_answer_that_is_no_proof_then_the_page_says_so(
    corp: Corp, change: dict[str, str], status: int
) -> None:
    response = await corp.back({**await corp.go(query="?return_to=/a"), **change})

    text = await response.text()
    assert response.status == status
    assert "made-up" not in text
    assert 'value="/a"' in text  # the way back stays
    assert corp.visitor.cookie == ""
    assert corp.visitor.pending == ""


async def test_given_a_token_that_is_not_believed_then_it_is_audited_once_a_minute(
    corp: Corp,
) -> None:
    corp.op.claims = {"nonce": "another"}
    for _ in range(3):
        assert (await corp.sign_in()).status == 401

    entries = [entry["e"] for entry in await corp.house.audit()]
    assert len(entries) == 1
    assert '"not_proven"' in entries[0]
    assert corp.house.logins == ["invalid_credentials"] * 3


@pytest.mark.parametrize("what", ["openid-configuration", "token", "jwks", "me"])
async def test_f_26_given_a_silent_provider_then_503_and_nobody_is_signed_out(
    corp: Corp, what: str
) -> None:
    local = Visitor(corp.visitor.client)
    await corp.house.add("bob")
    await local.sign_in("bob")
    corp.op.broken.add(what)

    response = await corp.visitor.get("/login/corp")
    if what != "openid-configuration":
        response = await corp.back(corp.op.authorize(response.headers["Location"]))

    assert response.status == 503
    assert response.headers["Retry-After"] == "5"
    assert "does not answer" in await response.text()
    assert await corp.who(local) == "bob"


async def test_s_53_given_a_session_before_then_it_ends_and_the_new_one_has_another_token(
    corp: Corp,
) -> None:
    await corp.house.add("bob")
    await corp.visitor.sign_in("bob")
    before = replace(corp.visitor)

    await corp.sign_in()

    assert await corp.who() == "alice"
    assert await corp.who(before) == "session_signed_out"


async def test_given_a_banned_person_then_403_after_the_provider_said_who_it_is(
    corp: Corp,
) -> None:
    await corp.sign_in()
    user = await corp_user(corp)
    await corp.house.users.ban(user.id, SYSTEM, "gone", highest=Role.OWNER)

    response = await corp.sign_in()

    assert response.status == 403
    assert "blocked" in await response.text()


async def test_given_a_locked_name_then_429_with_retry_after(corp: Corp) -> None:
    await corp.sign_in()
    for _ in range(10):
        await corp.visitor.sign_in("alice", "wrong")

    response = await corp.sign_in()

    assert response.status == 429
    assert int(response.headers["Retry-After"]) > 600


async def test_given_a_name_that_is_taken_here_then_403_and_the_holder_is_not_troubled(
    corp: Corp,
) -> None:
    await corp.house.add("alice", Role.OWNER)

    response = await corp.sign_in()

    assert response.status == 403
    assert "may not use this application" in await response.text()
    assert (await corp.visitor.sign_in("alice", PASSWORD)).status == 200


async def test_given_a_fresh_proof_that_is_wanted_then_the_provider_is_told(corp: Corp) -> None:
    response = await corp.visitor.get("/login/corp?fresh=1")
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    corp.op.claims = {"auth_time": 1_000_000}

    back = await corp.back(corp.op.authorize(response.headers["Location"]))

    assert query["prompt"] == ["login"]
    assert back.status == 401


@pytest.mark.parametrize("path", ["/login/other", "/login/other/callback", "/login/corp/x"])
async def test_given_a_provider_that_nobody_knows_then_404(corp: Corp, path: str) -> None:
    assert (await corp.visitor.get(path)).status == 404


async def test_s_82_given_a_hostile_way_back_then_it_leads_home(corp: Corp) -> None:
    for hostile in ("//evil.example", "/\\evil.example", "https://evil.example", "/%09/evil"):
        response = await corp.sign_in(query=f"?return_to={hostile}")
        assert response.headers["Location"] == "/"
