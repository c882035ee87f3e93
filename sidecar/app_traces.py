"""Whether this worker takes part in traces: the one place that loads what that needs."""

from typing import TYPE_CHECKING

from sidecar.settings import OtelSettings

if TYPE_CHECKING:
    from sidecar.observe.spans import Spans


def spans_of(settings: OtelSettings) -> "Spans | None":
    """Return what makes the spans; None where no collector is set, and then nothing is loaded."""
    if settings.endpoint is None:
        return None
    from sidecar.observe.spans import spans_to

    return spans_to(settings.endpoint, settings.service_name, settings.sample_ratio)
