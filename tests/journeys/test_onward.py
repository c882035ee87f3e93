"""Where an application sends a person right after sign-in is its own affair, also to another
origin; a browser counts that as a redirect of our form."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser

from tests.journeys.browser import Visitor, visitor
from tests.journeys.raw import RecordingUpstream
from tests.journeys.running import MOUNT, Product

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "a long and unusual passphrase"
_POLICY = "[session]\nmax_per_user = 1\n\n[lockout]\nper_ip = 1000\n"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[RecordingUpstream]:
    """An origin that is not ours."""
    upstream = RecordingUpstream()
    upstream.start()
    yield upstream
    upstream.stop()


@pytest.fixture(scope="module")
def product(elsewhere: RecordingUpstream) -> Iterator[Product]:
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, policy=_POLICY, public="http://localhost:{port}")
    place = f"http://127.0.0.1:{elsewhere.port}/welcome"
    upstream.plan(
        "/leave", f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()
    )
    product.start()
    for name in ("maria", "noor"):
        product.add_user(name, PASSWORD)
    yield product
    product.remove()
    upstream.stop()


async def sign_in(person: Visitor, product: Product, name: str) -> None:
    await person.page.goto(f"{product.public}{MOUNT}/login?return_to=/leave")
    await person.fill_in(name, PASSWORD)


async def test_given_an_application_that_sends_people_elsewhere_when_one_signs_in_then_they_arrive(
    browser: Browser, product: Product, elsewhere: RecordingUpstream
) -> None:
    async with visitor(browser) as maria:
        await sign_in(maria, product, "maria")

        await maria.is_at(f"http://127.0.0.1:{elsewhere.port}/welcome")
        assert maria.violations == []


async def test_given_such_an_application_and_the_cap_when_a_session_is_ended_then_they_arrive_too(
    browser: Browser, product: Product, elsewhere: RecordingUpstream
) -> None:
    async with visitor(browser) as first, visitor(browser) as second:
        await sign_in(first, product, "noor")
        await first.is_at(f"http://127.0.0.1:{elsewhere.port}/welcome")
        await sign_in(second, product, "noor")
        await second.page.get_by_role("radio").check()
        await second.page.get_by_label("Password").fill(PASSWORD)
        await second.page.get_by_role("button", name=re.compile("End this session")).click()

        await second.is_at(f"http://127.0.0.1:{elsewhere.port}/welcome")
        assert second.violations == []
