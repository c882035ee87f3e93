"""The numbers of all processes as one set of metrics, put together when somebody scrapes."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from platform import python_version
from typing import TypeAlias

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString

from sidecar import __version__
from sidecar.observe.cells import Cells, View
from sidecar.observe.families import EXEMPLAR_WIDTH, FAMILIES, OFFSETS, STORE_UP, Family

Bucket: TypeAlias = tuple[str, float] | tuple[str, float, Exemplar]


class SlotCollector(Collector):
    """Reads the slots it was given. The sequence may grow or shrink between two scrapes."""

    def __init__(self, slots: Sequence[Cells]) -> None:
        self._slots = slots

    def collect(self) -> Iterator[Metric]:
        views = [slot.view for slot in self._slots]
        for family in FAMILIES:
            if family.kind == "histogram":
                yield _histogram(family, self._slots)
            else:
                yield _plain(family, views)
        yield _build_info()

    def describe(self) -> Iterable[Metric]:
        return self.collect()


def exposition(slots: Sequence[Cells], accept: str) -> tuple[bytes, str]:
    """Return the scrape's body and its content type: OpenMetrics where `accept` asks for it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SlotCollector(slots))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def store_is_up(slots: Sequence[Cells]) -> bool:
    """Say whether some process reached the store and none lost it."""
    return _merged(STORE_UP, 0, [slot.view for slot in slots]) == 1.0


def _plain(family: Family, views: list[View]) -> Metric:
    labels = [family.label] if family.label else []
    metric: CounterMetricFamily | GaugeMetricFamily
    if family.kind == "counter":
        metric = CounterMetricFamily(family.name, family.help, labels=labels)
    else:
        metric = GaugeMetricFamily(family.name, family.help, labels=labels)
    for at, label in enumerate(family.values):
        metric.add_metric([label] if labels else [], _merged(family, at, views))
    return metric


def _merged(family: Family, at: int, views: list[View]) -> float:
    """Return the one number of all slots for the label value at this place; 0 if nobody set it."""
    step = family.width // len(family.values)
    index = OFFSETS[family.name] + at * step
    values = [view[index] for view in views if not math.isnan(view[index])]
    if not values:
        return 0.0
    if family.merge == "min":
        return float(min(values))
    if family.merge == "latest":
        stamped = [(view[index + 1], view[index]) for view in views]
        return float(max(pair for pair in stamped if not math.isnan(pair[1]))[1])
    return float(sum(values))


def _histogram(family: Family, slots: Sequence[Cells]) -> Metric:
    first = OFFSETS[family.name]
    bounds = [*family.buckets, math.inf]
    views = [slot.view for slot in slots]
    counts = accumulate(sum(view[first + at] for view in views) for at in range(len(bounds)))
    buckets: list[Bucket] = []
    for at, (bound, count) in enumerate(zip(map(floatToGoString, bounds), counts, strict=True)):
        example = _exemplar(family, at, slots)
        buckets.append((bound, count) if example is None else (bound, count, example))
    metric = HistogramMetricFamily(family.name, family.help)
    metric.add_metric([], buckets, sum(view[first + len(bounds)] for view in views))
    return metric


def _exemplar(family: Family, at: int, slots: Sequence[Cells]) -> Exemplar | None:
    """Return the newest example of all slots for the bucket at this place."""
    if not family.exemplars:
        return None
    index = OFFSETS[family.name] + len(family.buckets) + 2 + EXEMPLAR_WIDTH * at
    newest = (0.0, 0.0, "")
    for slot in slots:
        view, words = slot.view, slot.words
        found = (view[index], view[index + 1], f"{words[index + 2]:016x}{words[index + 3]:016x}")
        if found[0] == view[index]:  # else it was written over meanwhile
            newest = max(newest, found)
    instant, seconds, trace_id = newest
    return Exemplar({"trace_id": trace_id}, seconds, instant) if instant else None


def _build_info() -> Metric:
    metric = GaugeMetricFamily(
        "sidecar_build_info", "Which build this is.", labels=["version", "python"]
    )
    metric.add_metric([__version__, python_version()], 1.0)
    return metric
