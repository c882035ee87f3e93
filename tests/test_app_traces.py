import subprocess
import sys

from sidecar.app_traces import spans_of
from sidecar.settings import OtelSettings


def test_given_no_collector_when_a_worker_begins_then_there_are_no_spans_and_nothing_is_loaded():
    code = (
        "import sys; from sidecar.app_traces import spans_of;"
        "from sidecar.settings import OtelSettings;"
        "print(spans_of(OtelSettings()), 'opentelemetry' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["None", "False"]


def test_given_a_collector_when_a_worker_begins_then_requests_get_spans():
    spans = spans_of(OtelSettings(endpoint="http://127.0.0.1:9/v1/traces", sample_ratio=0.0))

    assert spans is not None
    trace = spans.begin(None)
    spans.close()
    assert (trace.sampled, len(trace.span_id)) == (False, 16)
