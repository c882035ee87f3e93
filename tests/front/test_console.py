import re

import pytest

from sidecar.core.users import Role
from sidecar.front.console import CONSOLE_POLICY
from tests.house import House, Visitor, a_house, served

PAGES = (
    "",
    "sessions",
    "users",
    "users/p00-abc",
    "agents",
    "audit",
    "policy",
    "webhooks",
    "webhooks/e-1",
)


async def signed_in(house: House, client, role: Role) -> Visitor:
    await house.add("alice", role)
    visitor = Visitor(client)
    assert (await visitor.sign_in()).status == 200
    return visitor


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN, Role.OWNER])
async def test_given_somebody_who_may_look_then_every_address_is_the_console(
    redis_url: str, role: Role
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, role)

        for page in PAGES:
            response = await visitor.get(f"/admin/{page}")

            assert response.status == 200
            assert response.headers["Content-Security-Policy"] == CONSOLE_POLICY
            assert response.headers["Cache-Control"] == "no-store"
            assert "<sc-app" in await response.text()


async def test_given_the_page_then_everything_it_names_is_there_and_kept_for_ever(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, Role.OWNER)
        page = await (await visitor.get("/admin/")).text()

        urls = re.findall(r'(?:href|src)="/_sidecar([^"]+)"', page)

        assert len(urls) > 20
        for url in urls:
            response = await visitor.get(url)
            assert response.status == 200, url
            assert "immutable" in response.headers["Cache-Control"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_given_the_page_then_it_holds_no_script_and_no_style_of_its_own(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, Role.OWNER)

        page = await (await visitor.get("/admin/")).text()

        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)


async def test_given_a_wish_for_a_language_then_the_page_says_so(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, Role.VIEWER)

        page = await (await visitor.get("/admin/", Accept_Language="xx, en;q=0.5")).text()

        assert '<html lang="en" dir="ltr"' in page


async def test_given_a_user_without_the_role_then_the_page_says_that_it_is_not_for_them(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, Role.USER)

        response = await visitor.get("/admin/", Sec_Fetch_Mode="navigate")

        assert response.status == 403
        assert "<sc-app" not in await response.text()


async def test_given_nobody_when_a_page_is_asked_for_then_it_leads_to_sign_in_and_back(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        response = await Visitor(client).get("/admin/sessions?q=mar")

        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Session"
        assert "return_to=/_sidecar/admin/sessions%3Fq%3Dmar" in await response.text()


async def test_given_an_ended_session_then_its_cookie_goes_and_the_reason_is_told(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, Role.OWNER)
        other = Visitor(client, visitor.cookie)
        await visitor.post("/logout")

        response = await other.get("/admin/")

        assert response.status == 401
        assert "reason=session_signed_out" in await response.text()
        assert other.cookie == ""


async def test_given_a_store_that_does_not_say_who_it_is_then_503_and_nobody_is_signed_out(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, Role.OWNER)
        await house.make_unreadable(visitor)

        response = await visitor.get("/admin/", Sec_Fetch_Mode="navigate")

        assert response.status == 503
        assert response.headers["Retry-After"] == "1"
        assert "Set-Cookie" not in response.headers
        assert "<sc-app" not in await response.text()


async def test_given_addresses_beside_the_pages_then_there_is_nothing(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = await signed_in(house, client, Role.OWNER)

        for path in ("/admin/nothing", "/admin/users/a/b", "/admin/sessions/"):
            assert (await visitor.get(path)).status == 404
        assert (await visitor.get("/admin")).headers["Location"] == "/_sidecar/admin/"


async def test_given_a_file_of_another_version_then_todays_comes_and_is_not_kept(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        visitor = Visitor(client)

        response = await visitor.get("/assets/0123456789abcdef/console/main.js")
        missing = await visitor.get("/assets/0123456789abcdef/console/nothing.js")

        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-cache"
        assert missing.status == 404
