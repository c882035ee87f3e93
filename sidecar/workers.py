"""The worker processes: started, replaced when they die, told of a new policy, drained."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sidecar.front.listen import Listener
from sidecar.observe.cells import Cells
from sidecar.observe.metrics import Metrics, new_slot, reset_gauges
from sidecar.orders import ENTERED, READY, Orders, send_orders, send_outcome
from sidecar.policy_source import Outcome

log = logging.getLogger(__name__)

STEADY = 10.0
"""A worker that lived this many seconds did not die of starting."""
START_ATTEMPTS = 3
"""So many workers may die before any was ready; then the fault is not theirs."""
_LONGEST_PAUSE = 30.0

_LEAN = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(2 << 20),
    "MALLOC_TOP_PAD_": str(16 << 10),
    "FROZENLIST_NO_EXTENSIONS": "1",
}
"""What keeps a worker small, unless the environment says otherwise. Left to itself, glibc raises
the threshold with the first 19 MiB that a password hash gives back, and from then on keeps them.
The extension of frozenlist is the only one that loads libstdc++: 1 MB for lists that are read once
for each of our own pages."""

OrdersFor = Callable[[int, tuple[int, ...], int], Orders]
"""Makes the orders of a slot: its number, its sockets' and its cells' descriptors."""


@dataclass(slots=True)
class _Worker:
    process: asyncio.subprocess.Process
    channel: socket.socket
    ready_fd: int
    started: float
    ready: bool = False
    reporting: list[Outcome] = field(default_factory=list)
    """What it was asked to report, and has not said that it did."""


class Workers:
    """Keeps one process alive in each slot."""

    def __init__(
        self, count: int, listener: Listener, orders_for: OrdersFor, metrics: Metrics
    ) -> None:
        """metrics: the supervisor's own, which count how the workers fare."""
        self.slots: Sequence[Cells] = [new_slot() for _ in range(count)]
        self.failed = asyncio.Event()
        """Set when workers cannot be started at all."""
        self._listener = listener
        self._orders_for = orders_for
        self._metrics = metrics
        self._alive: dict[int, _Worker] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._draining = asyncio.Event()
        self._unreported: list[Outcome] = []
        self._early_deaths = 0
        self._ever_ready = False
        for slot in self.slots:
            reset_gauges(slot)

    @property
    def ready(self) -> int:
        """How many workers take requests."""
        return sum(worker.ready for worker in self._alive.values())

    @property
    def pids(self) -> dict[int, int]:
        """Return the process of each slot that has one."""
        return {number: worker.process.pid for number, worker in self._alive.items()}

    def start(self) -> None:
        self._keepers = [
            asyncio.create_task(self._keep(number)) for number in range(len(self.slots))
        ]

    def reload(self, outcome: Outcome) -> None:
        """Tell every worker how a reload of the policy went, and let one of them report it.

        Without a worker the next one that is ready reports it.
        """
        self._unreported.append(outcome)
        for worker in self._alive.values():
            self._tell(worker, outcome)

    def report(self, outcome: Outcome) -> None:
        """Have the first worker that is ready enter it in the audit log."""
        self._unreported.append(outcome)
        for worker in self._alive.values():
            if worker.ready and outcome in self._unreported:
                self._tell(worker, outcome)

    def _tell(self, worker: _Worker, outcome: Outcome) -> None:
        """Tell one worker; it is to report the outcome if none has been asked to."""
        report = outcome in self._unreported
        if _sent(worker, outcome, report=report) and report:
            self._unreported.remove(outcome)
            worker.reporting.append(outcome)

    async def drain(self, patience: float, now: asyncio.Event) -> None:
        """End all workers: those that are not done after `patience` seconds, or when `now` is set,
        are ended the hard way. No worker is replaced any more."""
        self._draining.set()
        self._signal(signal.SIGTERM)
        hurry = asyncio.create_task(now.wait())
        done = asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.wait((done, hurry), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        if self._alive:
            log.warning("workers_killed", extra={"count": len(self._alive)})
            self._signal(signal.SIGKILL)
        await done

    async def _keep(self, number: int) -> None:
        quick_deaths = 0
        while not self._draining.is_set():
            worker = await self._begin(number)
            code = await worker.process.wait()
            self._ended(number, worker)
            if self._draining.is_set():
                return
            self._metrics.worker_restarts.add()
            lived = asyncio.get_running_loop().time() - worker.started
            quick_deaths = 1 if lived >= STEADY else quick_deaths + 1
            pause = pause_before_replacing(quick_deaths)
            log.error("worker_died", extra={"slot": number, "code": code, "pause": pause})
            self._early_deaths += 0 if self._ever_ready else 1
            if self._early_deaths >= START_ATTEMPTS:
                self.failed.set()
                return
            await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._draining.wait(), seconds)

    async def _begin(self, number: int) -> _Worker:
        sockets = self._listener.sockets()
        ours, theirs = socket.socketpair()
        ready_fd, say_ready_fd = os.pipe()
        fds = tuple(bound.fileno() for bound in sockets)
        orders = self._orders_for(number, fds, self.slots[number].fd)
        send_orders(ours, orders)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-X",
                "no_debug_ranges",  # 0.4 MB less; tracebacks still name the lines
                "-m",
                "sidecar.worker_start",
                str(theirs.fileno()),
                str(say_ready_fd),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), say_ready_fd, *orders.inherited),
                env=_LEAN | os.environ,
                process_group=0,  # Ctrl-C is for the supervisor, which drains
            )
        finally:
            theirs.close()
            os.close(say_ready_fd)
            for bound in sockets:
                bound.close()
        loop = asyncio.get_running_loop()
        worker = _Worker(process, ours, ready_fd, loop.time())
        self._alive[number] = worker
        ours.setblocking(False)
        os.set_blocking(ready_fd, False)
        loop.add_reader(ready_fd, self._hear, number, worker)
        log.info("worker_started", extra={"slot": number, "pid": process.pid})
        if self._draining.is_set():
            process.terminate()
        return worker

    def _hear(self, number: int, worker: _Worker) -> None:
        said = _read(worker.ready_fd)
        if not said:
            asyncio.get_running_loop().remove_reader(worker.ready_fd)
        del worker.reporting[: said.count(ENTERED)]
        if READY in said:
            worker.ready = self._ever_ready = True
            self._metrics.workers_ready.set(self.ready)
            self._tell_unreported(worker)
            log.info("worker_ready", extra={"slot": number, "pid": worker.process.pid})

    def _ended(self, number: int, worker: _Worker) -> None:
        asyncio.get_running_loop().remove_reader(worker.ready_fd)
        del worker.reporting[: _read(worker.ready_fd).count(ENTERED)]
        os.close(worker.ready_fd)
        worker.channel.close()
        del self._alive[number]
        reset_gauges(self.slots[number])
        self._metrics.workers_ready.set(self.ready)
        # It may have entered the last of them and not have said so: rather twice than not at all.
        self._unreported[:0] = [replace(outcome, again=True) for outcome in worker.reporting]
        for other in self._alive.values():
            if other.ready and not self._draining.is_set():
                self._tell_unreported(other)

    def _tell_unreported(self, worker: _Worker) -> None:
        for outcome in list(self._unreported):
            self._tell(worker, outcome)

    def _signal(self, number: signal.Signals) -> None:
        for worker in self._alive.values():
            if worker.process.returncode is None:
                worker.process.send_signal(number)


def pause_before_replacing(quick_deaths: int) -> float:
    """Return how many seconds to wait: none for the first death, then longer each time."""
    if quick_deaths <= 1:
        return 0.0
    return min(0.25 * 2.0 ** min(quick_deaths - 1, 10), _LONGEST_PAUSE)


def _read(fd: int) -> bytes:
    """Return what a worker has said since; nothing when it is gone, or has not said more."""
    try:
        return os.read(fd, 1024)
    except BlockingIOError:
        return b""


def _sent(worker: _Worker, outcome: Outcome, *, report: bool) -> bool:
    """Say whether it could be told."""
    try:
        send_outcome(worker.channel, outcome, report=report)
    except OSError as error:  # it is dying; its replacement gets the new policy with its orders
        log.debug("worker_not_told", exc_info=error)
        return False
    return True
