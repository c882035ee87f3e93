"""Where does the time of a request go? Profiles one worker of the sidecar while wrk asks."""

import argparse
import os
import pstats
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.children import end_by_signals_as_by_ctrl_c
from tests.bench.load import Load
from tests.bench.machine import CannotMeasure, choose_cores, find_programs
from tests.bench.plan import PAGES, Page
from tests.bench.profiled import OUTPUT
from tests.bench.sidecar_subject import running_sidecar
from tests.bench.subjects import SIDECAR, Subject
from tests.bench.upstreams import Upstreams

_PATIENCE = 20.0


def main() -> int:
    options = _options()
    end_by_signals_as_by_ctrl_c()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    page = next(page for page in PAGES if page.key == options.page)
    try:
        stats = _profile(page, options.seconds, folder)
    except CannotMeasure as error:
        print(f"profile: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("profile: interrupted", file=sys.stderr)
        return 130
    else:
        if options.short:
            stats.strip_dirs()
        stats.sort_stats(options.sort).print_stats(options.top)
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.profile_worker")
    parser.add_argument("--page", choices=[page.key for page in PAGES], default="small")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--top", type=int, default=25, help="how many functions (%(default)s)")
    parser.add_argument("--sort", choices=["tottime", "cumulative", "ncalls"], default="tottime")
    parser.add_argument("--short", action="store_true", help="file names without folders")
    return parser.parse_args()


def _profile(page: Page, seconds: int, folder: Path) -> pstats.Stats:
    cores, programs = choose_cores(), find_programs()
    os.sched_setaffinity(0, {cores.load})
    output = folder / "worker.profile"
    os.environ[OUTPUT] = str(output)
    upstreams = Upstreams(cores, programs, folder)
    load = Load(cores.load, programs, folder)
    home = folder / "sidecar"
    home.mkdir()
    command = [sys.executable, "-m", "tests.bench.profiled"]
    try:
        address, redis_url = upstreams.url(page.upstream), upstreams.redis()
        with running_sidecar(address, redis_url, cores.proxy, home, command) as sidecar:
            cookie = {"Cookie": sidecar.sign_in()}
            target = page.target(Subject(SIDECAR, sidecar.url, headers=cookie))
            load.run(target, page.connections, 1)
            os.kill(sidecar.worker, signal.SIGUSR1)
            answers = load.run(target, page.connections, seconds)
            os.kill(sidecar.worker, signal.SIGUSR2)
            _until_there(output)
        print(f"{answers.requests:,} requests, {answers.refused:,} refused, under the profiler\n")
        return pstats.Stats(str(output))
    finally:
        upstreams.stop()


def _until_there(output: Path) -> None:
    give_up = time.monotonic() + _PATIENCE
    while not output.exists():
        if time.monotonic() > give_up:
            raise CannotMeasure("the worker wrote no profile")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
