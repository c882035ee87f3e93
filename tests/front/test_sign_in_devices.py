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
