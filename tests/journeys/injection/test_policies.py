"""What a real browser makes of the policies: the page works as before, the script works, too."""

import json
from base64 import b64encode
from hashlib import sha256

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page

from tests.journeys.injection.standing_in import Stand, a_stand, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

N = "'nonce-YWJj'"
HASH = f"'sha256-{b64encode(sha256(b'window.hashed = 1').digest()).decode()}'"
POLICIES = [
    ["default-src 'self'"],
    ["default-src 'none'"],
    ["default-src 'none'; script-src 'self'; img-src 'self'"],
    ["default-src 'none'; connect-src 'none'; script-src 'none'; worker-src 'none'"],
    [f"script-src {N}"],
    [f"script-src 'self' {N}; object-src 'none'; base-uri 'none'"],
    [f"script-src {N} 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'"],
    [f"default-src 'none'; script-src {N} 'strict-dynamic'; img-src *"],
    [f"script-src 'strict-dynamic' {HASH}"],
    [f"default-src 'self' {N}"],
    ["script-src 'unsafe-inline' 'unsafe-eval'; connect-src https://api.example"],
    ["default-src 'unsafe-inline' data: blob:"],
    [f"script-src {HASH}"],
    ["script-src-elem 'none'; script-src 'self'"],
    ["child-src 'none'"],
    ["worker-src blob:; connect-src 'self'"],
    [f"script-src {N}", "script-src 'self' 'unsafe-inline'", "connect-src https:"],
    [f"script-src {N}, script-src 'none'; img-src *"],
    ["script-src 'strict-dynamic' 'nonce-eHl6'", f"script-src 'strict-dynamic' {N}"],
    ["require-trusted-types-for 'script'"],
    ["require-trusted-types-for 'script'; trusted-types lit 'allow-duplicates'"],
    ["require-trusted-types-for 'script'; trusted-types 'none'; default-src 'self'"],
    ["sandbox allow-scripts allow-same-origin"],
    ["upgrade-insecure-requests"],
    ["frame-ancestors 'none'; form-action 'none'; base-uri 'none'"],
]
PAGE = """<!doctype html><html><head><title>a</title>
<script nonce="YWJj">window.inline = 1</script>
<script>window.hashed = 1</script>
<script nonce="YWJj" src="/own.js"></script>
<script src="/other.js"></script>
</head><body onload="window.loaded = 1"><img src="/image.svg"></body></html>"""
WORKS = "({inline: window.inline, hashed: window.hashed, own: window.own, other: window.other,\
 loaded: window.loaded, images: [...document.images].map((one) => one.complete)})"


async def application(request: web.Request) -> web.Response:
    name = request.path.rpartition("/")[2]
    if name.endswith(".js"):
        body = f"window.{name.removesuffix('.js')} = 1"
        return web.Response(text=body, content_type="text/javascript")
    if name.endswith(".svg"):
        return web.Response(
            text="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml"
        )
    response = web.Response(text=PAGE, content_type="text/html")
    for field, values in json.loads(request.query.get("policies", "{}")).items():
        for value in values:
            response.headers.add(field, value)
    return response


async def shown(
    stand: Stand, page: Page, path: str, **policies: list[str]
) -> tuple[object, object]:
    """Go to the page with these policies; return what of it works, and what was refused."""
    fields = {name.replace("_", "-"): values for name, values in policies.items()}
    await page.goto(stand.address(f"{path}?policies={json.dumps(fields)}"))
    if path.startswith("/page"):
        assert await outcome(page) == [True, True, True]
        assert await page.evaluate("window.ran") == 1
    return await page.evaluate(WORKS), await page.evaluate("window.violations")


@pytest.mark.parametrize("report_only", [False, True])
async def test_given_a_policy_of_the_page_then_page_and_script_work_and_no_more_is_refused(
    redis_url: str, browser: Browser, report_only: bool
):
    field = "Content_Security_Policy_Report_Only" if report_only else "Content_Security_Policy"
    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person()).new_page()
        for policies in POLICIES:
            if report_only and "sandbox" in policies[0]:
                continue  # A sandbox cannot only be reported, and Chromium says so.
            before = await shown(stand, page, "/untouched/page", **{field: policies})
            after = await shown(stand, page, "/page", **{field: policies})

            assert after == before, policies


async def test_given_a_sandbox_then_the_page_is_as_it_came(redis_url: str, browser: Browser):
    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person()).new_page()
        fields = json.dumps({"Content-Security-Policy": ["sandbox allow-scripts"]})
        response = await page.goto(stand.address(f"/page?policies={fields}"))

        assert response is not None
        assert await response.text() == PAGE
        assert await page.evaluate("[window.ran, window.inline]") == [None, 1]
