"""The keeper of the worker processes, inside the test's own loop; processes are real."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress
from sidecar.faults import Fault
from sidecar.front.listen import Listener
from sidecar.observe.metrics import Metrics
from sidecar.orders import Orders
from sidecar.policy_file import load_policy
from sidecar.policy_source import Outcome
from sidecar.settings_load import load_settings
from sidecar.workers import Workers, pause_before_replacing


class Trial:
    """Two workers that run a function of the stand-in."""

    def __init__(self, folder: Path, function: str) -> None:
        self.folder = folder
        self.metrics = Metrics.alone()
        self.now = asyncio.Event()
        self._function = function
        self._settings = load_settings(None, {}, {"state_dir": str(folder)})
        self._policy = load_policy(None)
        self.listener = Listener(TcpAddress("127.0.0.1", 0))
        self.workers = Workers(2, self.listener, self._orders, self.metrics)

    async def until_ready(self, count: int = 2) -> None:
        await until(lambda: self.workers.ready == count)

    def _orders(self, slot: int, socket_fds: tuple[int, ...], cells_fd: int) -> Orders:
        return Orders(
            settings=self._settings,
            policy=self._policy,
            slot=slot,
            socket_fds=socket_fds,
            cells_fd=cells_fd,
            lock_fd=self.workers.slots[0].fd,
            serve=f"tests.standin:{self._function}",
        )


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(3000):
        if happened():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never happened")


@pytest.fixture
def operators_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a variable that we would set otherwise; named before `trial`, which starts workers."""
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Trial]:
    trial = Trial(tmp_path, "serve")
    trial.workers.start()
    yield trial
    trial.now.set()
    await trial.workers.drain(0, trial.now)
    trial.listener.close()


@pytest.mark.parametrize(
    ("deaths", "seconds"), [(1, 0.0), (2, 0.5), (3, 1.0), (5, 4.0), (8, 30.0), (1000, 30.0)]
)
def test_f25_given_quick_deaths_when_a_worker_is_replaced_then_the_pause_grows_to_a_limit(
    deaths: int, seconds: float
) -> None:
    assert pause_before_replacing(deaths) == seconds


async def test_given_workers_when_they_accept_connections_then_all_are_ready(trial: Trial) -> None:
    await trial.until_ready()

    assert trial.metrics.workers_ready.value() == 2
    assert not trial.workers.failed.is_set()


async def test_f25_given_a_worker_that_dies_when_it_is_replaced_then_its_gauges_are_forgotten(
    trial: Trial,
) -> None:
    await trial.until_ready()
    in_slot = Metrics(trial.workers.slots[0])
    in_slot.live_connections.add(3, "websocket")
    in_slot.requests.add("allow", 5)

    os.kill(trial.workers.pids[0], signal.SIGKILL)
    await until(lambda: trial.metrics.worker_restarts.value() == 1)

    assert in_slot.live_connections.value("websocket") == 0
    assert in_slot.requests.value("allow") == 5
    await trial.until_ready()


@pytest.mark.parametrize("good", [True, False])
async def test_given_no_worker_when_the_policy_is_reloaded_then_the_next_one_reports_it(
    trial: Trial, good: bool
) -> None:
    slots = [Metrics(slot) for slot in trial.workers.slots]

    def reports() -> float:
        return sum(slot.requests.value("public") for slot in slots)

    fault = Fault("policy.toml", "", "is bad")
    outcome = (
        Outcome(datetime.now(UTC), load_policy(None))
        if good
        else Outcome(datetime.now(UTC), faults=(fault,))
    )
    trial.workers.reload(outcome)
    await trial.until_ready()
    await until(lambda: reports() > 0)
    await trial.workers.drain(30, trial.now)

    assert reports() == 1


async def test_given_the_one_that_is_to_report_is_killed_before_it_did_then_another_reports_it(
    trial: Trial,
) -> None:
    slots = [Metrics(slot) for slot in trial.workers.slots]
    silent = trial.folder / "silent"
    await trial.until_ready()
    silent.touch()
    trial.workers.reload(Outcome(datetime.now(UTC), load_policy(None), changes=("a: 1 → 2",)))
    (asked,) = [worker for worker in trial.workers._alive.values() if worker.reporting]
    await asyncio.sleep(0.2)
    silent.unlink()

    os.kill(asked.process.pid, signal.SIGKILL)

    await until(lambda: sum(slot.requests.value("public") for slot in slots) == 1)
    await until(lambda: not any(one.reporting for one in trial.workers._alive.values()))
    await trial.until_ready()
    assert not trial.workers._unreported


async def test_given_workers_when_they_are_drained_then_none_is_left_and_none_comes_back(
    trial: Trial,
) -> None:
    await trial.until_ready()

    await trial.workers.drain(30, trial.now)

    assert trial.workers.pids == {}
    assert trial.metrics.worker_restarts.value() == 0


async def test_given_workers_that_are_still_starting_when_they_are_drained_then_that_is_quick(
    trial: Trial,
) -> None:
    await asyncio.sleep(0)

    await trial.workers.drain(30, trial.now)

    assert trial.workers.pids == {}


async def test_given_workers_that_never_start_when_some_have_died_then_it_is_given_up(
    tmp_path: Path,
) -> None:
    trial = Trial(tmp_path, "refuse")
    trial.workers.start()

    await asyncio.wait_for(trial.workers.failed.wait(), 30)

    await trial.workers.drain(30, trial.now)
    trial.listener.close()
    assert trial.workers.pids == {}


async def test_given_workers_then_they_give_memory_back_unless_their_environment_says_otherwise(
    operators_choice: None, trial: Trial
) -> None:
    await trial.until_ready()

    environment = Path(f"/proc/{trial.workers.pids[0]}/environ").read_bytes().split(b"\0")

    assert b"MALLOC_MMAP_THRESHOLD_=1048576" in environment
    assert b"MALLOC_ARENA_MAX=7" in environment
