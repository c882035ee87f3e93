"""The handshake of the live channel, through a whole worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecar.core.users import Role
from tests.front.talking import KEY, LIVE, Line, handshake, knock
from tests.serving import Serving, a_sidecar, a_store
from tests.wires import a_request, an_upstream, parse_head


@asynccontextmanager
async def a_worker(redis_url: str, folder: Path) -> AsyncIterator[tuple[Serving, str]]:
    """Run a worker at which alice has signed in; yield it with her Cookie field."""
    async with an_upstream() as upstream, a_store(redis_url) as store:
        await store.add("alice", Role.USER)
        async with a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", folder) as serving:
            yield serving, await serving.cookie_of("alice")


async def test_given_a_session_when_a_page_connects_then_it_hears_whose_it_is_and_how_long(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        wire = await serving.client()

        await wire.send(handshake(serving.settings.public_url, cookie))
        status, fields = parse_head(await wire.head())
        hello = await Line(wire).told()

    assert status == 101
    assert fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert "server" not in fields
    assert hello["type"] == "hello"
    assert hello["user"]["username"] == "alice"
    assert hello["idleTimeout"] == 3600
    assert hello["now"] < hello["idleExpiresAt"] < hello["expiresAt"]


@pytest.mark.parametrize(
    "origin", ["", "http://evil.example", "null", "http://localhost:1", "http://localhost.evil.ex"]
)
async def test_given_another_origin_or_none_when_it_connects_then_it_is_refused(
    redis_url: str, tmp_path: Path, origin: str
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        answer = await serving.ask(handshake(origin, cookie, "Sec-Fetch-Site: same-origin"))

    assert answer.status == 403
    assert b"cross_site_request" in answer.body


async def test_given_two_origins_when_it_connects_then_it_is_refused(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        ours = serving.settings.public_url

        answer = await serving.ask(handshake(ours, cookie, f"Origin: {ours}"))

    assert answer.status == 403


async def test_given_no_session_when_it_connects_then_it_is_asked_to_sign_in(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        ours = serving.settings.public_url

        without = await serving.ask(handshake(ours))
        forged = await serving.ask(handshake(ours, cookie[:-3] + "abc"))

    assert [(one.status, one.fields["www-authenticate"]) for one in (without, forged)] == [
        (401, "Session")
    ] * 2


async def test_given_an_ended_session_when_it_connects_then_the_reason_is_told(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        ours = serving.settings.public_url
        out = a_request("/_sidecar/logout", f"Origin: {ours}", cookie, method="POST")
        assert (await serving.ask(out)).status == 204

        answer = await serving.ask(handshake(ours, cookie))

    assert answer.status == 401
    assert b"session_signed_out" in answer.body


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("Connection: Upgrade", "Upgrade: h2c"),
        ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 8"),
    ],
)
async def test_given_something_else_than_a_websocket_when_it_is_asked_for_then_it_says_what_it_is(
    redis_url: str, tmp_path: Path, lines: tuple[str, ...]
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        origin = f"Origin: {serving.settings.public_url}"

        answer = await serving.ask(
            a_request(LIVE, origin, cookie, f"Sec-WebSocket-Key: {KEY}", *lines)
        )

    assert answer.status == 426
    assert answer.fields["sec-websocket-version"] == "13"


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64!", "x" * 500])
async def test_given_a_key_that_is_none_when_it_connects_then_it_is_refused(
    redis_url: str, tmp_path: Path, key: str
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        answer = await serving.ask(handshake(serving.settings.public_url, cookie, key=key))

    assert answer.status == 400


async def test_given_a_line_when_it_has_opened_then_its_request_is_over_and_noted(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, cookie):
        line = await knock(serving, cookie)
        await line.told()
        line.wire.close()
        await serving.end()

        noted = [text for text in serving.logs.lines if '"/_sidecar/live"' in text]

    assert len(noted) == 1
    assert '"status":101' in noted[0].replace(" ", "")
