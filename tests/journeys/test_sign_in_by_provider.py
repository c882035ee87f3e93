"""Signing in by a provider of OpenID Connect that nobody here wrote, as the README shows how."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.browser import tab
from tests.journeys.providers import SECRET, Op, an_op
from tests.journeys.raw import RecordingUpstream
from tests.journeys.running import MOUNT, Product
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
OWNER = "a lantern over the harbour"


def shown() -> str:
    """Return the settings of a provider as the README has them."""
    (sample,) = re.findall(r"```toml\n(\[identity\.corp\].*?)```", README, re.DOTALL)
    return str(sample)


@pytest.fixture(scope="module")
def upstream() -> Iterator[RecordingUpstream]:
    started = RecordingUpstream()
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def places(upstream: RecordingUpstream) -> Iterator[tuple[Product, Op]]:
    port = free_port()
    tables = shown().replace("https://login.example.com", f"http://127.0.0.1:{port}")
    product = Product(upstream, tables=tables, public="http://localhost:{port}")
    (product.folder / "corp-secret").write_text(SECRET + "\n")
    with an_op(port, f"{product.public}{MOUNT}") as op:
        product.start()
        product.add_user("olga", OWNER, "owner")
        yield product, op
        product.remove()


async def go(product: Product, op: Op, page: Page, name: str, path: str = "/") -> None:
    """Go to the application and sign in by the provider, which does not know this browser yet."""
    await page.goto(f"{product.public}{path}")
    await page.get_by_role("link", name="Continue with Example Corp").click()
    await op.sign_in(page, name)
    await expect(page).to_have_url(f"{product.public}{path}")


async def code_of(product: Product, page: Page) -> str:
    """Return who is signed in in that browser, or why nobody is."""
    answer = await page.request.get(f"{product.public}{MOUNT}/api/session")
    told = await answer.json()
    return str(told["user"]["username"] if answer.ok else told["code"])


async def test_given_the_readme_when_somebody_signs_in_by_it_then_the_application_knows_them(
    places: tuple[Product, Op], upstream: RecordingUpstream, browser: Browser
) -> None:
    product, op = places
    async with tab(browser) as page:
        await go(product, op, page, "maria", "/projects")

        assert await code_of(product, page) == "maria"
        seen = upstream.requests("/projects")[-1]
        assert seen.all("x-forwarded-user") == [b"maria"]
        assert seen.all("x-forwarded-email") == [b"maria@example.com"]
        assert seen.all("x-forwarded-groups") == [b"staff"]
        assert not any(b"sidecar" in value for value in seen.all("cookie"))


async def test_given_somebody_who_signs_out_at_the_provider_then_they_are_signed_out_here(
    places: tuple[Product, Op], browser: Browser
) -> None:
    product, op = places
    async with tab(browser) as page, tab(browser) as other:
        await go(product, op, page, "noor")
        await go(product, op, other, "noor")

        await op.sign_out(page)
        await page.goto(f"{product.public}{MOUNT}/logout")

        assert await code_of(product, page) == "session_revoked"
        assert await code_of(product, other) == "noor"


async def test_given_three_browsers_when_an_admin_ends_them_then_the_provider_lets_them_in_again(
    places: tuple[Product, Op], browser: Browser
) -> None:
    product, op = places
    token = product.session_of("olga", OWNER)
    async with tab(browser) as one, tab(browser) as two, tab(browser) as three:
        pages = (one, two, three)
        for page in pages:
            await go(product, op, page, "ines")
        path = f"{MOUNT}/api/admin/sessions"
        _, listed, _ = product.call("GET", f"{path}?q=ines", token=token)
        assert {item["authMethod"] for item in listed["items"]} == {"oidc"}
        whose = listed["items"][0]["user"]["id"]

        status, told, _ = product.call("DELETE", f"{path}?userId={whose}", token=token)

        assert (status, told["revoked"]) == (200, 3)
        for page in pages:
            assert await code_of(product, page) == "session_revoked"
        await one.goto(f"{product.public}/")
        await one.get_by_role("link", name="Continue with Example Corp").click()
        await expect(one).to_have_url(f"{product.public}/")  # it still knows them
        assert await code_of(product, one) == "ines"
