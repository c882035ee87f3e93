"""An open line of the live channel, through a whole worker on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role
from tests.front.talking import a_line, masked
from tests.serving import Serving, Store, a_sidecar, a_store
from tests.wires import a_request, an_upstream

VIOLATION = 1008


@asynccontextmanager
async def a_worker(redis_url: str, folder: Path) -> AsyncIterator[tuple[Serving, Store]]:
    async with (
        an_upstream() as upstream,
        a_store(redis_url) as store,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", folder) as serving,
    ):
        yield serving, store


async def sign_out(serving: Serving, cookie: str) -> None:
    out = a_request(
        "/_sidecar/logout", f"Origin: {serving.settings.public_url}", cookie, method="POST"
    )
    assert (await serving.ask(out)).status == 204


async def test_given_many_lines_of_one_session_when_it_ends_then_each_is_told_and_closed(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("alice")
        cookie, other = await serving.cookie_of("alice"), await serving.cookie_of("alice")
        lines = [await a_line(serving, cookie) for _ in range(20)]
        bystander = await a_line(serving, other)

        await sign_out(serving, cookie)
        told = [(await line.told(), await line.closed_with()) for line in lines]
        await bystander.say({"type": "limits"})

        code = "session_signed_out"
        assert told == [({"type": "ended", "code": code}, (VIOLATION, code))] * 20
        assert (await bystander.told())["type"] == "limits"
        for line in lines:
            await line.send(0x88, b"\x03\xf0")
            assert await line.wire.is_closed()


async def test_given_a_person_who_is_banned_then_the_line_says_that_the_session_was_revoked(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        user = await store.add("alice")
        line = await a_line(serving, await serving.cookie_of("alice"))

        await store.users.ban(user.id, SYSTEM, "left", highest=Role.OWNER)

        assert await line.told() == {"type": "ended", "code": "session_revoked"}
        assert await line.closed_with() == (VIOLATION, "session_revoked")


async def test_given_a_client_that_does_not_answer_the_close_then_it_is_cut(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("alice")
        cookie = await serving.cookie_of("alice")
        line = await a_line(serving, cookie)
        await sign_out(serving, cookie)
        await line.told()
        await line.closed_with()

        assert await line.wire.is_closed()


async def test_given_somebody_who_stays_when_the_limits_are_asked_then_only_staying_moves_them(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("alice")
        line = await a_line(serving, await serving.cookie_of("alice"))

        async def limits(word: str = "limits") -> str:
            await line.say({"type": word})
            told = await line.told()
            assert told["type"] == "limits"
            return str(told["idleExpiresAt"])

        before = [await limits(), await limits()]
        promised = await limits("stay")
        after = await limits()
        while after == before[0]:  # activity is written behind, and at most once a second
            await asyncio.sleep(1.0)
            await limits("stay")
            after = await limits()

    assert before[0] == before[1] < promised
    assert after > before[0]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(0x81, b"hello?"), VIOLATION),
        (masked(0x81, b'{"type":"follow","after":"latest"}'), VIOLATION),  # of a mere user
        (masked(0x81, b"\xff\xff"), VIOLATION),
        (masked(0x82, b'{"type":"limits"}'), 1003),
        (masked(0x81, b"x" * 5_000), 1009),
        (b"\x81\x03abc", 1002),
        (b"GET / HTTP/1.1\r\nHost: app.example\r\n\r\n", 1002),
    ],
)
async def test_given_garbage_when_it_arrives_then_the_line_is_closed_for_it_and_no_other(
    redis_url: str, tmp_path: Path, data: bytes, code: int
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("alice")
        cookie = await serving.cookie_of("alice")
        line, other = await a_line(serving, cookie), await a_line(serving, cookie)

        await line.wire.send(data)
        closed, _ = await line.closed_with()
        await other.send(0x89, b"there?")

        assert closed == code
        assert await other.frame() == (0x8A, b"there?")
        assert await line.wire.is_closed()


async def test_given_a_flood_when_it_arrives_then_the_line_is_closed(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("alice")
        line = await a_line(serving, await serving.cookie_of("alice"))

        await line.wire.send(masked(0x81, b'{"type":"limits"}') * 2_000)
        frames = [await line.frame()]
        while frames[-1][0] != 0x88:
            frames.append(await line.frame())

        assert frames[-1][1] == VIOLATION.to_bytes(2) + b"too_many_messages"
        assert len(frames) < 20


async def test_given_a_page_that_says_good_bye_then_it_is_answered_and_closed(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("alice")
        line = await a_line(serving, await serving.cookie_of("alice"))

        await line.send(0x88, b"\x03\xe8bye")

        assert await line.closed_with() == (1000, "")
        assert await line.wire.is_closed()


async def test_given_a_worker_that_ends_then_the_line_is_told_that_it_goes_away(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("alice")
        line = await a_line(serving, await serving.cookie_of("alice"))

        ending = asyncio.create_task(serving.end())
        told = await line.closed_with()
        await line.send(0x88, b"\x03\xe9")
        await ending

        assert told == (1001, "")


async def test_given_a_viewer_who_follows_then_what_happens_elsewhere_is_told(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("vera", Role.VIEWER)
        await store.add("alice")
        lines = [await a_line(serving, await serving.cookie_of("vera")) for _ in range(2)]
        begun = []
        for line in lines:
            await line.say({"type": "follow", "after": "latest"})
            begun.append(await line.told())

        cookie = await serving.cookie_of("alice")
        await sign_out(serving, cookie)
        heard: list[list[str]] = []
        for line in lines:
            actions: list[str] = []
            while len(actions) < 2:
                message = await line.told()
                actions += [item["type"] for item in message["items"]]
                assert {item["user"]["username"] for item in message["items"]} == {"alice"}
            heard.append(actions)

    assert [one["items"] for one in begun] == [[], []]
    assert heard == [["session.opened", "session.signed_out"]] * 2


async def test_given_a_viewer_who_follows_from_an_id_that_is_none_then_the_line_is_closed(
    redis_url: str, tmp_path: Path
):
    async with a_worker(redis_url, tmp_path) as (serving, store):
        await store.add("vera", Role.VIEWER)
        line = await a_line(serving, await serving.cookie_of("vera"))

        await line.say({"type": "follow", "after": "yesterday"})

        assert await line.closed_with() == (VIOLATION, "invalid_message")
