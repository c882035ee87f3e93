from collections.abc import AsyncIterator

import pytest

from tests.house import MOUNT, Client, House, Visitor, a_house, served

PAGE = {"Sec_Fetch_Mode": "navigate", "Accept_Language": "de-AT, en;q=0.5"}


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        await built.add("alice")
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


async def test_given_a_choice_then_it_is_remembered_and_leads_back_to_the_page(
    client: Client,
) -> None:
    visitor = Visitor(client)
    back = f"{MOUNT}/login?return_to=/a"

    chosen = await visitor.post("/language", {"language": "ar", "back": back}, form=True)
    page = await (await visitor.get("/login", **PAGE)).text()

    assert (chosen.status, chosen.headers["Location"]) == (303, back)
    assert chosen.headers["Set-Cookie"].startswith("__Host-sidecar-language=ar; ")
    assert chosen.headers["Cache-Control"] == "no-store"
    assert '<html lang="ar" dir="rtl">' in page
    assert 'aria-current="true">العربية' in page


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil", "x", ""])
async def test_given_a_way_back_to_somewhere_else_then_the_start_page_comes(
    client: Client, back: str
) -> None:
    response = await Visitor(client).post("/language", {"language": "de", "back": back}, form=True)

    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("language", ["", "xx", "de; Domain=evil.example", "de\r\nX: y", "DE"])
async def test_given_what_is_no_language_of_ours_then_nothing_is_remembered(
    client: Client, language: str
) -> None:
    response = await Visitor(client).post("/language", {"language": language}, form=True)

    assert response.status == 400
    assert "Set-Cookie" not in response.headers


async def test_given_a_form_of_another_site_then_nothing_is_remembered(client: Client) -> None:
    visitor = Visitor(client, headers={"Origin": "https://evil.example"})

    response = await visitor.post("/language", {"language": "ar"}, form=True)

    assert response.status == 403
    assert "Set-Cookie" not in response.headers


async def test_given_a_link_then_it_changes_nothing(client: Client) -> None:
    response = await Visitor(client).get("/language?language=ar", **PAGE)

    assert response.status == 405
    assert "Set-Cookie" not in response.headers
    assert 'name="back" value="/"' in await response.text()


@pytest.mark.parametrize("path", ["/login", "/logout", "/reset", "/no"])
async def test_given_a_page_then_the_browser_is_asked_and_the_menu_leads_back_to_it(
    client: Client, path: str
) -> None:
    page = await (await Visitor(client).get(path, **PAGE)).text()

    assert '<html lang="de" dir="ltr">' in page
    assert f'name="back" value="{MOUNT}{path}"' in page


async def test_given_pages_for_the_signed_in_then_they_go_by_the_same_choice(
    client: Client,
) -> None:
    visitor = Visitor(client)
    assert (await visitor.sign_in()).status == 200
    visitor.cookie += "; __Host-sidecar-language=ja"

    account = await (await visitor.get("/account/security", **PAGE)).text()
    refused = await (await visitor.get("/admin/", **PAGE)).text()

    assert '<html lang="ja"' in account
    assert '<html lang="ja"' in refused
    assert f'name="back" value="{MOUNT}/admin/"' in refused


async def test_given_a_script_then_it_is_answered_in_the_language_of_its_page(
    client: Client,
) -> None:
    visitor = Visitor(client)
    assert (await visitor.sign_in()).status == 200
    visitor.cookie += "; __Host-sidecar-language=ja"

    response = await visitor.post(
        "/api/password", {"current": "x", "new": "alice"}, Accept_Language="de"
    )

    faults = (await response.json())["errors"]
    assert any("Zeichen" in fault["message"] for fault in faults)
