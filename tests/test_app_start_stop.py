"""How a worker starts and stops: with or without its store, with clients that stay."""

import asyncio
from pathlib import Path

from tests.serving import a_sidecar
from tests.wires import OK, Wire, a_request, an_upstream, read_request, until


async def test_given_idle_clients_when_it_is_stopped_then_it_returns_and_leaves_no_task(
    redis_url: str, tmp_path: Path
) -> None:
    async with an_upstream() as upstream:
        before = asyncio.all_tasks()
        async with a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar:
            idle = await sidecar.client()
            await idle.send(a_request("/pub/x"))
            await idle.answer()
            await sidecar.sign_in("nobody")

            await sidecar.end()

            left = asyncio.all_tasks() - before
            closed = await idle.is_closed()

    # The upstream of the test has a task for each connection that it was sent.
    assert [task for task in left if "ScriptedUpstream" not in repr(task)] == []
    assert closed


async def test_given_a_request_under_way_when_it_is_stopped_then_it_is_answered_first(
    redis_url: str, tmp_path: Path
) -> None:
    go = asyncio.Event()

    async def script(wire: Wire) -> None:
        await read_request(wire)
        await go.wait()
        await wire.send(OK)

    async with (
        an_upstream(script) as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
    ):
        client = await sidecar.client()
        await client.send(a_request("/pub/x"))
        await until(lambda: bool(upstream.heads))
        sidecar.stop.set()
        await until(lambda: not sidecar.accepts)
        go.set()

        answer = await client.answer()
        await sidecar.end()

    assert (answer.status, answer.body) == (200, b"ok")


async def test_given_a_request_that_never_ends_when_it_is_stopped_then_the_drain_has_an_end(
    redis_url: str, tmp_path: Path
) -> None:
    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.some()

    async with (
        an_upstream(script) as upstream,
        a_sidecar(
            redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path, drain_timeout="50ms"
        ) as sidecar,
    ):
        client = await sidecar.client()
        await client.send(a_request("/pub/x"))
        await until(lambda: bool(upstream.heads))

        await sidecar.end()

        assert await client.is_closed()


async def test_given_no_store_when_it_starts_then_it_waits_and_serves_once_there_is_one(
    redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "redis"
    async with (
        an_upstream() as upstream,
        a_sidecar(
            f"unix://{path}", f"http://127.0.0.1:{upstream.port}", tmp_path, ready=False
        ) as sidecar,
    ):
        await until(lambda: "waiting_for_store" in sidecar.logs.events)
        accepted, up = sidecar.accepts, sidecar.metrics.store_up.value()

        path.symlink_to(redis_url.removeprefix("unix://"))
        await until(lambda: sidecar.accepts)
        answer = await sidecar.ask(a_request("/pub/x"))

        assert (accepted, up) == (False, 0)
        assert answer.status == 200
        assert sidecar.metrics.store_up.value() == 1
    assert sidecar.logs.events.count("waiting_for_store") == 1


async def test_given_no_store_when_it_is_stopped_while_it_waits_then_it_returns_at_once(
    tmp_path: Path,
) -> None:
    before = asyncio.all_tasks()
    async with a_sidecar(
        f"unix://{tmp_path}/none", "http://127.0.0.1:9", tmp_path, ready=False
    ) as sidecar:
        await until(lambda: "waiting_for_store" in sidecar.logs.events)

        await sidecar.end()

        assert not sidecar.accepts
        assert asyncio.all_tasks() == before
