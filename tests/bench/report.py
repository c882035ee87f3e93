"""The figures for people (a table, the targets) and for programs (JSON)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from tests.bench.cutting_off import MOST_MS as MOST_CUT_MS
from tests.bench.cutting_off import SOCKETS, CutOff
from tests.bench.cutting_off import lines as cut_lines
from tests.bench.garbage import Garbage
from tests.bench.lists import FULL, MOST_BYTES, MOST_MS, Listed
from tests.bench.lists import lines as list_lines
from tests.bench.machine import MB
from tests.bench.memory import Taken
from tests.bench.noting import Noting
from tests.bench.plan import Outcome, Run
from tests.bench.subjects import NGINX, PLAIN, SIDECAR, TITLES

NOISY = 0.05
SESSIONS = 25_000
"""As many as fill Redis' hash tables to three quarters, as 100,000 do. With fewer, the tables
themselves are what is measured."""


@dataclass(slots=True)
class Results:
    """What was measured; what could not be is None or absent, and its reason is in `failures`.

    session_bytes: of each of `sessions`.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    noting: Noting | None = None
    garbage: Garbage | None = None
    memory: Taken | None = None
    cut: CutOff | None = None
    session_bytes: float | None = None
    sessions: int = 0
    lists: Listed | None = None
    failures: list[str] = field(default_factory=list)

    def outcome(self, key: str) -> Outcome | None:
        return next((one for one in self.outcomes if one.page.key == key), None)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of the specification. measured: None when it was not measured; why_not: then, if
    that was not asked for, the reason."""

    what: str
    target: float
    measured: float | None
    unit: str
    at_least: bool
    why_not: str = ""

    @property
    def reached(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.target if self.at_least else self.measured <= self.target


def goals(results: Results) -> list[Goal]:
    """Return the figures to reach, each with what was measured."""

    def ratio(what: str, page: str, other: str, target: float) -> Goal:
        outcome = results.outcome(page)
        measured = outcome.ratio(SIDECAR, other) if outcome else None
        title = "nginx" if other == NGINX else "(b)"
        return Goal(what, target, measured, f"× {title}", at_least=True)

    noting, garbage, memory = results.noting, results.garbage, results.memory
    return [
        ratio("100-byte page", "small", NGINX, 0.25),
        ratio("100-byte page, the aim", "small", NGINX, 0.40),
        ratio("100-byte page", "small", PLAIN, 3.0),
        ratio("64 KiB page", "medium", NGINX, 0.7),
        ratio("10 MiB download", "down", NGINX, 0.9),
        ratio("10 MiB upload", "up", NGINX, 0.8),
        Goal(
            "metrics and access line, of a request",
            0.10,
            noting.share if noting else None,
            "× all",
            at_least=False,
        ),
        Goal(
            "Redis commands for garbage cookies",
            0,
            sum(garbage.extra.values()) if garbage else None,
            "",
            at_least=False,
        ),
        Goal(
            "one worker at rest",
            70,
            memory.at_rest.rss / MB if memory else None,
            "MB",
            at_least=False,
        ),
        Goal(
            "1,000 idle WebSockets",
            40,
            memory.by_sockets / MB if memory else None,
            "MB",
            at_least=False,
        ),
        _of_a_cut(results.cut),
        _of_a_session(results),
        *_of_lists(results.lists),
    ]


def _of_a_cut(found: CutOff | None) -> Goal:
    what = f"{SOCKETS:,} WebSockets signed out, the last"
    last, why_not = found.last_ms if found else None, ""
    if found is not None and found.sockets < SOCKETS:
        last, why_not = None, f"{found.sockets:,} are too few"
    return Goal(what, MOST_CUT_MS, last, "ms", at_least=False, why_not=why_not)


def _of_a_session(results: Results) -> Goal:
    size, why_not = results.session_bytes, ""
    if size is not None and results.sessions < SESSIONS:
        size, why_not = None, f"{results.sessions:,} sessions are too few"
    return Goal(
        "Redis memory of a session", MOST_BYTES, size, "bytes", at_least=False, why_not=why_not
    )


def _of_lists(found: Listed | None) -> list[Goal]:
    slowest, size, why_not = None, None, ""
    if found is not None:
        slowest, size = found.slowest_ms, found.session_bytes
        if found.sessions < FULL:
            slowest, size, why_not = None, None, f"{found.sessions:,} sessions are too few"
    return [
        Goal("the slowest list", MOST_MS, slowest, "ms", at_least=False, why_not=why_not),
        Goal("a session among so many", MOST_BYTES, size, "bytes", at_least=False, why_not=why_not),
    ]


def table(results: Results) -> str:
    """Return everything that was measured, for a terminal."""
    lines: list[str] = []
    for outcome in results.outcomes:
        lines += [*_page_lines(outcome), ""]
    if results.noting:
        lines += [*_noting_lines(results.noting), ""]
    if results.garbage:
        lines += [*_garbage_lines(results.garbage), ""]
    if results.memory:
        lines += [*_memory_lines(results.memory), ""]
    if results.cut:
        lines += [*cut_lines(results.cut), ""]
    if results.lists:
        lines += [*list_lines(results.lists), ""]
    lines += _goal_lines(
        [goal for goal in goals(results) if goal.measured is not None or goal.why_not]
    )
    noise = _noise(results.outcomes)
    if noise > NOISY:
        lines.append("")
        lines.append(
            f"The machine was not quiet: in one run others took {noise:.0%} of the proxy's"
        )
        lines.append("core. Measure again when it is.")
    return "\n".join(lines)


def _page_lines(outcome: Outcome) -> list[str]:
    head = f"{outcome.page.title}, {outcome.page.connections} connections"
    columns = f"{'requests/s':>11}{'spread':>8}{'÷ nginx':>9}{'p50 ms':>8}{'p99 ms':>8}"
    lines = [f"{head:<46}{columns}{'proxy core':>12}{'load core':>11}{'CPU µs':>9}"]
    for key, runs in outcome.runs.items():
        ratio = outcome.ratio(key, NGINX)
        lines.append(
            f"  {TITLES[key]:<44}{outcome.per_second(key):>11,.0f}{_spread(runs):>8.0%}"
            f"{'–' if ratio is None else f'{ratio:.2f}':>9}"
            f"{median(run.p50_ms for run in runs):>8.1f}{median(run.p99_ms for run in runs):>8.1f}"
            f"{median(run.proxy_core for run in runs):>12.0%}"
            f"{median(run.load_core for run in runs):>11.0%}"
            f"{median(run.cpu_us for run in runs):>9,.0f}"
        )
    return lines


def _spread(runs: Sequence[Run]) -> float:
    """Return how far the fastest run lies above the slowest, as a share of the median."""
    rates = [run.per_second for run in runs]
    return (max(rates) - min(rates)) / median(rates)


def _noting_lines(noting: Noting) -> list[str]:
    noted, silent = median(noting.noted), median(noting.silent)
    return [
        f"Metrics and access line: {noting.share:.1%} of a request for the 100-byte page",
        f"  CPU µs of a request: {noted:.1f} with them, {silent:.1f} without",
    ]


def _garbage_lines(garbage: Garbage) -> list[str]:
    def words(counts: dict[str, int]) -> str:
        return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"

    rate = f"{garbage.per_second:,.0f} requests/s"
    return [
        f"Garbage cookies: {garbage.requests:,} requests, all refused, {rate}",
        f"  Redis commands meanwhile: {words(garbage.flood)}",
        f"  in an idle stretch of the same length: {words(garbage.idle)}",
    ]


def _memory_lines(memory: Taken) -> list[str]:
    head = f"{'Memory of one worker, MB':<46}{'RSS':>11}{'PSS':>8}{'USS':>9}"
    rows = [
        ("at rest, nobody signed in yet", memory.at_rest),
        ("after sign-ins", memory.after_sign_ins),
        (f"with {memory.sockets:,} idle WebSockets", memory.with_sockets),
    ]
    return [head] + [
        f"  {title:<44}{one.rss / MB:>11.1f}{one.pss / MB:>8.1f}{one.uss / MB:>9.1f}"
        for title, one in rows
    ]


def _goal_lines(found: Sequence[Goal]) -> list[str]:
    lines = [f"{'Figures to reach':<46}{'target':>16}{'measured':>12}"]
    for goal in found:
        sign = "≥" if goal.at_least else "≤"
        digits = 2 if goal.unit.startswith("×") else 0
        mark = "reached" if goal.reached else "NOT reached"
        if goal.measured is None:
            mark = f"not measured: {goal.why_not}"
        target = f"{sign} {goal.target:,.{digits}f} {goal.unit}".rstrip()
        measured = "–" if goal.measured is None else f"{goal.measured:,.{digits}f}"
        lines.append(f"  {goal.what:<44}{target:>16}{measured:>12}  {mark}")
    return lines


def _noise(outcomes: Sequence[Outcome]) -> float:
    every = [run.others for one in outcomes for runs in one.runs.values() for run in runs]
    return max(every, default=0.0)


def as_json(results: Results, about: dict[str, object]) -> str:
    """Return the same, with every single run. about: machine, versions and options."""
    pages = {
        one.page.key: {
            "title": one.page.title,
            "connections": one.page.connections,
            "subjects": {
                key: {
                    "title": TITLES[key].strip(),
                    "median_per_second": one.per_second(key),
                    "ratio_to_nginx": one.ratio(key, NGINX),
                    "runs": [asdict(run) for run in runs],
                }
                for key, runs in one.runs.items()
            },
        }
        for one in results.outcomes
    }
    tree = {
        "about": about,
        "pages": pages,
        "noting": {**asdict(results.noting), "share": results.noting.share}
        if results.noting
        else None,
        "garbage": asdict(results.garbage) if results.garbage else None,
        "memory": asdict(results.memory) if results.memory else None,
        "cut": asdict(results.cut) if results.cut else None,
        "session_bytes": results.session_bytes,
        "lists": asdict(results.lists) if results.lists else None,
        "goals": [{**asdict(goal), "reached": goal.reached} for goal in goals(results)],
        "failures": results.failures,
    }
    return json.dumps(tree, indent=2) + "\n"


def write_json(path: Path, results: Results, about: dict[str, object]) -> None:
    """Write the JSON; make the folder when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(results, about), encoding="utf-8")
