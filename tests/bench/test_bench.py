"""The comparison starts, its configurations are accepted by nginx, its arithmetic is right.

Nothing here is timed.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.bench.garbage import extra
from tests.bench.lists import FULL, Beside, Listed
from tests.bench.machine import CannotMeasure, cpu_seconds, find_programs, which
from tests.bench.nginx import SMALL, pages_config, proxy_config, small_page
from tests.bench.noting import Noting
from tests.bench.plan import PAGES, Outcome, Run
from tests.bench.report import SESSIONS, Results, goals, table
from tests.bench.subjects import NGINX, SIDECAR


def a_run(per_second: float) -> Run:
    return Run(per_second, 1.0, 2.0, 1.0, 0.5, 0.0, 30.0)


def test_given_help_when_asked_for_then_the_parts_are_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--help"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert "garbage" in done.stdout


def test_given_an_unknown_part_when_it_is_asked_for_then_it_is_a_usage_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--only", "speed"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "unknown: speed" in done.stderr


@pytest.mark.parametrize("large_buffers", [False, True])
def test_given_the_templates_when_nginx_tests_them_then_they_are_accepted(
    tmp_path: Path, large_buffers: bool
) -> None:
    upstream = "http://127.0.0.1:1"
    for number, text in enumerate(
        (pages_config(2, tmp_path), proxy_config(3, upstream, tmp_path, large_buffers))
    ):
        config = tmp_path / f"{number}.conf"
        config.write_text(text)

        done = subprocess.run(
            [which("nginx") or "nginx", "-t", "-q", "-c", str(config), "-e", "stderr"],
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr


def test_given_the_small_page_then_it_is_as_long_as_it_says() -> None:
    assert len(small_page().encode()) == SMALL


def test_given_no_programs_when_they_are_looked_for_then_the_command_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)

    with pytest.raises(CannotMeasure, match=r"apt-get install .*wrk"):
        find_programs()


def test_given_alternating_runs_when_compared_then_each_counts_against_its_neighbour() -> None:
    outcome = Outcome(PAGES[0])
    outcome.runs[NGINX] = [a_run(100.0), a_run(50.0), a_run(80.0)]
    outcome.runs[SIDECAR] = [a_run(40.0), a_run(20.0), a_run(40.0)]

    assert outcome.ratio(SIDECAR, NGINX) == pytest.approx(0.4)


def test_given_a_subject_that_failed_when_reported_then_its_goals_are_not_measured() -> None:
    outcome = Outcome(PAGES[0])
    outcome.runs[NGINX] = [a_run(100.0)]
    outcome.runs[SIDECAR] = [a_run(90.0)]
    outcome.failures[SIDECAR] = "it broke"
    outcome.leave_out_what_failed()

    results = Results(outcomes=[outcome])

    assert all(goal.reached is None for goal in goals(results))
    assert "× nginx" not in table(results)


def test_given_pairs_of_runs_when_reported_then_the_share_is_the_median_of_the_pairs() -> None:
    noting = Noting(noted=[40.0, 50.0, 100.0], silent=[38.0, 46.0, 60.0])
    costly = Noting(noted=[40.0], silent=[30.0])

    assert noting.share == pytest.approx(0.08)
    assert "8.0% of a request" in table(Results(noting=noting))
    assert "NOT reached" not in table(Results(noting=noting))
    assert "NOT reached" in table(Results(noting=costly))


def test_given_work_when_its_cpu_time_is_read_then_it_has_grown_by_no_more_than_was_there() -> None:
    before = cpu_seconds(os.getpid())

    sum(range(100_000))

    assert 0 < before < cpu_seconds(os.getpid()) <= time.process_time()


def test_given_too_few_sessions_when_reported_then_their_memory_is_not_measured() -> None:
    few = Results(session_bytes=2_500.0, sessions=1_000)
    enough = Results(session_bytes=2_500.0, sessions=SESSIONS)

    assert "not measured: 1,000 sessions are too few" in table(few)
    assert "NOT reached" not in table(few)
    assert "NOT reached" in table(enough)


def test_given_lists_when_reported_then_they_are_judged_only_among_as_many_sessions() -> None:
    pages = {"newest": [10.0, 12.0, 90.0], "a /8": [60.0, 70.0, 50.0]}
    rounds = [Beside(5.0, 5.2, 6.5, 10), Beside(5.0, 5.0, 5.5, 20), Beside(4.0, 4.0, 5.0, 30)]
    few = Results(lists=Listed(1_000, 1_200.0, pages, rounds))
    full = Results(lists=Listed(FULL, 1_200.0, pages, rounds))

    assert "1,000 sessions are too few" in table(few)
    reached = {goal.what: goal.reached for goal in goals(full)}
    assert reached["the slowest list"] is False
    assert reached["a session among so many"] is True
    assert "alone 5.0, beside a client of the upstream 5.0, admin 5.5" in table(full)
    assert "1.25 times that client (60 pages" in table(full)


def test_given_commands_that_also_run_idle_when_counted_then_only_the_others_are_extra() -> None:
    idle = Counter({"ping": 3})

    assert extra(idle, Counter({"ping": 4, "evalsha": 1})) == {}
    assert extra(idle, Counter({"ping": 4, "mget": 40})) == {"mget": 40}
    assert extra(idle, Counter({"ping": 900})) == {"ping": 897}
