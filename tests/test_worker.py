"""One worker process, with the test in the place of its supervisor."""

import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress
from sidecar.front.listen import Listener
from sidecar.observe.metrics import Metrics, new_slot
from sidecar.orders import READY, Orders, send_orders, send_outcome
from sidecar.policy_source import PolicySource
from sidecar.settings_load import load_settings
from tests.running import ROOT, wait_until

PATIENCE = 30


class Trial:
    """A worker that runs the stand-in, and what its supervisor would hold."""

    def __init__(self, folder: Path) -> None:
        self.policy_file = folder / "policy.toml"
        self.policy_file.write_text("[session]\nmax_per_user = 3\n")
        self.policy = PolicySource(self.policy_file)
        self.cells, self.lock = new_slot(), new_slot()
        self.listener = Listener(TcpAddress("127.0.0.1", 0))
        self.channel, theirs = socket.socketpair()
        self.ready_fd, say_ready_fd = os.pipe()
        sockets = self.listener.sockets()
        orders = Orders(
            settings=load_settings(
                None, {}, {"policy": str(self.policy_file), "state_dir": str(folder)}
            ),
            policy=self.policy.current,
            slot=1,
            socket_fds=tuple(bound.fileno() for bound in sockets),
            cells_fd=self.cells.fd,
            lock_fd=self.lock.fd,
            serve="tests.standin:serve",
        )
        send_orders(self.channel, orders)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sidecar.worker", str(theirs.fileno()), str(say_ready_fd)],
            pass_fds=(theirs.fileno(), say_ready_fd, *orders.inherited),
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        theirs.close()
        os.close(say_ready_fd)
        for bound in sockets:
            bound.close()

    def says_ready(self) -> bool:
        """Wait until the worker says something; leave it unread."""
        said = select.poll()  # unlike select(), for descriptors above 1023 too
        said.register(self.ready_fd, select.POLLIN)
        return bool(said.poll(PATIENCE * 1000))

    def reload(self, *, report: bool = False) -> None:
        """Read the policy again as a supervisor does, and tell the worker how that went."""
        send_outcome(self.channel, self.policy.reload(), report=report)

    def cap(self) -> str:
        """Return the cap of the policy that the worker goes by."""
        with urllib.request.urlopen(f"http://{self.listener.address}/", timeout=10) as answer:
            return str(answer.read().decode().split()[1])

    def ended(self) -> tuple[int, str]:
        """Wait for the end; return exit code and what was logged."""
        _, log = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, log

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        self.channel.close()
        os.close(self.ready_fd)
        self.listener.close()


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    trial = Trial(tmp_path)
    yield trial
    trial.close()


def test_given_orders_when_a_worker_begins_then_it_is_ready_once_it_accepts_connections(
    trial: Trial,
) -> None:
    assert trial.says_ready()
    assert os.read(trial.ready_fd, 64) == READY
    assert trial.cap() == "3"


def test_given_a_worker_when_sigterm_comes_then_it_drains_and_ends_with_0(trial: Trial) -> None:
    assert trial.says_ready()

    trial.process.send_signal(signal.SIGTERM)

    assert trial.ended() == (0, "")


def test_given_ctrl_c_when_it_reaches_a_worker_then_it_goes_on(trial: Trial) -> None:
    assert trial.says_ready()

    trial.process.send_signal(signal.SIGINT)

    assert trial.cap() == "3"


@pytest.mark.parametrize(
    "tell",
    [
        lambda trial: trial.reload(),
        lambda trial: trial.reload(report=True),
        lambda trial: trial.process.send_signal(signal.SIGHUP),
    ],
    ids=["by_the_channel", "with_a_report", "by_sighup"],
)
def test_given_a_new_policy_when_the_worker_is_told_then_it_goes_by_it(
    trial: Trial, tell: Callable[[Trial], object]
) -> None:
    assert trial.says_ready()
    trial.policy_file.write_text("[session]\nmax_per_user = 5\n")

    tell(trial)

    wait_until(lambda: trial.cap() == "5")


