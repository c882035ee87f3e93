"""What a collector gets: with an exporter in memory, and once by real OTLP over HTTP."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from sidecar.core.session import Handle, Session
from sidecar.core.trace_context import Trace
from sidecar.observe.access import Finished
from sidecar.observe.spans import Spans, spans_to
from tests.store.seeds import a_session

PARENT = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", sampled=True)
NOW = 1_790_000_000.0


def finished(
    trace: Trace | None,
    *,
    status: int = 200,
    decided: float = 9.125,
    forwarded: bool = True,
    path: str = "/a",
    session: Session | None = None,
) -> Finished:
    """Return a request of a quarter of a second that began at 9.0 of the caller's clock."""
    return (
        9.25, 9.0, decided, forwarded, trace,
        "r1", "GET", path, status, "allow", session, "192.0.2.1", 5,
    )  # fmt: skip


class Collected:
    """Spans into memory."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.spans = Spans(self._exporter, "app", 1.0)

    def report(self, *entries: Finished) -> list[ReadableSpan]:
        """Report these and return what the exporter has then."""
        self.spans.report(entries, NOW - 9.0)
        self.spans.close()
        return list(self._exporter.get_finished_spans())


@pytest.fixture
def collected() -> Iterator[Collected]:
    collected = Collected()
    yield collected
    collected.spans.close()


def test_given_a_callers_trace_when_a_request_begins_then_it_joins_it_with_spans_of_ours(
    collected: Collected,
):
    trace = collected.spans.begin(PARENT)

    assert (trace.trace_id, trace.parent_id, trace.sampled) == (
        PARENT.trace_id,
        PARENT.parent_id,
        True,
    )
    assert len({trace.span_id, trace.onward_id, PARENT.parent_id}) == 3
    assert trace.span_id != collected.spans.begin(PARENT).span_id


@pytest.mark.parametrize(("share", "sampled"), [(0.0, False), (1.0, True)])
def test_given_no_caller_when_a_trace_begins_then_the_ratio_decides(share: float, sampled: bool):
    spans = Spans(InMemorySpanExporter(), "app", share)

    trace = spans.begin(None)
    spans.close()

    assert (trace.sampled, trace.parent_id, len(trace.trace_id)) == (sampled, "", 32)
    assert spans.begin(PARENT).sampled


def test_given_a_forwarded_request_when_it_is_over_then_it_has_three_spans(collected: Collected):
    trace = collected.spans.begin(PARENT)
    session = a_session(handle=Handle("h" * 30), user_id="u1")

    whole, gate, onward = collected.report(finished(trace, session=session))

    assert [span.name for span in (whole, gate, onward)] == ["GET", "gate", "GET"]
    assert [span.kind for span in (whole, gate, onward)] == [
        SpanKind.SERVER,
        SpanKind.INTERNAL,
        SpanKind.CLIENT,
    ]
    assert {f"{span.context.trace_id:032x}" for span in (whole, gate, onward) if span.context} == {
        PARENT.trace_id
    }
    assert whole.parent is not None
    assert whole.parent.is_remote
    assert f"{whole.parent.span_id:016x}" == PARENT.parent_id
    assert gate.parent == onward.parent == whole.context
    assert onward.context is not None
    assert f"{onward.context.span_id:016x}" == trace.onward_id
    starts = [(span.start_time, span.end_time) for span in (whole, gate, onward)]
    began, decided, ended = (int((NOW + after) * 1e9) for after in (0.0, 0.125, 0.25))
    assert starts == [(began, ended), (began, decided), (decided, ended)]
    assert dict(whole.attributes or {}) == {
        "http.request.method": "GET",
        "url.path": "/a",
        "http.response.status_code": 200,
        "http.response.body.size": 5,
        "sidecar.request_id": "r1",
        "sidecar.verdict": "allow",
        "sidecar.handle": "h" * 30,
        "user.id": "u1",
    }
    assert whole.resource.attributes["service.name"] == "app"


def test_given_a_trace_that_begins_here_when_it_is_over_then_its_request_has_no_parent(
    collected: Collected,
):
    (whole,) = collected.report(
        finished(collected.spans.begin(None), decided=0.0, forwarded=False, status=503)
    )

    assert whole.parent is None
    assert whole.status.status_code is StatusCode.ERROR


def test_given_requests_outside_of_traces_when_they_are_over_then_there_are_no_spans(
    collected: Collected,
):
    untouched = PARENT
    not_sampled = collected.spans.begin(Trace(PARENT.trace_id, PARENT.parent_id, sampled=False))

    assert not collected.report(finished(None), finished(untouched), finished(not_sampled))


def test_s55_given_a_token_in_a_path_when_a_span_is_made_then_it_is_hidden(collected: Collected):
    token = f"1.abc123.{'h' * 30}.{'s' * 43}.{'m' * 22}"

    whole, *_ = collected.report(finished(collected.spans.begin(None), path=f"/x/{token}"))

    assert "sss" not in str(whole.attributes)
    assert "192.0.2.1" not in str(whole.attributes)


async def test_given_a_collector_when_requests_are_over_then_it_gets_their_spans_by_otlp():
    received: list[ExportTraceServiceRequest] = []

    async def take(request: web.Request) -> web.Response:
        received.append(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    async with TestServer(app) as server:
        spans = spans_to(str(server.make_url("/v1/traces")), "app", 1.0)
        spans.report([finished(spans.begin(PARENT))], NOW - 9.0)
        await asyncio.to_thread(spans.close)

    (batch,) = received
    (scoped,) = batch.resource_spans[0].scope_spans
    assert [span.name for span in scoped.spans] == ["GET", "gate", "GET"]
    assert {span.trace_id.hex() for span in scoped.spans} == {PARENT.trace_id}


def test_given_no_collector_answers_when_a_worker_ends_then_it_ends_all_the_same():
    spans = spans_to("http://127.0.0.1:9/v1/traces", "app", 1.0)
    spans.report([finished(spans.begin(PARENT))], NOW - 9.0)

    spans.close()

    assert spans.begin(None).sampled
