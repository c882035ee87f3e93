"""One clock for all replicas."""

import time

import pytest

from sidecar.store import clock as clock_module
from sidecar.store.clock import StoreClock
from tests.store.rig import Rig
from tests.wires import until


async def test_given_a_machine_whose_clock_jumped_when_it_is_asked_then_it_is_that_of_redis(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 3600)
    clock = StoreClock(rig.database)
    assert clock.now().timestamp() - real > 3000

    await clock.measure()

    assert abs(clock.now().timestamp() - await rig.database.time()) < 1


async def test_given_an_outage_when_it_is_asked_then_the_last_measurement_holds() -> None:
    silent = Rig("unix:///nowhere")

    await silent.clock.start()

    assert abs(silent.clock.now().timestamp() - time.time()) < 1
    await silent.clock.stop()


async def test_given_a_clock_when_it_is_asked_twice_then_it_never_goes_back(rig: Rig) -> None:
    instants = [rig.clock.now() for _ in range(100)]

    assert instants == sorted(instants)
    assert instants[0].tzinfo is not None


async def test_given_a_started_clock_when_it_has_gone_wrong_then_it_is_measured_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "_INTERVAL", 0.01)
    clock = StoreClock(rig.database)
    await clock.start()
    monkeypatch.setattr(clock, "_offset", clock._offset + 3600)

    await until(lambda: abs(clock.now().timestamp() - time.time()) < 1)
    await clock.stop()