def test_given_a_bad_policy_when_the_worker_is_told_then_it_keeps_the_old_one(
    trial: Trial,
) -> None:
    assert trial.says_ready()
    trial.policy_file.write_text("nonsense = 1\n")

    trial.reload()
    assert trial.cap() == "3"
    trial.process.send_signal(signal.SIGTERM)

    code, log = trial.ended()
    assert code == 0
    assert "policy_refused" not in log


def test_given_a_bad_policy_when_one_worker_is_told_by_sighup_then_it_says_what_is_wrong(
    trial: Trial,
) -> None:
    assert trial.says_ready()
    trial.policy_file.write_text("nonsense = 1\n")

    trial.process.send_signal(signal.SIGHUP)
    assert trial.cap() == "3"
    trial.process.send_signal(signal.SIGTERM)

    code, log = trial.ended()
    assert code == 0
    assert '"event":"policy_refused"' in log
    assert '"process":"worker 1"' in log


@pytest.mark.parametrize(
    ("tell", "reports"),
    [
        (lambda trial: trial.reload(), 0),
        (lambda trial: trial.reload(report=True), 1),
        (lambda trial: trial.process.send_signal(signal.SIGHUP), 1),
    ],
    ids=["one_of_all", "the_one_that_reports", "the_only_one_that_was_asked"],
)
def test_given_a_reload_when_it_is_to_be_audited_then_the_worker_that_was_told_reports_it(
    trial: Trial, tell: Callable[[Trial], object], reports: int
) -> None:
    assert trial.says_ready()
    trial.policy_file.write_text("[session]\nmax_per_user = 5\n")

    tell(trial)
    wait_until(lambda: trial.cap() == "5")
    trial.process.send_signal(signal.SIGTERM)

    _, log = trial.ended()
    assert log.count('"event":"reload_reported"') == reports


def test_given_a_bad_policy_when_the_worker_reports_it_then_its_faults_are_not_said_twice(
    trial: Trial,
) -> None:
    assert trial.says_ready()
    trial.policy_file.write_text("nonsense = 1\n")

    trial.reload(report=True)
    assert trial.cap() == "3"
    trial.process.send_signal(signal.SIGTERM)

    _, log = trial.ended()
    assert '"faults":1' in log
    assert "policy_refused" not in log


def test_given_several_reloads_at_once_when_the_worker_hears_them_then_the_last_one_holds(
    trial: Trial,
) -> None:
    assert trial.says_ready()

    for most in (4, 5, 6):
        trial.policy_file.write_text(f"[session]\nmax_per_user = {most}\n")
        trial.reload(report=True)

    wait_until(lambda: trial.cap() == "6")
    trial.process.send_signal(signal.SIGTERM)
    _, log = trial.ended()
    assert log.count('"event":"reload_reported"') == 3


def test_given_a_supervisor_that_died_before_it_heard_ready_then_its_worker_drains(
    trial: Trial,
) -> None:
    assert trial.says_ready()

    trial.channel.close()

    code, log = trial.ended()
    assert code == 0
    assert '"event":"supervisor_lost"' in log


def test_given_no_orders_when_the_supervisor_is_gone_then_the_worker_ends_in_silence() -> None:
    ours, theirs = socket.socketpair()
    ours.close()

    ended = subprocess.run(
        [sys.executable, "-m", "sidecar.worker", str(theirs.fileno()), "1"],
        pass_fds=(theirs.fileno(),),
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    theirs.close()

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_given_a_slot_of_a_dead_worker_when_the_next_begins_then_its_counters_go_on(
    trial: Trial,
) -> None:
    counted = Metrics(trial.cells)
    assert trial.says_ready()
    trial.cap()
    trial.cap()

    assert counted.requests.value("allow") == 2
