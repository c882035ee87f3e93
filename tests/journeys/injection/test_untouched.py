"""The real script in pages that make it hard: their tabs go to the sign-in page, too."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from tests.journeys.injection.standing_in import NOTE_VIOLATIONS
from tests.journeys.running import MOUNT, Product
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "a long and unusual passphrase"
NONCE = "'nonce-YWJj'"
PAGES = {
    "/plain": (None, ""),
    "/nothing": ("default-src 'none'", ""),
    "/nonce": (f"default-src 'none'; script-src {NONCE}", ""),
    "/strict": (f"script-src {NONCE} 'strict-dynamic'; object-src 'none'; base-uri 'none'", ""),
    "/types": ("require-trusted-types-for 'script'; trusted-types 'none'; default-src 'self'", ""),
    "/base": (None, "<base href='https://elsewhere.example/a/'>"),
}


@pytest.fixture
def product() -> Iterator[Product]:
    product = Product(free_port(), public="http://localhost:{port}")
    product.start()
    product.add_user("maria", PASSWORD)
    yield product
    product.remove()


async def application(request: web.Request) -> web.Response:
    policy, inside = PAGES.get(request.path, (None, ""))
    fields = {} if policy is None else {"Content-Security-Policy": policy}
    text = f"<!doctype html><html><head>{inside}<title>{request.path}</title></head><body>page"
    return web.Response(text=text, content_type="text/html", headers=fields)


async def refused(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("window.violations")
    return found


async def test_given_tabs_on_pages_with_policies_when_the_session_is_revoked_then_all_go_to_sign_in(
    product: Product, browser: Browser
):
    runner = web.ServerRunner(web.Server(application))  # type: ignore[arg-type]  # BaseRequest
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", product.upstream.port).start()
    try:
        context = await browser.new_context(locale="en-GB")
        await context.add_init_script(NOTE_VIOLATIONS)
        first = await context.new_page()
        await first.goto(f"{product.public}/plain")
        await first.get_by_label("Username").fill("maria")
        await first.get_by_label("Password").fill(PASSWORD)
        await first.keyboard.press("Enter")
        await first.wait_for_url(f"{product.public}/plain")
        tabs = {}
        for path in PAGES:
            tabs[path] = await context.new_page()
            await tabs[path].goto(product.public + path)
        await expect(first.locator("script[data-sidecar-started]")).to_have_count(1)
        await asyncio.sleep(0.5)
        violations = {path: await refused(tab) for path, tab in tabs.items()}

        words = ("sessions", "revoke", "--user", "maria")
        done = await asyncio.to_thread(product.command, *words)

        assert done.returncode == 0, done.stderr
        assert violations == {path: [] for path in PAGES}
        for path, tab in tabs.items():
            at = re.compile(rf"^{product.public}{MOUNT}/login\?.*{path[1:]}")
            await expect(tab, path).to_have_url(at, timeout=15_000)
    finally:
        await runner.cleanup()
