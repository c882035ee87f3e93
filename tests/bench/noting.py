"""Which part of a request goes into its metrics and its access line? With and without, measured."""

import os
import signal
import sys
import time
from dataclasses import dataclass, field
from statistics import median

from tests.bench.load import Load, Target
from tests.bench.machine import CannotMeasure, cpu_seconds
from tests.bench.plan import PAGES, WARM_UP
from tests.bench.sidecar_subject import running_sidecar
from tests.bench.subjects import Stage

PAIRS = 4
"""Pairs of runs for each round of the other parts: what is measured is small."""
_SETTLE = 0.2
_COMMAND = (sys.executable, "-m", "tests.bench.switched")


@dataclass(slots=True)
class Noting:
    """CPU time of the worker for each request in microseconds: while it notes its requests, and
    while it does not, run by run."""

    noted: list[float] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Return the median, over the pairs, of what noting takes of a request that is noted."""
        pairs = zip(self.noted, self.silent, strict=True)
        return median(1 - silent / noted for noted, silent in pairs)


def measure_noting(stage: Stage, load: Load, rounds: int, seconds: float) -> Noting:
    """Ask for the smallest page in pairs of runs, with and without, each pair in the other order.

    Raises CannotMeasure, also when a request was refused.
    """
    page = PAGES[0]
    folder = stage.folder / "sidecar"
    folder.mkdir()
    address, redis_url = stage.upstreams.url(page.upstream), stage.upstreams.redis()
    noting = Noting()
    with running_sidecar(address, redis_url, stage.cores.proxy, folder, _COMMAND) as sidecar:
        target = Target(sidecar.url + page.path, {"Cookie": sidecar.sign_in()})
        worker = sidecar.worker
        load.run(target, page.connections, WARM_UP)
        for number in range(PAIRS * rounds):
            for on in (True, False) if number % 2 else (False, True):
                os.kill(worker, signal.SIGUSR2 if on else signal.SIGUSR1)
                time.sleep(_SETTLE)
                before = cpu_seconds(worker)
                answers = load.run(target, page.connections, seconds)
                taken = cpu_seconds(worker) - before
                if answers.refused:
                    raise CannotMeasure(f"{answers.refused} of {answers.requests} were refused")
                runs = noting.noted if on else noting.silent
                runs.append(taken / answers.requests * 1e6)
    return noting
