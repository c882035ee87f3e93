"""`python -m tests.bench`: the measured comparison of the sidecar with nginx and a plain proxy."""

import argparse
import asyncio
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from redis import RedisError

from tests.bench.children import end_by_signals_as_by_ctrl_c
from tests.bench.cutting_off import SOCKETS as CUT_OFF
from tests.bench.cutting_off import measure_cutting_off
from tests.bench.garbage import measure_garbage
from tests.bench.lists import FULL, measure_lists
from tests.bench.load import Load
from tests.bench.machine import (
    CannotMeasure,
    allow_many_connections,
    choose_cores,
    description,
    find_programs,
)
from tests.bench.memory import SOCKETS, measure_memory
from tests.bench.noting import measure_noting
from tests.bench.plan import PAGES, Page, measure_page
from tests.bench.report import SESSIONS, Results, table, write_json
from tests.bench.session_memory import measure as session_memory
from tests.bench.subjects import Stage
from tests.bench.upstreams import Upstreams

PARTS = (*(page.key for page in PAGES), "noting", "garbage", "memory", "cut", "session", "lists")


def main() -> int:
    """Measure what was asked for. Exit 0 whatever the figures, 1 when one is missing."""
    options = _options()
    end_by_signals_as_by_ctrl_c()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    began = time.monotonic()
    progress = Progress()
    try:
        results = _measure(options, folder, progress)
    except CannotMeasure as error:
        progress.clear()
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        progress.clear()
        print("bench: interrupted, nothing was written", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    progress.clear()
    about = _about(options, time.monotonic() - began)
    write_json(options.json, results, about)
    print(table(results))
    print(f"\nEvery run is in {options.json} ({about['seconds_taken']} s, {about['processor']})")
    for failure in results.failures:
        print(f"bench: not measured: {failure}", file=sys.stderr)
    return 1 if results.failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure the sidecar beside nginx and a plain proxy, one core each.",
        epilog="What the figures mean: tests/bench/README.md",
    )
    parser.add_argument(
        "--only",
        metavar="PART[,PART]",
        type=_parts,
        default=PARTS,
        help=f"measure these only: {', '.join(PARTS)}",
    )
    parser.add_argument(
        "--rounds", type=_positive, default=5, help="runs of each subject (%(default)s)"
    )
    parser.add_argument(
        "--seconds", type=_positive, default=3, help="length of a run (%(default)s)"
    )
    parser.add_argument(
        "--sessions",
        type=_positive,
        default=100_000,
        help=f"of the lists (%(default)s; the figures to reach are for {FULL})",
    )
    parser.add_argument(
        "--quick", action="store_true", help="1 round of 1 s: does everything work?"
    )
    parser.add_argument(
        "--json", metavar="FILE", type=Path, default=Path("var/bench.json"), help="%(default)s"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds = options.seconds = 1
        options.sessions = 2_000
    return options


def _parts(text: str) -> tuple[str, ...]:
    wanted = tuple(text.split(","))
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"unknown: {', '.join(unknown)}; one of {', '.join(PARTS)}"
        )
    return wanted


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def _measure(options: argparse.Namespace, folder: Path, progress: "Progress") -> Results:
    """Measure part by part; a part that fails is noted and the others go on."""
    cores, programs = choose_cores(), find_programs()
    allow_many_connections()
    os.sched_setaffinity(0, {cores.load})
    upstreams = Upstreams(cores, programs, folder)
    load = Load(cores.load, programs, folder)
    results = Results()

    def part(name: str, measure: Callable[[Stage], None]) -> None:
        if name not in options.only:
            return
        stage = Stage(cores, programs, upstreams, folder / name)
        stage.folder.mkdir()
        try:
            measure(stage)
        except CannotMeasure as error:
            results.failures.append(f"{name}: {error}")

    def page_of(stage: Stage, page: Page) -> None:
        outcome = measure_page(page, stage, load, options.rounds, options.seconds, progress)
        results.outcomes.append(outcome)
        results.failures += [f"{page.key}, {key}: {why}" for key, why in outcome.failures.items()]

    def noting(stage: Stage) -> None:
        progress("metrics and access line")
        results.noting = measure_noting(stage, load, options.rounds, options.seconds)

    def garbage(stage: Stage) -> None:
        progress("garbage cookies")
        results.garbage = measure_garbage(stage, load, options.seconds)

    def memory(stage: Stage) -> None:
        progress("memory of a worker")
        results.memory = measure_memory(stage, 100 if options.quick else SOCKETS)

    def cut(stage: Stage) -> None:
        progress("signing out everybody")
        results.cut = measure_cutting_off(stage, 100 if options.quick else CUT_OFF)

    def session(stage: Stage) -> None:
        progress("Redis memory of a session")
        own = Upstreams(cores, programs, stage.folder)
        results.sessions = 1_000 if options.quick else SESSIONS
        try:
            with redirect_stdout(io.StringIO()):
                results.session_bytes = asyncio.run(session_memory(own.redis(), results.sessions))
        except (RedisError, SystemExit) as error:
            raise CannotMeasure(f"the sessions could not be opened: {error}") from None
        finally:
            own.stop()

    def lists(stage: Stage) -> None:
        own = Upstreams(cores, programs, stage.folder)
        stage = replace(stage, upstreams=own)
        try:
            results.lists = measure_lists(stage, load, options.sessions, options.seconds, progress)
        except RedisError as error:
            raise CannotMeasure(f"the sessions could not be written: {error}") from None
        finally:
            own.stop()

    try:
        for page in PAGES:
            part(page.key, partial(page_of, page=page))
        part("noting", noting)
        part("garbage", garbage)
        part("memory", memory)
        part("cut", cut)
        part("session", session)
        part("lists", lists)
    finally:
        upstreams.stop()
    return results


def _about(options: argparse.Namespace, taken: float) -> dict[str, object]:
    nginx = subprocess.run(
        [find_programs().nginx, "-v"], capture_output=True, text=True, check=False
    )
    return {
        **description(),
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "python": sys.version.split()[0],
        "nginx": nginx.stderr.strip().rpartition("/")[2],
        **{name: version(name) for name in ("aiohttp", "uvloop", "redis", "hiredis")},
        "rounds": options.rounds,
        "seconds": options.seconds,
        "seconds_taken": round(taken),
    }


class Progress:
    """One line on the terminal that says what runs now; silent elsewhere."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __call__(self, what: str) -> None:
        if self._shown:
            print(f"\r\x1b[K{what} …", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave no trace of it before something else is printed."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
