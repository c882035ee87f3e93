"""The bundled application has what the sidecar must carry, and asks nobody who they are."""

import hashlib
from pathlib import Path

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request

from deploy.demo.legacy_app import EXPORT_BLOCK, EXPORT_BLOCKS, TITLES, application, path_of

Wiki = TestClient[Request, Application]


@pytest.fixture
async def wiki(aiohttp_client) -> Wiki:
    client: Wiki = await aiohttp_client(application())
    return client


async def test_given_a_forwarded_name_when_the_first_page_is_read_then_it_greets_that_name(
    wiki: Wiki,
):
    response = await wiki.get("/", headers={"X-Forwarded-User": "<anna>"})

    assert response.content_type == "text/html"
    assert "Hello, <strong>&lt;anna&gt;</strong>" in await response.text()


@pytest.mark.parametrize("name", TITLES)
async def test_given_the_wiki_when_a_page_is_read_then_it_names_itself_and_where_one_is(
    wiki: Wiki, name: str
):
    text = await (await wiki.get(path_of(name))).text()

    assert f"<h1>{TITLES[name]}</h1>" in text
    assert f'<a href="{path_of(name)}" aria-current="page">' in text


async def test_given_a_browser_when_it_comes_again_then_the_wiki_counts_by_its_own_cookie(
    wiki: Wiki,
):
    await wiki.get("/")

    response = await wiki.get("/handbook")

    assert response.cookies["acme_visits"].value == "2"


async def test_given_a_cookie_that_is_no_number_when_a_page_is_read_then_counting_begins_anew(
    wiki: Wiki,
):
    response = await wiki.get("/", headers={"Cookie": "acme_visits=many"})

    assert response.cookies["acme_visits"].value == "1"


async def test_given_a_note_when_it_is_pinned_then_everybody_reads_it_as_text(wiki: Wiki):
    note = {"text": "<script>alert(1)</script>"}

    response = await wiki.post("/notes", data=note, headers={"X-Forwarded-User": "bob"})

    assert str(response.url.path) == "/notes"
    text = await response.text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<small>bob</small>" in text


async def test_given_a_large_file_when_it_is_sent_then_its_size_and_hash_come_back(wiki: Wiki):
    content = bytes(range(256)) * 20_000
    form = FormData()
    form.add_field("file", content, filename="large.bin")

    text = await (await wiki.post("/files", data=form)).text()

    assert f"Received large.bin: {len(content):,} bytes" in text
    assert hashlib.sha256(content).hexdigest() in text


async def test_given_the_export_when_it_is_taken_then_it_is_as_long_as_it_says(wiki: Wiki):
    response = await wiki.get("/export.bin")

    assert await response.read() == EXPORT_BLOCK * EXPORT_BLOCKS
    assert response.headers["Content-Length"] == str(10 * 1024 * 1024)


async def test_given_the_event_stream_when_it_is_listened_to_then_it_ticks(wiki: Wiki):
    response = await wiki.get("/events")

    assert response.content_type == "text/event-stream"
    assert await response.content.readline() == b"event: tick\n"
    response.close()


async def test_given_a_web_socket_when_something_is_said_then_it_is_said_back(wiki: Wiki):
    async with wiki.ws_connect("/ws") as socket:
        await socket.send_str("hello")
        await socket.send_bytes(b"\x00\xff")

        said = [await socket.receive_str(), await socket.receive_bytes()]

    assert said == ["hello", b"\x00\xff"]


async def test_given_the_readme_when_it_shows_how_to_sign_out_everywhere_then_the_wiki_does_so(
    wiki: Wiki,
):
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    sample = readme.partition("```js\nasync function signOutEverywhere")[2].partition("```")[0]
    section = readme.partition("\n## Where people are signed in\n")[2]
    lines = section.partition("```html\n")[2].partition("```")[0]

    script = await (await wiki.get("/everywhere.js")).text()
    page = await (await wiki.get("/profile")).text()

    assert sample
    assert sample in script
    assert "<user-sessions>" in lines
    assert lines in page
