"""What is asked of whom, how the runs alternate, and the figures that come of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

from tests.bench.load import Answers, Load, Target, ask
from tests.bench.machine import CannotMeasure, Cores, Instant, look
from tests.bench.nginx import LARGE, MEDIUM, SMALL
from tests.bench.sidecar_subject import MOUNT
from tests.bench.subjects import (
    DIRECT,
    NGINX,
    PLAIN,
    SIDECAR,
    TITLES,
    TUNED,
    Stage,
    Subject,
    running,
)

Say = Callable[[str], None]
WARM_UP = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """One kind of request. size: bytes of the body, of the answer or (upload) of the request."""

    key: str
    title: str
    path: str
    size: int
    connections: int
    upstream: str
    subjects: tuple[str, ...]
    upload: bool = False
    headers: tuple[tuple[str, str], ...] = ()

    def target(self, subject: Subject) -> Target:
        """Return what wrk asks that subject for."""
        headers = {**subject.headers, **dict(self.headers)}
        return Target(subject.url + self.path, headers, self.size if self.upload else 0)


_ALL = (DIRECT, NGINX, TUNED, PLAIN, SIDECAR)
PAGES = (
    Page(
        "small", "100-byte page", "/small.html", SMALL, 32, "pages", (DIRECT, NGINX, PLAIN, SIDECAR)
    ),
    Page("medium", "64 KiB page", "/medium.bin", MEDIUM, 32, "pages", _ALL),
    Page("down", "10 MiB download", "/large.bin", LARGE, 4, "pages", _ALL),
    Page("up", "10 MiB upload", "/upload", LARGE, 4, "sink", _ALL, upload=True),
    Page(
        "auth",
        "forward-auth answer",
        f"{MOUNT}/auth",
        0,
        32,
        "pages",
        (SIDECAR,),
        headers=(("X-Original-URI", "/small.html"), ("X-Original-Method", "GET")),
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of wrk. Shares are of one core, 0 to 1; latencies in milliseconds.

    others: what processes that are not the subject's took of the proxy's core. cpu_us: CPU time of
    the subject for each request, in microseconds.
    """

    per_second: float
    p50_ms: float
    p99_ms: float
    proxy_core: float
    load_core: float
    others: float
    cpu_us: float


@dataclass(slots=True)
class Outcome:
    """All runs of one page: by subject, in the order of the rounds. failures: why, by subject."""

    page: Page
    runs: dict[str, list[Run]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def leave_out_what_failed(self) -> None:
        """Half a measurement is none. The order of the page's subjects is kept."""
        good = (key for key in self.page.subjects if key in self.runs and key not in self.failures)
        self.runs = {key: self.runs[key] for key in good}

    def per_second(self, subject: str) -> float:
        """Return the median of the subject's runs, in requests a second."""
        return median(run.per_second for run in self.runs[subject])

    def ratio(self, subject: str, other: str) -> float | None:
        """Return the median, over the rounds, of one divided by the other.

        Neighbours in time are compared, so that a slow minute of the machine hits both.
        """
        if not self.runs.get(subject) or not self.runs.get(other):
            return None
        pairs = zip(self.runs[subject], self.runs[other], strict=False)
        return median(mine.per_second / theirs.per_second for mine, theirs in pairs)


def measure_page(
    page: Page, stage: Stage, load: Load, rounds: int, seconds: float, say: Say
) -> Outcome:
    """Start the subjects of the page, let them run in turn `rounds` times, and end them.

    They all stay up, idle, while one runs. Each round begins with another one, so that nobody
    always follows the same neighbour. A subject that fails is noted and left out from then on.
    """
    outcome = Outcome(page)
    with ExitStack() as stack:
        subjects = []
        for key in page.subjects:
            say(f"{page.title}: starting {TITLES[key].strip()}")
            with _noting(outcome, key):
                subject = stack.enter_context(running(key, page.upstream, stage))
                _must_work(page, subject)
                load.run(page.target(subject), page.connections, WARM_UP)
                subjects.append(subject)
        for number in range(rounds):
            for subject in _rotated(subjects, number):
                if subject.key in outcome.failures:
                    continue
                say(f"{page.title}: round {number + 1} of {rounds}, {TITLES[subject.key].strip()}")
                with _noting(outcome, subject.key):
                    run = _measure(page, subject, stage.cores, load, seconds)
                    outcome.runs.setdefault(subject.key, []).append(run)
    outcome.leave_out_what_failed()
    return outcome


@contextmanager
def _noting(outcome: Outcome, key: str) -> Iterator[None]:
    try:
        yield
    except CannotMeasure as error:
        outcome.failures[key] = str(error)


def _rotated(subjects: Sequence[Subject], number: int) -> list[Subject]:
    first = number % max(1, len(subjects))
    return [*subjects[first:], *subjects[:first]]


def _must_work(page: Page, subject: Subject) -> None:
    status, body = ask(page.target(subject))
    expected = None if page.upload or not page.size else page.size
    if status != 200 or (expected is not None and len(body) != expected):
        raise CannotMeasure(
            f"{TITLES[subject.key].strip()} answered the {page.title} "
            f"with status {status} and {len(body)} bytes: {body[:300]!r}"
        )


def _measure(page: Page, subject: Subject, cores: Cores, load: Load, seconds: float) -> Run:
    before = look(cores, subject.pids)
    answers = load.run(page.target(subject), page.connections, seconds)
    after = look(cores, subject.pids)
    if answers.refused:
        raise CannotMeasure(
            f"{answers.refused} of {answers.requests} requests for the {page.title} were refused "
            f"by {TITLES[subject.key].strip()}"
        )
    return _figures(answers, before, after)


def _figures(answers: Answers, before: Instant, after: Instant) -> Run:
    proxy_total = after.proxy_total - before.proxy_total
    own = after.subject - before.subject
    processes = after.proxy_by_processes - before.proxy_by_processes
    return Run(
        per_second=answers.per_second,
        p50_ms=answers.p50 * 1000,
        p99_ms=answers.p99 * 1000,
        proxy_core=(after.proxy_busy - before.proxy_busy) / proxy_total,
        load_core=(after.load_busy - before.load_busy) / (after.load_total - before.load_total),
        others=max(0.0, processes - own) / proxy_total,
        cpu_us=own / answers.requests * 1e6,
    )
