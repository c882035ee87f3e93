"""Lines of the live channel in bad company: silent, too many, over TLS, before a store that is."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from socket import SO_SNDBUF, SOL_SOCKET, socketpair

import pytest

from sidecar.core.policy import Policy
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.verdict import Verdict
from sidecar.front import live_socket
from sidecar.front.live_feed import LiveFeed
from sidecar.front.live_socket import LiveRoom, LiveSocket
from sidecar.front.tls import ServerTls
from tests.certificates import write_certificate
from tests.front.talking import Line, a_line, handshake
from tests.front.test_live_feed import Log
from tests.journeys.redis_server import RedisServer
from tests.plane import SystemClock
from tests.serving import a_sidecar, a_store
from tests.store.seeds import a_session
from tests.wires import PATIENCE, a_request, an_upstream, parse_head

NOWHERE = "http://127.0.0.1:1"


class NobodyEnds:
    """Watches, and never has anything to say."""

    def watch(self, _handle: Handle, _told: Callable[[Ended], None]) -> Callable[[], None]:
        return lambda: None


def unasked(
    handle: Handle, answer: Callable[[Verdict], None], *, active_from: str | None = None
) -> None:
    raise AssertionError("nobody asked")


async def test_given_a_browser_that_says_nothing_for_long_then_its_line_is_cut(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live_socket, "SILENCE", 0.5)
    async with a_store(redis_url) as store, a_sidecar(redis_url, NOWHERE, tmp_path) as serving:
        await store.add("alice")
        line = await a_line(serving, await serving.cookie_of("alice"))

        assert await line.wire.is_closed()


async def test_given_a_browser_that_reads_nothing_when_too_much_waits_for_it_then_it_is_cut():
    loop = asyncio.get_running_loop()
    ours, theirs = socketpair()
    ours.setblocking(False)
    ours.setsockopt(SOL_SOCKET, SO_SNDBUF, 4_096)
    with theirs:
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        room = LiveRoom(NobodyEnds(), unasked, SystemClock(), Policy, LiveFeed(Log()))
        now = datetime.now(UTC)
        session = a_session(created_at=now, last_active_at=now, authenticated_at=now)
        line = LiveSocket(room, transport, session, "203.0.113.9")
        gone = asyncio.Event()
        line.begin(session, gone.set)

        for _ in range(40):
            transport.write(bytes(16_384))

        async with asyncio.timeout(PATIENCE):
            await gone.wait()
        assert transport.is_closing()
        assert len(room) == 0
        await room.close()


async def test_given_a_silent_store_when_the_limits_are_asked_then_that_is_said_and_nobody_leaves(
    tmp_path: Path,
):
    redis = RedisServer()
    redis.start()
    try:
        async with (
            a_store(redis.url) as store,
            a_sidecar(redis.url, NOWHERE, tmp_path, redis__deadline="300ms") as serving,
        ):
            await store.add("alice")
            cookie = await serving.cookie_of("alice")
            line = await a_line(serving, cookie)
            redis.freeze()

            await line.say({"type": "limits"})
            said = await line.told()
            refused = await serving.ask(handshake(serving.settings.public_url, cookie))
            redis.thaw()
            while (await said_now(line))["type"] != "limits":
                pass

            assert said == {"type": "unavailable"}
            assert refused.status == 503
    finally:
        redis.remove()


async def said_now(line: Line) -> dict[str, object]:
    await asyncio.sleep(0.2)  # who asks all the time is sent away
    await line.say({"type": "limits"})
    return await line.told()


async def test_given_as_many_lines_as_there_may_be_connections_when_one_more_comes_then_it_is_told(
    redis_url: str, tmp_path: Path
):
    async with (
        a_store(redis_url) as store,
        a_sidecar(redis_url, NOWHERE, tmp_path, limits__max_connections="3") as serving,
    ):
        await store.add("alice")
        cookie = await serving.cookie_of("alice")
        lines = [await a_line(serving, cookie) for _ in range(3)]

        refused = await serving.ask(a_request("/pub/x"))
        await lines[0].send(0x88, b"\x03\xe8")
        assert await lines[0].closed_with() == (1000, "")
        assert await lines[0].wire.is_closed()
        welcome = await serving.ask(a_request("/pub/x"))

        assert (refused.status, welcome.status) == (503, 502)


async def test_given_tls_when_a_page_connects_then_the_line_speaks_on_it(
    redis_url: str, tmp_path: Path
):
    write_certificate(tmp_path, "localhost")
    tls = ServerTls(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    async with (
        an_upstream() as upstream,
        a_store(redis_url) as store,
        a_sidecar(
            redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path, context=tls.context
        ) as serving,
    ):
        await store.add("alice")
        origin = f"Origin: {serving.settings.public_url}"
        one = await serving.client(tls=trusting)
        body = b'{"username":"alice","password":"a lantern over the harbour"}'
        json = "Content-Type: application/json"
        await one.send(a_request("/_sidecar/login", json, origin, method="POST", body=body))
        cookie = (await one.answer()).fields["set-cookie"].partition(";")[0]
        wire = await serving.client(tls=trusting)
        await wire.send(handshake(serving.settings.public_url, f"Cookie: {cookie}"))
        status, _ = parse_head(await wire.head())
        line = Line(wire)
        hello = await line.told()

        await one.send(a_request("/_sidecar/logout", f"Cookie: {cookie}", origin, method="POST"))
        ended = await line.told()

    assert (status, hello["type"]) == (101, "hello")
    assert ended == {"type": "ended", "code": "session_signed_out"}
