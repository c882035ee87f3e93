from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from sidecar.observe.cells import Cells
from sidecar.observe.collector import exposition, store_is_up
from sidecar.observe.families import FAMILIES
from sidecar.observe.metrics import Metrics, new_slot


def a_process() -> tuple[Cells, Metrics]:
    slot = new_slot()
    return slot, Metrics(slot)


def samples(slots: list[Cells]) -> dict[str, float]:
    body, _ = exposition(slots, "")
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def test_given_nothing_has_happened_when_it_is_scraped_then_every_metric_has_help_and_type() -> (
    None
):
    slot, _ = a_process()

    text = exposition([slot], "")[0].decode()

    for family in FAMILIES:
        assert f"# HELP {family.name} {family.help}" in text
        assert f"# TYPE {family.name} {family.kind}" in text
    assert "# TYPE sidecar_build_info gauge" in text
    assert 'sidecar_requests_total{verdict="unavailable"} 0.0' in text


def test_given_two_workers_when_both_count_then_the_numbers_add_up() -> None:
    (one, first), (two, second) = a_process(), a_process()
    first.requests.add("allow", 3)
    second.requests.add("allow", 4)
    first.live_connections.add(1, "websocket")
    second.live_connections.add(2, "websocket")

    numbers = samples([one, two])

    assert numbers["sidecar_requests_total[allow]"] == 7
    assert numbers["sidecar_live_connections[websocket]"] == 3


def test_given_observations_when_they_are_scraped_then_buckets_are_cumulative() -> None:
    (one, first), (two, second) = a_process(), a_process()
    first.store_seconds.observe(0.001)
    second.store_seconds.observe(0.0011)
    second.store_seconds.observe(99.0)

    numbers = samples([one, two])

    assert numbers["sidecar_store_seconds_bucket[0.0005]"] == 0
    assert numbers["sidecar_store_seconds_bucket[0.001]"] == 1
    assert numbers["sidecar_store_seconds_bucket[0.0025]"] == 2
    assert numbers["sidecar_store_seconds_bucket[+Inf]"] == 3
    assert numbers["sidecar_store_seconds_count"] == 3
    assert numbers["sidecar_store_seconds_sum"] == 99.0021


def test_given_one_worker_without_store_when_it_is_scraped_then_the_lowest_counts() -> None:
    (one, first), (two, second) = a_process(), a_process()
    first.store_up.set(1)
    second.store_up.set(0)

    assert samples([one, two])["sidecar_store_up"] == 0
    assert not store_is_up([one, two])


def test_given_a_worker_that_has_not_asked_yet_when_it_is_scraped_then_it_does_not_count() -> None:
    (one, first), (two, _) = a_process(), a_process()
    first.store_up.set(1)

    assert samples([one, two])["sidecar_store_up"] == 1
    assert store_is_up([one, two])


def test_given_nobody_has_asked_the_store_when_it_is_scraped_then_it_is_not_up() -> None:
    slot, _ = a_process()

    assert samples([slot])["sidecar_store_up"] == 0
    assert not store_is_up([slot])


def test_given_a_fact_of_the_whole_store_when_two_measured_it_then_the_later_one_counts() -> None:
    (one, first), (two, second) = a_process(), a_process()
    second.sessions_active.set(10)
    first.sessions_active.set(8)
    first.alarms_active.set(1, "ip_spread")

    numbers = samples([one, two])

    assert numbers["sidecar_sessions_active"] == 8
    assert numbers["sidecar_alarms_active[ip_spread]"] == 1
    assert numbers["sidecar_alarms_active[store_degraded]"] == 0


ONE, TWO = "0af7651916cd43dd8448eb211c80319c", "f" * 32


def test_given_examples_of_two_workers_when_open_metrics_is_scraped_then_the_newest_is_named() -> (
    None
):
    (one, first), (two, second) = a_process(), a_process()
    for metrics in (first, second):
        metrics.request_seconds.observe_all([0.3, 99.0])
    first.request_seconds.exemplify(0.3, ONE, 1000.5)
    second.request_seconds.exemplify(0.4, TWO, 1001.5)
    second.request_seconds.exemplify(99.0, ONE, 3.0)

    found = exemplars([one, two])

    assert found == {
        ("sidecar_request_seconds_bucket", "0.5"): (TWO, 0.4, 1001.5),
        ("sidecar_request_seconds_bucket", "+Inf"): (ONE, 99.0, 3.0),
    }


def test_given_examples_when_plain_text_is_scraped_then_none_is_in_it() -> None:
    slot, metrics = a_process()
    metrics.gate_seconds.observe(0.001)
    metrics.gate_seconds.exemplify(0.001, ONE, 1000.5)

    assert ONE not in exposition([slot], "text/plain")[0].decode()
    assert len(exemplars([slot])) == 1


def exemplars(slots: list[Cells]) -> dict[tuple[str, str], tuple[str, float, float]]:
    """Return each exemplar by its sample's name and bucket, as a scraper reads them."""
    body, _ = exposition(slots, "application/openmetrics-text; version=1.0.0")
    return {
        (sample.name, sample.labels["le"]): (
            sample.exemplar.labels["trace_id"],
            sample.exemplar.value,
            float(sample.exemplar.timestamp or 0),
        )
        for family in open_metrics_families(body.decode())
        for sample in family.samples
        if sample.exemplar is not None
    }


def test_given_a_scraper_that_speaks_open_metrics_when_it_asks_then_it_gets_that() -> None:
    slot, metrics = a_process()
    metrics.requests.add("deny")

    body, content_type = exposition([slot], "application/openmetrics-text; version=1.0.0")

    assert content_type.startswith("application/openmetrics-text")
    text = body.decode()
    assert "# TYPE sidecar_requests counter" in text
    assert 'sidecar_requests_total{verdict="deny"} 1.0' in text
    assert text.endswith("# EOF\n")
