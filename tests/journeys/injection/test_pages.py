"""What a real browser makes of pages with the tag: the same as of the pages without."""

import gzip
from urllib.parse import quote, unquote

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page

from tests.core.html_pages import PLACED, UNPLACED, split
from tests.core.test_html_place import ENCODINGS
from tests.journeys.injection.standing_in import Stand, a_stand, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEN = """() => {
  const copy = document.documentElement.cloneNode(true);
  const ours = copy.querySelectorAll("script[data-sidecar-mount]");
  ours.forEach((one) => one.remove());
  return [ours.length, document.compatMode, document.characterSet, document.title,
    copy.outerHTML.replace(/\\s+/g, " ").replace(/ ?(<\\/?(?:head|body|html)[ >])/g, "$1")
      .replace(/(<(?:head|body)>) /g, "$1")];
}"""
NEWS = "<!doctype html><!-- {words} --><html><head>@<title>{words}</title></head><body>{words}"


async def seen(stand: Stand, page: Page, path: str) -> tuple[int, list[str]]:
    """Go there; return how often the tag is in the page, and all else of it."""
    await page.goto(stand.address(path))
    count, *rest = await page.evaluate(SEEN)
    return count, rest


async def test_given_pages_of_all_kinds_then_a_browser_sees_them_as_without_the_tag(
    redis_url: str, browser: Browser
):
    pages = {**PLACED, **UNPLACED}

    async def application(request: web.Request) -> web.Response:
        name = unquote(request.path.rpartition("/")[2])
        return web.Response(text=split(pages.get(name, ""))[0], content_type="text/html")

    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person(java_script_enabled=True)).new_page()
        for name in pages:
            without = await seen(stand, page, f"/untouched/{quote(name)}")
            with_tag = await seen(stand, page, f"/{quote(name)}")

            assert with_tag == (name in PLACED, without[1]), name
            if name in PLACED:
                assert await outcome(page) == [True, True, True], name


@pytest.mark.parametrize("named", ["in the head of the answer", "by a mark", "by the page"])
async def test_given_pages_in_many_encodings_then_a_browser_reads_them_as_before(
    redis_url: str, browser: Browser, named: str
):
    encodings = {**ENCODINGS, "utf-16-le": "Grüße – 日本", "utf-16-be": "Grüße – 日本"}
    if named == "by a mark":
        encodings = {key: text for key, text in encodings.items() if key.startswith("utf")}
    elif named == "by the page":
        encodings = {key: text for key, text in encodings.items() if not key.startswith("utf")}

    async def application(request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        text = NEWS.format(words=encodings.get(name, "")).replace("@", "")
        label = name.replace("-le", "le").replace("-be", "be").removesuffix("-sig")
        kind = "text/html"
        if named == "by the page":
            text = text.replace("<title>", f"<meta charset={label}><title>")
        elif named == "by a mark":
            text = "\ufeff" + text.removeprefix("\ufeff")
            name = name.removesuffix("-sig")
        else:
            kind += f"; charset={label}"
        return web.Response(body=text.encode(name or "ascii"), headers={"Content-Type": kind})

    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person()).new_page()
        for name, words in encodings.items():
            without = await seen(stand, page, f"/untouched/{name}")
            with_tag = await seen(stand, page, f"/{name}")

            assert with_tag == (1, without[1]), name
            assert with_tag[1][2] == words, name
            assert await outcome(page) == [True, True, True], name


async def test_given_a_page_that_the_browser_has_when_it_is_still_good_then_the_script_is_in_it(
    redis_url: str, browser: Browser
):
    statuses = []

    async def application(request: web.Request) -> web.Response:
        if request.path != "/news":
            return web.Response(status=404)
        fields = {"ETag": '"1"', "Cache-Control": "no-cache", "Content-Type": "text/html"}
        fields["Content-Security-Policy"] = "default-src 'none'"
        same = request.headers.get("If-None-Match") == '"1"'
        statuses.append(304 if same else 200)
        if same:
            return web.Response(status=304, headers=fields)
        body = gzip.compress(b"<!doctype html><html><head><title>News</title></head>")
        return web.Response(body=body, headers={**fields, "Content-Encoding": "gzip"})

    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person()).new_page()
        for go in (page.goto, page.goto):
            await go(stand.address("/news"))
            assert await outcome(page) == [True, True, True]
        await page.reload()
        assert await outcome(page) == [True, True, True]

        assert await page.evaluate("window.violations") == []
        assert await page.title() == "News"
    assert statuses == [200, 304, 304]


async def test_given_a_page_that_a_program_has_fetched_when_it_is_gone_to_then_it_has_the_script(
    redis_url: str, browser: Browser
):
    async def application(_request: web.Request) -> web.Response:
        fields = {"ETag": 'W/"1"', "Cache-Control": "no-cache", "Content-Type": "text/html"}
        return web.Response(text="<!doctype html><head><title>News</title>", headers=fields)

    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person()).new_page()
        await page.goto(stand.address("/first"))
        fetched = await page.evaluate("fetch('/news').then((answer) => answer.text())")
        await page.goto(stand.address("/news"))

        assert fetched == "<!doctype html><head><title>News</title>"
        assert await outcome(page) == [True, True, True]


async def test_given_a_link_that_is_fetched_ahead_when_it_is_followed_then_it_has_the_script(
    redis_url: str, browser: Browser
):
    async def application(request: web.Request) -> web.Response:
        ahead = "<link rel=prefetch href=/next>" if request.path == "/first" else ""
        fields = {"Cache-Control": "max-age=60", "Content-Type": "text/html"}
        text = f"<!doctype html><head>{ahead}<title>{request.path}</title><a href=/next>next</a>"
        return web.Response(text=text, headers=fields)

    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person()).new_page()
        async with page.expect_response(stand.address("/next")):
            await page.goto(stand.address("/first"))
        await page.get_by_text("next").click()
        await page.wait_for_url(stand.address("/next"))

        assert await outcome(page) == [True, True, True]
        assert [one.path for one in stand.asked].count("/next") == 1


async def test_given_frames_and_programs_of_a_page_then_only_the_page_has_the_script(
    redis_url: str, browser: Browser
):
    texts = {
        "/": "<!doctype html><head><title>a</title></head><iframe src=/inner></iframe>"
        "<object data=/object type=text/html></object>",
        "/inner": "<!doctype html><head><title>inner</title>",
        "/object": "<!doctype html><head><title>object</title>",
    }

    async def application(request: web.Request) -> web.Response:
        return web.Response(text=texts.get(request.path, ""), content_type="text/html")

    async with a_stand(redis_url, browser, application) as stand:
        page = await (await stand.person()).new_page()
        await page.goto(stand.address("/"))
        assert await outcome(page) == [True, True, True]

        tags = [await frame.locator("script[data-sidecar-mount]").count() for frame in page.frames]
        assert tags == [1, 0, 0]
