import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis as redis_py

from sidecar.core.policy import Policy, Route
from sidecar.core.reasons import Ended
from sidecar.core.trace_context import Trace, onward_field
from sidecar.core.users import Role
from tests.plane import Plane, a_plane
from tests.wires import OK, Answer, a_request, an_upstream, playing, until


@pytest.fixture
def own_redis() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A redis-server that the test may stop, kill and start again: its URL, and a list whose last
    item is the process."""
    folder = Path(tempfile.mkdtemp(prefix="scw-", dir="/tmp"))
    processes = [start_redis(folder)]
    try:
        yield f"unix://{folder}/s", processes
    finally:
        for process in processes:
            process.kill()
            process.wait()
        shutil.rmtree(folder)


def start_redis(folder: Path) -> subprocess.Popen[bytes]:
    command = ["redis-server", "--port", "0", "--unixsocket", f"{folder}/s", "--dir", str(folder)]
    process = subprocess.Popen(
        [*command, "--appendonly", "yes", "--appendfsync", "always"], stdout=subprocess.DEVNULL
    )
    with redis_py.Redis(unix_socket_path=f"{folder}/s") as client:
        for _ in range(500):
            try:
                client.ping()
            except redis_py.ConnectionError:
                time.sleep(0.02)
            else:
                break
    return process


async def ask(plane: Plane, target: str, token: str | None = None) -> Answer:
    client = await plane.client()
    fields = () if token is None else (f"Cookie: a=1; sidecar={token}; b=2",)
    await client.send(a_request(target, *fields))
    answer = await client.answer()
    client.close()
    return answer


async def test_given_a_live_session_when_it_asks_then_the_upstream_hears_who_and_never_the_token(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed(username="alice", groups=("staff",))

        answer = await ask(plane, "/wiki?q=1", token)

    head = upstream.heads[0].decode()
    assert answer.body == b"ok"
    assert head.startswith("GET /wiki?q=1 HTTP/1.1\r\nHost: app.example\r\n")
    assert "\r\nX-Forwarded-User: alice\r\n" in head
    assert "\r\nX-Forwarded-Groups: staff\r\n" in head
    assert "\r\nX-Sidecar-Assertion: " in head
    assert "\r\nCookie: a=1; b=2\r\n" in head
    assert token not in head
    assert [session.username for session in plane.noted.touched] == ["alice"]
    assert plane.noted.addresses == ["127.0.0.1"]


async def test_given_garbage_cookies_when_they_arrive_then_the_store_is_not_asked_at_all(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed()
        before = await plane.redis.info("commandstats")
        forged = token[:-1] + ("A" if token[-1] != "A" else "B")
        for value in (forged, "1.k1", "x" * 4_000, "1.k9" + token[4:], token + token, "é"):
            answer = await ask(plane, "/wiki", value)
            assert (answer.status, json.loads(answer.body)["code"]) == (401, "session_invalid")
            assert answer.fields["set-cookie"].startswith("sidecar=; Max-Age=0")
        after = await plane.redis.info("commandstats")

    def reads(stats):
        return stats.get("cmdstat_mget", {}).get("calls", 0), stats.get("cmdstat_get", {})

    assert reads(before) == reads(after)
    assert upstream.connections == []


async def test_given_requests_in_flight_together_when_they_are_checked_then_they_share_a_command(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        tokens = [await plane.seed(username=f"user{number}") for number in range(20)]
        clients = [await plane.client() for _ in tokens]
        for client in clients:
            await client.send(a_request())
            await client.answer()
        before = await plane.redis.info("commandstats")
        for client, token in zip(clients, tokens, strict=True):
            client.writer.write(a_request("/wiki", f"Cookie: sidecar={token}"))
        for client in clients:
            assert (await client.answer()).status == 200
        after = await plane.redis.info("commandstats")

    calls = after["cmdstat_mget"]["calls"] - before.get("cmdstat_mget", {}).get("calls", 0)
    assert 1 <= calls < 20
    names = {f"X-Forwarded-User: user{number}".encode() for number in range(20)}
    assert {name for name in names for head in upstream.heads if name + b"\r\n" in head} == names


async def test_given_a_session_that_ends_when_it_asks_again_then_its_next_request_is_refused(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed()
        client = await plane.client()
        request = a_request("/wiki", f"Cookie: sidecar={token}")
        await client.send(request)
        assert (await client.answer()).status == 200

        await plane.redis.flushall()
        await client.send(request)

        assert (await client.answer()).status == 401
    assert len(upstream.heads) == 1


@pytest.mark.parametrize(
    ("facts", "code", "ended"),
    [
        ({"last_active_at": timedelta(minutes=61)}, "session_idle", Ended.IDLE_TIMEOUT),
        ({"created_at": timedelta(hours=25)}, "session_expired", Ended.LIFETIME_EXCEEDED),
    ],
)
async def test_given_a_session_over_a_limit_when_it_asks_then_401_says_why_and_it_is_ended(
    redis_url: str, facts: dict[str, timedelta], code: str, ended: Ended
):
    now = datetime.now(UTC)
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed(**{name: now - age for name, age in facts.items()})

        answer = await ask(plane, "/wiki", token)

    assert (answer.status, json.loads(answer.body)["code"]) == (401, code)
    assert [reason for _, reason in plane.noted.ended] == [ended]
    assert upstream.connections == []


async def test_given_a_route_for_others_when_a_person_asks_then_403_and_the_upstream_hears_nothing(
    redis_url: str,
):
    policy = Policy(
        routes=(Route(path="/admin/**", allow="members", roles=frozenset({Role.ADMIN})),)
    )
    async with an_upstream() as upstream, a_plane(redis_url, upstream, policy=policy) as plane:
        user, admin = await plane.seed(), await plane.seed(role=Role.ADMIN)

        refused, passed = await ask(plane, "/admin/x", user), await ask(plane, "/admin/x", admin)

    assert (refused.status, passed.status) == (403, 200)
    assert len(upstream.heads) == 1


async def test_given_a_store_that_falls_silent_when_people_ask_then_503_until_it_speaks_again(
    own_redis: tuple[str, list[subprocess.Popen[bytes]]],
):
    url, (process,) = own_redis
    async with an_upstream() as upstream, a_plane(url, upstream, deadline=0.3) as plane:
        token = await plane.seed()
        assert (await ask(plane, "/wiki", token)).status == 200

        os.kill(process.pid, signal.SIGSTOP)
        silent = [await ask(plane, "/wiki", token) for _ in range(3)]
        public = await ask(plane, "/pub/x", token)
        up = plane.metrics.store_up.value()
        os.kill(process.pid, signal.SIGCONT)
        await until(lambda: plane.store.up)

        assert (await ask(plane, "/wiki", token)).status == 200
    assert [answer.status for answer in silent] == [503] * 3
    assert all("set-cookie" not in answer.fields for answer in silent)
    assert silent[0].fields["retry-after"] == "1"
    assert (public.status, up) == (200, 0.0)


async def test_given_a_store_that_is_killed_and_started_when_people_ask_then_nobody_is_signed_out(
    own_redis: tuple[str, list[subprocess.Popen[bytes]]],
):
    url, processes = own_redis
    async with an_upstream() as upstream, a_plane(url, upstream) as plane:
        token = await plane.seed()

        processes[0].kill()
        processes[0].wait()
        await until(lambda: not plane.store.up)
        gone = await ask(plane, "/wiki", token)
        processes.append(
            await asyncio.to_thread(start_redis, Path(url.removeprefix("unix://")).parent)
        )
        await until(lambda: plane.store.up)

        assert (await ask(plane, "/wiki", token)).status == 200
    assert gone.status == 503
    assert "set-cookie" not in gone.fields


async def test_given_a_client_that_leaves_before_the_gate_answers_when_it_does_then_nothing_passes(
    own_redis: tuple[str, list[subprocess.Popen[bytes]]],
):
    url, (process,) = own_redis
    async with an_upstream() as upstream, a_plane(url, upstream) as plane:
        token = await plane.seed()
        os.kill(process.pid, signal.SIGSTOP)
        client = await plane.client()
        await client.send(a_request("/wiki", f"Cookie: sidecar={token}"))
        await until(lambda: bool(plane.server.connections))
        await asyncio.sleep(0.05)

        client.abort()
        await until(lambda: not plane.server.connections)
        os.kill(process.pid, signal.SIGCONT)
        assert (await ask(plane, "/wiki", token)).status == 200

        assert len(upstream.heads) == 1
        assert [line["status"] for line in plane.access.lines] == [499, 200]
        assert plane.access.lines[0]["verdict"] == "unavailable"


async def test_given_a_mistake_of_ours_when_a_request_meets_it_then_500_and_the_next_is_served(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed()

        def broken(session: object) -> bytes:
            raise KeyError("no signing key")

        with monkeypatch.context() as patched:
            patched.setattr(plane.server.walk._identity, "block", broken)
            failed = await ask(plane, "/wiki", token)

        assert (failed.status, json.loads(failed.body)["code"]) == (500, "internal_error")
        assert upstream.heads == []
        assert (await ask(plane, "/wiki", token)).status == 200


@pytest.mark.parametrize("target", ["/pub/../wiki", "/pub/%2e%2e/wiki", "//wiki", "/pub%2fx"])
async def test_given_a_target_with_two_readings_when_it_arrives_then_400_and_nothing_is_forwarded(
    redis_url: str, target: str
):
    async with an_upstream(playing(OK)) as upstream, a_plane(redis_url, upstream) as plane:
        answer = await ask(plane, target)

    assert answer.status == 400
    assert upstream.connections == []
    assert plane.access.lines[0]["verdict"] == "bad_request"


async def test_given_spans_of_our_own_when_a_request_is_forwarded_then_the_upstream_is_told_of_them(
    redis_url: str,
) -> None:
    trace = Trace("0af7" * 8, "b7ad" * 4, sampled=True, span_id="1" * 16, onward_id="2" * 16)
    named: list[Trace | None] = []

    def new_spans(parent: Trace | None) -> Trace:
        named.append(parent)
        return trace

    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, new_spans=new_spans) as plane,
    ):
        client = await plane.client()
        for fields in ((f"traceparent: 00-{'c' * 32}-{'d' * 16}-00",), ()):
            await client.send(a_request("/pub/x", *fields))
            await client.answer()

    assert named == [Trace("c" * 32, "d" * 16, sampled=False), None]
    assert [head.count(b"traceparent") for head in upstream.heads] == [1, 1]
    assert all(onward_field(trace) in head for head in upstream.heads)
