import math
import os

import pytest

from sidecar.core.reasons import Ended
from sidecar.observe.cells import Cells
from sidecar.observe.families import CELL_COUNT
from sidecar.observe.metrics import Metrics, new_slot, reset_gauges


def test_given_a_counter_when_something_is_counted_then_only_its_label_grows() -> None:
    metrics = Metrics.alone()

    metrics.requests.add("allow")
    metrics.requests.add("allow", 2)

    assert metrics.requests.value("allow") == 3
    assert metrics.requests.value("deny") == 0


def test_given_an_unknown_way_to_sign_in_when_it_is_counted_then_it_counts_as_other() -> None:
    metrics = Metrics.alone()

    metrics.opened("carrier-pigeon")

    assert metrics.sessions_opened.value("other") == 1


def test_given_an_unknown_verdict_when_it_is_counted_then_it_is_refused() -> None:
    metrics = Metrics.alone()

    with pytest.raises(LookupError):
        metrics.requests.add("perhaps")


def test_given_a_reason_of_an_end_when_many_end_at_once_then_all_are_counted() -> None:
    metrics = Metrics.alone()

    metrics.ended(Ended.REVOKED, 7)

    assert metrics.sessions_ended.value("revoked") == 7


def test_given_a_histogram_when_something_is_observed_then_it_is_counted_once() -> None:
    metrics = Metrics.alone()

    for seconds in (0.0, 0.0005, 0.3, 1000.0):
        metrics.request_seconds.observe(seconds)

    assert metrics.request_seconds.count() == 4


def test_given_a_family_without_room_when_an_example_is_given_then_it_is_refused() -> None:
    metrics = Metrics.alone()

    with pytest.raises(LookupError):
        metrics.store_seconds.exemplify(0.001, "0af7" * 8, 1.0)


def test_given_examples_when_they_are_kept_then_no_number_changes() -> None:
    metrics = Metrics.alone()
    metrics.request_seconds.observe(0.3)

    for seconds in (0.0, 0.3, 1000.0):
        metrics.request_seconds.exemplify(seconds, "f" * 32, 1.0)

    assert metrics.request_seconds.count() == 1
    assert metrics.gate_seconds.count() == 0


@pytest.mark.parametrize("bound", [0.0005, 0.25, 30.0])
def test_given_many_observed_at_once_when_read_then_the_cells_are_those_of_one_by_one(
    bound: float,
) -> None:
    every = [bound, 0.0, math.nextafter(bound, 99.0), 0.3, 1000.0, bound, 0.004, 7.0]
    one_by_one, at_once = new_slot(), new_slot()
    for seconds in (0.1, *every):
        Metrics(one_by_one).request_seconds.observe(seconds)

    Metrics(at_once).request_seconds.observe_all([0.1])
    Metrics(at_once).request_seconds.observe_all(every)
    Metrics(at_once).request_seconds.observe_all([])

    assert [round(cell, 9) for cell in at_once.view if cell == cell] == [
        round(cell, 9) for cell in one_by_one.view if cell == cell
    ]


def test_given_a_slot_of_a_dead_worker_when_it_is_taken_over_then_its_counters_go_on() -> None:
    slot = new_slot()
    dead = Metrics(slot)
    dead.requests.add("allow", 5)
    dead.live_connections.add(3, "websocket")
    dead.store_up.set(1)

    successor = Metrics(Cells(os.dup(slot.fd), CELL_COUNT))
    successor.requests.add("allow")

    assert successor.requests.value("allow") == 6
    assert successor.live_connections.value("websocket") == 0
    assert math.isnan(successor.store_up.value())


def test_given_a_dead_worker_when_its_gauges_are_reset_then_its_counters_stay() -> None:
    slot = new_slot()
    metrics = Metrics(slot)
    metrics.dead_tokens.add()
    metrics.live_connections.add(1, "live")

    reset_gauges(slot)

    assert metrics.dead_tokens.value() == 1
    assert metrics.live_connections.value("live") == 0
