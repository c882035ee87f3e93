import gzip

import pytest

from sidecar.front.live_files import PARTS, SAID, LiveFiles
from sidecar.login.assets import ui_folder
from sidecar.login.texts import load_catalogue
from tests.house import PUBLIC_URL, Visitor, a_house, served


@pytest.mark.parametrize("name", PARTS)
async def test_given_anybody_when_a_script_is_asked_for_then_it_comes_whole_and_may_be_kept(
    redis_url: str, name: str
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        response = await Visitor(client).get(f"/{name}")
        again = await Visitor(client).get(f"/{name}", If_None_Match=response.headers["ETag"])

        assert response.status == 200
        assert response.content_type == "text/javascript"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "max-age=300" in response.headers["Cache-Control"]
        assert await response.text() == LiveFiles(ui_folder()).get(name).body.decode()
        assert (again.status, await again.text()) == (304, "")


@pytest.mark.parametrize("name", ["live-js", "liveXjs", "live-worker-js", "live.jsx"])
async def test_given_an_address_that_only_resembles_a_script_then_there_is_nothing(
    redis_url: str, name: str
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        assert (await Visitor(client).get(f"/{name}")).status == 404


async def test_given_the_worker_then_it_may_connect_to_us_and_to_nobody_else(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        response = await Visitor(client).get("/live-worker.js")

    line = PUBLIC_URL.replace("https", "wss")
    assert response.headers["Content-Security-Policy"] == (
        f"default-src 'none'; connect-src 'self' {line}"
    )


@pytest.mark.parametrize("name", PARTS)
def test_given_a_script_then_it_is_one_function_and_packed_it_is_the_same(name: str) -> None:
    file = LiveFiles(ui_folder()).get(name)

    assert file.body.startswith(b'(() => {\n"use strict";\n')
    assert file.body.endswith(b"})();\n")
    assert gzip.decompress(file.packed) == file.body
    assert len(file.packed) < 13_000


def test_given_the_sentences_of_the_dialogs_then_each_is_written_in_every_language() -> None:
    catalogue = load_catalogue()
    text = LiveFiles(ui_folder()).get("live.js").body.decode()

    for language in catalogue.languages:
        for key in SAID:
            assert catalogue.choose(language)(key) in text
