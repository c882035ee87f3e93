"""A trace goes through: from a caller who has one, over our spans, to the application; and the
collector, the access line and the metrics name the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.journeys.raw import RecordingUpstream, lay_out
from tests.journeys.running import Product, cookie

PASSWORD = "a long and unusual passphrase"
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """Takes OTLP over HTTP and keeps the spans."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    async def take(self, request: web.Request) -> web.Response:
        batch = ExportTraceServiceRequest.FromString(await request.read())
        for of_process in batch.resource_spans:
            for scoped in of_process.scope_spans:
                self.spans += scoped.spans
        return web.Response()

    async def of_trace(self, trace_id: str, count: int) -> dict[int, Span]:
        """Wait for the spans of one trace; return them by kind."""
        async with asyncio.timeout(20):
            while True:
                found = [span for span in self.spans if span.trace_id.hex() == trace_id]
                if len(found) >= count:
                    return {span.kind: span for span in found}
                await asyncio.sleep(0.05)


@pytest.fixture
async def collector() -> AsyncIterator[tuple[Collector, str]]:
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    async with TestServer(app) as server:
        yield collector, str(server.make_url("/")).rstrip("/")


async def test_given_a_collector_when_a_caller_with_a_trace_asks_then_all_tell_of_one_trace(
    collector: tuple[Collector, str],
) -> None:
    collected, endpoint = collector
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, tables=f'[otel]\nendpoint = "{endpoint}"\nservice_name = "wiki"')
    try:
        await asyncio.to_thread(product.start)
        await asyncio.to_thread(product.add_user, "alice", PASSWORD)
        token = await product.sign_in("alice", PASSWORD)
        fields = (
            ("traceparent", f"00-{TRACE}-{CALLER}-01"),
            ("tracestate", "vendor=1"),
            cookie(token),
        )
        assert (await product.ask(lay_out("/page", *fields))).status == 200
        spans = await collected.of_trace(TRACE, 3)
        lines = [line for line in product.log_lines() if line.get("traceId") == TRACE]
        scraped = await asyncio.to_thread(
            product.ops, "/metrics", "application/openmetrics-text; version=1.0.0"
        )
    finally:
        product.close()
        upstream.stop()

    whole, onward = spans[Span.SPAN_KIND_SERVER], spans[Span.SPAN_KIND_CLIENT]
    gate = spans[Span.SPAN_KIND_INTERNAL]
    assert whole.parent_span_id.hex() == CALLER
    assert onward.parent_span_id == gate.parent_span_id == whole.span_id
    (received,) = upstream.requests("/page")
    assert received.all("traceparent") == [f"00-{TRACE}-{onward.span_id.hex()}-01".encode()]
    assert received.all("tracestate") == [b"vendor=1"]
    assert [(line["path"], line["verdict"], line["status"]) for line in lines] == [
        ("/page", "allow", 200)
    ]
    assert f'# {{trace_id="{TRACE}"}}' in scraped[1]
    assert token.split(".")[3] not in str(collected.spans)
