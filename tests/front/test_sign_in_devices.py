"""What a sign-in says about the device that it comes from."""

from collections.abc import AsyncIterator

import pytest

from sidecar.core.policy import Policy
from tests.house import Client, House, Visitor, a_house, served

EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0"
)


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


async def test_given_webview2_on_windows_11_then_the_session_is_of_the_product_of_the_policy(
    visitor: Visitor, house: House
) -> None:
    house.policies.append(Policy(desktop_app_name="DoCodeGo Desktop"))
    page = await visitor.get("/login")
    sent = {
        "User-Agent": EDGE,
        "Sec-CH-UA": '"Chromium";v="128", "Microsoft Edge";v="128", '
        '"Microsoft Edge WebView2";v="128"',
        "Sec-CH-UA-Platform": '"Windows"',
        page.headers["Accept-CH"]: '"15.0.0"',
    }

    visitor.headers.update(sent)
    session = (await (await visitor.sign_in()).json())["session"]

    assert session["kind"] == "desktop"
    assert session["device"] == {
        "label": "DoCodeGo Desktop on Windows 11",
        "browser": "DoCodeGo Desktop",
        "os": "Windows 11",
        "type": "desktop_app",
    }


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def waiting(house: House) -> int:
    """Return how many new devices alice is told of."""
    found = await house.services.directory.find("alice")
    assert found is not None
    return len(await house.services.notices.of_user(found.user.id))


async def test_given_a_browser_then_a_cookie_that_no_script_reads_makes_it_known_again(
    visitor: Visitor, client: Client, house: House
) -> None:
    visitor.headers["User-Agent"] = FIREFOX
    response = await visitor.sign_in()
    first = visitor.device
    lines = response.headers.getall("Set-Cookie")
    attributes = "; Max-Age=15552000; Path=/; HttpOnly; SameSite=Lax; Secure"

    await visitor.post("/logout")
    await visitor.sign_in()

    assert lines[1] == first + attributes
    assert first.startswith("__Host-sidecar-device=")
    assert visitor.device == first
    assert await waiting(house) == 0
    await Visitor(client, headers=visitor.headers).sign_in()
    assert await waiting(house) == 1


async def test_given_a_cookie_that_somebody_planted_then_it_is_not_adopted(
    client: Client, house: House
) -> None:
    await Visitor(client).sign_in()
    planted = "__Host-sidecar-device=" + "p" * 22
    headers = {"Origin": "https://wiki.example.com", "User-Agent": FIREFOX}
    victim = Visitor(client, device=planted, headers=headers)

    await victim.sign_in()
    thief = Visitor(client, device=planted, headers=headers)
    await thief.sign_in()

    fresh, _, rest = victim.device.partition("=")[2].partition(".")
    assert rest == "p" * 22
    assert fresh not in thief.device
    assert await waiting(house) == 2


@pytest.mark.parametrize(
    "cookie", ["x", "a" * 4000, "%00", ".", "é" * 22, "a" * 22 + "; __Host-sidecar-device=b"]
)
async def test_given_a_cookie_that_we_never_wrote_then_people_sign_in_all_the_same(
    client: Client, cookie: str
) -> None:
    visitor = Visitor(client, device=f"__Host-sidecar-device={cookie}")
    visitor.headers["User-Agent"] = FIREFOX

    response = await visitor.sign_in()

    assert response.status == 200
    assert len(visitor.device.partition("=")[2]) == 22


async def test_given_a_program_without_cookies_then_it_is_known_by_its_name(
    client: Client, house: House
) -> None:
    for name in ("curl/8.5", "curl/8.6", "Wget/1.2", "Wget/1.3"):
        visitor = Visitor(client)
        visitor.headers["User-Agent"] = name
        await visitor.sign_in()

    assert await waiting(house) == 1
