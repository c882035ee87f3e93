"""Traces by OpenTelemetry: three spans of a request, sent to a collector by OTLP over HTTP.

    request ─┬─ gate       deciding about it, with its look at the store
             └─ upstream   from handing it on to the end of its answer; the upstream's parent

Only a worker that has a collector loads this: it needs the packages of `session-sidecar[otel]`.
While a request is under way it has no more than ids; its spans are made when it is over, together
with those of others, from what is noted of each anyway. Names of attributes: the semantic
conventions of OpenTelemetry for HTTP; ours begin with `sidecar.`.
"""

import os
import secrets
import socket
import threading
from collections.abc import Mapping, Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from sidecar import __version__
from sidecar.core.trace_context import Trace
from sidecar.observe.access import Finished, clean_path

_EXPORT_TIMEOUT = 5.0
_FAREWELL = 3.0
"""Seconds at the end of a worker in which the last spans may leave."""
_SCOPE = InstrumentationScope("sidecar", __version__)
_HALF = 1 << 64

Attributes = Mapping[str, str | int]


class Spans:
    """The spans of one worker."""

    def __init__(self, exporter: SpanExporter, service_name: str, sample_ratio: float) -> None:
        """sample_ratio: of the traces that begin with us; a caller's decision stands."""
        self._processor = BatchSpanProcessor(exporter)
        self._sampled_below = int(sample_ratio * _HALF)
        self._resource = Resource.create(
            {
                "service.name": service_name,
                "service.version": __version__,
                "service.instance.id": f"{socket.gethostname()}-{os.getpid()}",
            }
        )

    def begin(self, parent: Trace | None) -> Trace:
        """Return the trace of a request whose caller named `parent`, with spans of ours."""
        fresh = secrets.token_hex(32)
        span_id, onward_id = fresh[32:48], fresh[48:]
        if parent is not None:
            return Trace(parent.trace_id, parent.parent_id, parent.sampled, span_id, onward_id)
        sampled = int(fresh[16:32], 16) < self._sampled_below
        return Trace(fresh[:32], "", sampled, span_id, onward_id)

    def report(self, entries: Sequence[Finished], offset: float) -> None:
        """Hand over the spans of requests that are over. Never waits; what is too much is dropped.

        offset: what makes the instants those of Unix time.
        """
        for entry in entries:
            trace = entry[4]
            if trace is not None and trace.sampled and trace.span_id:
                for span in self._of_request(entry, trace, offset):
                    self._processor.on_end(span)

    def close(self) -> None:
        """Let the last spans leave, for a moment."""
        leaving = threading.Thread(target=self._processor.shutdown, daemon=True)
        leaving.start()
        leaving.join(_FAREWELL)

    def _of_request(self, entry: Finished, trace: Trace, offset: float) -> list[ReadableSpan]:
        ended, began, decided, forwarded, _, request_id, method, path, status, verdict = entry[:10]
        session, sent = entry[10], entry[12]
        name = method or "HTTP"
        whole, onward = _context(trace, trace.span_id), _context(trace, trace.onward_id)
        caller = _context(trace, trace.parent_id, remote=True) if trace.parent_id else None
        asked: dict[str, str | int] = {
            "http.request.method": name,
            "url.path": clean_path(path),
            "http.response.status_code": status,
        }
        about = asked | {
            "http.response.body.size": sent,
            "sidecar.request_id": request_id,
            "sidecar.verdict": verdict,
        }
        if session is not None:
            about |= {"sidecar.handle": session.handle, "user.id": session.user_id}
        spans = [
            self._span(name, whole, caller, SpanKind.SERVER, about, began + offset, ended + offset)
        ]
        if decided:
            own = _context(trace, secrets.token_hex(8))
            verdicts = {"sidecar.verdict": verdict}
            times = began + offset, decided + offset
            spans.append(self._span("gate", own, whole, SpanKind.INTERNAL, verdicts, *times))
        if forwarded:
            times = decided + offset, ended + offset
            spans.append(self._span(name, onward, whole, SpanKind.CLIENT, asked, *times))
        return spans

    def _span(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: Attributes,
        began: float,
        ended: float,
    ) -> ReadableSpan:
        failed = int(attributes.get("http.response.status_code", 0)) >= 500
        return ReadableSpan(
            name,
            context=context,
            parent=parent,
            resource=self._resource,
            attributes=attributes,
            kind=kind,
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=int(began * 1e9),
            end_time=int(ended * 1e9),
            instrumentation_scope=_SCOPE,
        )


def spans_to(endpoint: str, service_name: str, sample_ratio: float) -> Spans:
    """Return spans that go to the collector at this URL. Further options, such as headers for it,
    are those of the OTLP exporter in the environment."""
    exporter = OTLPSpanExporter(endpoint, timeout=_EXPORT_TIMEOUT)
    return Spans(exporter, service_name, sample_ratio)


def _context(trace: Trace, span_id: str, *, remote: bool = False) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(trace.trace_id, 16), int(span_id, 16), remote, flags)
