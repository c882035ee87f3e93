from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sidecar.core.audit_log import EVERYTHING
from tests.front.by_provider import a_corp
from tests.house import PASSWORD, Client, House, Visitor, a_house, served


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
async def visitor(client: Client) -> Visitor:
    visitor = Visitor(client)
    await visitor.sign_in()
    return visitor


async def test_given_a_session_when_its_holder_signs_out_then_it_is_over_everywhere(
    visitor: Visitor, house: House
) -> None:
    token = visitor.cookie

    response = await visitor.post("/logout")

    assert response.status == 204
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    replayed = await Visitor(visitor.client, token).get("/api/session")
    assert replayed.status == 401
    assert (await replayed.json())["code"] == "session_signed_out"
    assert "ended signed_out" in house.counted.said


async def test_given_nobody_signed_in_then_signing_out_is_done_already(client: Client) -> None:
    for cookie in ("", "__Host-sidecar=garbage"):
        assert (await Visitor(client, cookie).post("/logout")).status == 204


async def test_given_a_store_that_does_not_say_who_it_is_then_nobody_is_told_they_signed_out(
    visitor: Visitor, house: House
) -> None:
    await house.make_unreadable(visitor)

    for form in (False, True):
        response = await visitor.post("/logout", {}, form=form)

        assert response.status == 503
        assert response.headers["Retry-After"] == "1"
        assert "Set-Cookie" not in response.headers


async def test_given_the_form_then_a_browser_ends_on_the_sign_in_page(visitor: Visitor) -> None:
    response = await visitor.post("/logout", {}, form=True)

    assert response.status == 303
    assert response.headers["Location"] == "/_sidecar/login?reason=session_signed_out"
    page = await visitor.get("/login?reason=session_signed_out")
    assert "You are signed out." in await page.text()


@pytest.mark.parametrize(
    ("path", "action"), [("/logout", "session.signed_out"), ("/api/reauth", "session.rotated")]
)
async def test_s_60_given_another_site_then_nobody_is_signed_out_and_it_is_audited(
    house: House, visitor: Visitor, path: str, action: str
) -> None:
    foreign = Visitor(visitor.client, visitor.cookie, headers={"Origin": "https://evil.example"})

    response = await foreign.post(path, {"password": PASSWORD})

    assert response.status == 403
    assert (await visitor.get("/api/session")).status == 200
    (entry,) = (await house.services.desk.audit.read(EVERYTHING, 1)).entries
    assert (entry.action.value, entry.outcome, entry.reason, entry.count) == (
        action, "refused", "cross_site_request", 0,
    )  # fmt: skip
    assert (entry.actor.username, entry.details["call"]) == ("alice", f"POST {path}")


async def test_s_60_given_a_get_then_it_only_asks(visitor: Visitor) -> None:
    response = await visitor.get("/logout")

    page = await response.text()
    assert response.status == 200
    assert "Sign out here?" in page
    assert 'method="post" action="/_sidecar/logout"' in page
    assert (await visitor.get("/api/session")).status == 200


async def test_given_nobody_signed_in_when_asked_then_the_page_says_it_is_done(
    client: Client,
) -> None:
    assert "You are signed out" in await (await Visitor(client).get("/logout")).text()


async def test_given_a_wish_to_forget_when_signing_out_then_the_browser_is_told_to(
    client: Client,
) -> None:
    visitor = Visitor(client)
    await visitor.sign_in()

    forgetful = await visitor.post("/logout?forget=1")
    plain = await visitor.post("/logout")

    assert forgetful.status == 204
    assert forgetful.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in plain.headers


@pytest.mark.parametrize(
    ("own", "there"),
    [({"sign_out_there": "true"}, True), ({}, False)],
)
async def test_given_a_session_of_a_provider_then_it_is_over_there_too_if_the_settings_say_so(
    redis_url: str, own: dict[str, str], there: bool
) -> None:
    async with a_corp(redis_url, None, **own) as corp:
        await corp.sign_in()
        before = replace(corp.visitor)

        response = await corp.visitor.post("/logout", {}, form=True)

        text = await response.text()
        assert (response.status == 200) is there
        assert (f"0; url={corp.op.issuer}/out?client_id=wiki&amp;" in text) is there
        assert await corp.who(before) == "session_signed_out"


async def test_given_a_provider_that_falls_silent_then_people_are_signed_out_here(
    redis_url: str,
) -> None:
    async with a_corp(redis_url, sign_out_there="true") as corp:
        await corp.sign_in()
        corp.op.broken.add("openid-configuration")
        room = corp.house.services.providers
        assert room is not None
        vars(room.providers["corp"])["_discovery"]._found = None  # nothing of it is known any more
        vars(room.providers["corp"])["_discovery"]._found_at = None
        before = replace(corp.visitor)

        response = await corp.visitor.post("/logout", {}, form=True)

        assert response.status == 303
        assert await corp.who(before) == "session_signed_out"
