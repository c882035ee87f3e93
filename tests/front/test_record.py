import json
import os
from pathlib import Path

from sidecar.front.connection import FrontConnection
from sidecar.front.record import BATCH, Record
from sidecar.observe.access import AccessLog, Finished
from sidecar.observe.collector import exposition
from sidecar.observe.metrics import Metrics
from sidecar.observe.output import LineWriter
from tests.plane import NotedLines, a_plane
from tests.serving import a_sidecar
from tests.wires import a_request, an_upstream, until


async def test_given_requests_of_each_kind_when_they_are_over_then_each_is_counted_and_noted_once(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        token = await plane.seed()
        client = await plane.client()
        cookie = f"Cookie: sidecar={token}"
        for request in (
            a_request("/wiki?q=secret", cookie),
            a_request("/pub/x"),
            a_request("/wiki"),
            a_request("/wiki/../x", cookie),
        ):
            await client.send(request)
            await client.answer()
        lines = plane.access.lines
        counted = {
            verdict: plane.metrics.requests.value(verdict)
            for verdict in ("allow", "public", "sign_in", "bad_request", "deny")
        }

        whole = plane.metrics.request_seconds.count()
        gate = plane.metrics.gate_seconds.count()
        forwarded = plane.metrics.upstream_seconds.count()

    assert counted == {"allow": 1, "public": 1, "sign_in": 1, "bad_request": 1, "deny": 0}
    assert (whole, gate, forwarded) == (4, 3, 2)
    assert [line["path"] for line in lines] == ["/wiki", "/pub/x", "/wiki", ""]
    assert [line["status"] for line in lines] == [200, 200, 401, 400]
    assert [line["user_id"] for line in lines] == ["u1", None, None, None]
    assert [line["handle"] is None for line in lines] == [False, True, True, True]
    assert [line["client_ip"] for line in lines] == ["127.0.0.1"] * 4
    assert lines[0]["octets"] == 2
    assert not any(token in str(line) for line in lines)


async def test_given_one_address_after_another_when_a_head_is_refused_then_it_is_not_the_last_ones(
    redis_url: str,
):
    async with (
        an_upstream() as upstream,
        a_plane(redis_url, upstream, trusted=["127.0.0.1"]) as plane,
    ):
        client = await plane.client()
        await client.send(a_request("/pub/x", "X-Forwarded-For: 198.51.100.4"))
        await client.answer()
        await client.send(a_request("/pub/x", "X-Forwarded-For: 203.0.113.9", "Expect: tea"))
        await client.answer()

        addresses = [line["client_ip"] for line in plane.access.lines]

    assert addresses == ["198.51.100.4", "127.0.0.1"]


async def test_given_a_real_access_log_when_a_request_is_over_then_its_line_is_written(
    redis_url: str, tmp_path: Path
):
    fd = os.open(tmp_path / "access", os.O_CREAT | os.O_WRONLY)
    writer = LineWriter(fd)
    record = Record(Metrics.alone(), AccessLog(writer))
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        plane.server.walk._record = record
        client = await plane.client()
        await client.send(a_request("/pub/x"))
        await client.answer()
        record.flush()
        assert writer.flush()
    os.close(fd)

    (line,) = (tmp_path / "access").read_text(encoding="utf-8").splitlines()
    noted = json.loads(line)
    assert (noted["method"], noted["path"], noted["status"]) == ("GET", "/pub/x", 200)


async def test_given_no_access_log_when_a_request_is_over_then_it_is_counted_all_the_same(
    redis_url: str,
):
    metrics = Metrics.alone()
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        plane.server.walk._record = record = Record(metrics, None)
        client = await plane.client()
        await client.send(a_request("/pub/x"))
        await client.answer()
        record.flush()

    assert metrics.requests.value("public") == 1


async def test_given_few_requests_when_a_moment_passes_then_they_are_counted_and_written_in_order(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        noted = NotedLines()
        plane.server.walk._record = Record(plane.metrics, noted)  # type: ignore[arg-type]
        client = await plane.client()
        for number in range(3):
            await client.send(a_request(f"/pub/{number}"))
            await client.answer()

        await until(lambda: len(noted.lines) == 3)

    assert [line["path"] for line in noted.lines] == ["/pub/0", "/pub/1", "/pub/2"]
    assert plane.metrics.requests.value("public") == 3


async def test_given_a_full_batch_when_it_is_complete_then_it_does_not_wait(redis_url: str):
    metrics, noted = Metrics.alone(), NotedLines()
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        record = Record(metrics, noted)  # type: ignore[arg-type]
        client = FrontConnection(plane.server)
        client.verdict = "public"
        for _ in range(BATCH + 1):
            record.finished(client)

        counted = metrics.requests.value("public")
        record.flush()

    assert counted == BATCH
    assert len(noted.lines) == BATCH + 1


TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_given_requests_of_traces_when_they_are_over_then_the_sampled_ones_are_the_examples(
    redis_url: str,
):
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        reported: list[Finished] = []
        plane.server.walk._record = record = Record(
            plane.metrics, None, lambda entries, _: reported.extend(entries)
        )
        client = await plane.client()
        for trace, flags in ((TRACE, "01"), ("1" * 32, "00")):
            await client.send(
                a_request("/pub/x", f"traceparent: 00-{trace}-b7ad6b7169203331-{flags}")
            )
            await client.answer()
        record.flush()
        scraped, _ = exposition([plane.cells], "application/openmetrics-text; version=1.0.0")

    assert [entry[4] and entry[4].trace_id for entry in reported] == [TRACE, "1" * 32]
    assert scraped.decode().count(f'# {{trace_id="{TRACE}"}}') == 3
    assert "1" * 32 not in scraped.decode()


async def test_given_a_worker_that_ends_when_it_has_drained_then_no_request_was_left_uncounted(
    redis_url: str, tmp_path: Path
):
    async with (
        an_upstream() as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
    ):
        await sidecar.ask(a_request("/pub/last"))
        await sidecar.end()

        assert sidecar.metrics.requests.value("public") == 1
        assert sum("/pub/last" in line for line in sidecar.logs.lines) == 1
