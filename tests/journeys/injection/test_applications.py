"""Applications that know nothing of us, used by a person while the script is in their pages."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from deploy.demo.legacy_app import EXPORT_BLOCK, EXPORT_BLOCKS, TITLES, application, path_of
from tests.journeys.applications import ARCHIVE_ROWS, datasette
from tests.journeys.injection.standing_in import Stand, in_front_of, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("datasette")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with datasette(folder) as port:
        yield port


@asynccontextmanager
async def the_wiki(redis_url: str, browser: Browser) -> AsyncIterator[Stand]:
    runner = web.AppRunner(application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with in_front_of(runner.addresses[0][1], redis_url, browser) as stand:
            yield stand
    finally:
        await runner.cleanup()


async def a_tab(stand: Stand) -> tuple[Page, list[str]]:
    """Open a tab; return it and the list of what goes wrong in it."""
    page = await (await stand.person(locale="en-GB")).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on(
        "response",
        lambda answer: (
            wrong.append(answer.url)
            if answer.status >= 400 and not answer.url.endswith("favicon.ico")
            else None
        ),
    )
    return page, wrong


async def works(page: Page) -> None:
    """The script is in the page, once, and does what it has to."""
    assert await outcome(page) == [True, True, True]
    assert await page.evaluate("[window.ran, window.violations]") == [1, []]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_given_datasette_when_it_is_used_then_all_of_it_works_and_each_page_has_the_script(
    redis_url: str, browser: Browser, port: int, folder: Path
):
    async with in_front_of(port, redis_url, browser) as stand:
        page, wrong = await a_tab(stand)
        await page.goto(stand.address("/"))
        await works(page)
        await page.get_by_role("link", name="office", exact=True).click()
        await works(page)
        await page.get_by_role("link", name="Pin a note").click()
        await page.get_by_label("text").fill("Please <b>label</b> your mugs")
        await page.get_by_role("button", name="Run SQL").click()
        await expect(page.get_by_text("The note is pinned")).to_be_visible()
        await expect(page.get_by_text("Please <b>label</b> your mugs")).to_be_visible()
        await works(page)
        rows = await page.evaluate(
            "fetch('/office/notes.json?_shape=array').then((answer) => answer.json())"
        )
        await page.goto(stand.address("/archive/scans?_size=5"))
        await expect(page.get_by_text(f"{ARCHIVE_ROWS:,} rows").first).to_be_visible()
        await works(page)
        await page.goto(stand.address("/archive"))
        async with page.expect_download() as begun:
            await page.get_by_role("link", name="archive.db").click()
        received = Path(await (await begun.value).path()).read_bytes()

    assert [row["text"] for row in rows] == ["Please <b>label</b> your mugs"]
    assert digest(received) == digest((folder / "archive.db").read_bytes())
    assert wrong == []


async def test_given_the_wiki_when_it_is_used_then_all_of_it_works_and_each_page_has_the_script(
    redis_url: str, browser: Browser
):
    async with the_wiki(redis_url, browser) as stand:
        page, wrong = await a_tab(stand)
        for name, title in TITLES.items():
            await page.goto(stand.address(path_of(name)))
            await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            await works(page)
        export = await page.evaluate(
            "fetch('/export.bin').then((answer) => answer.arrayBuffer())"
            ".then((bytes) => crypto.subtle.digest('SHA-256', bytes))"
            ".then((hash) => [...new Uint8Array(hash)])"
        )

        assert bytes(export).hex() == digest(EXPORT_BLOCK * EXPORT_BLOCKS)
        # Its own WebSocket asks for the public origin, which this data plane is not at.
        assert [text for text in wrong if "/ws' failed" not in text] == []
