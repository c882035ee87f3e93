"""How many Redis commands do cookies with a bad MAC cost? Counted by Redis itself."""

import time
from collections import Counter
from dataclasses import dataclass

import redis as redis_py

from tests.bench.load import Load, Target
from tests.bench.machine import CannotMeasure
from tests.bench.plan import PAGES
from tests.bench.subjects import SIDECAR, Stage, running

_OURS = frozenset({"info"})
_SETTLE = 2.0
BACKGROUND = 5
"""So often a command may come in the flood though the idle stretch had none."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """idle: commands in a stretch without any request, of the same length as `flood`.

    extra: commands of the flood beyond what the idle stretch explains, by name.
    """

    requests: int
    per_second: float
    idle: dict[str, int]
    flood: dict[str, int]
    extra: dict[str, int]


def measure_garbage(stage: Stage, load: Load, seconds: float) -> Garbage:
    """Flood the sidecar with a genuine cookie whose last character was changed.

    Raises CannotMeasure, also when an answer was not a refusal.
    """
    page = PAGES[0]
    with (
        running(SIDECAR, page.upstream, stage) as subject,
        redis_py.Redis.from_url(stage.upstreams.redis()) as client,
    ):
        cookie = subject.headers["Cookie"]
        forged = cookie[:-1] + ("A" if cookie[-1] != "A" else "Q")
        target = Target(subject.url + page.path, {"Cookie": forged})
        load.run(target, page.connections, 1.0)
        time.sleep(_SETTLE)
        start = _commands(client)
        time.sleep(seconds)
        middle = _commands(client)
        answers = load.run(target, page.connections, seconds)
        end = _commands(client)
    if answers.refused != answers.requests:
        raise CannotMeasure(
            f"{answers.requests - answers.refused} of {answers.requests} garbage cookies got in"
        )
    idle, flood = middle - start, end - middle
    return Garbage(
        answers.requests, answers.per_second, dict(idle), dict(flood), extra(idle, flood)
    )


def extra(idle: Counter[str], flood: Counter[str]) -> dict[str, int]:
    """Return the commands that cannot be background work: far more than the idle stretch had.

    What also runs when nobody asks (a sweep, a health check, a key ring) falls now into one
    stretch, now into the other, a few times. A command for one in a thousand of the tens of
    thousands of requests would be beyond that.
    """
    return {
        name: count - idle[name]
        for name, count in flood.items()
        if count > 2 * idle[name] + BACKGROUND
    }


def _commands(client: redis_py.Redis) -> Counter[str]:
    stats = client.info("commandstats")
    counts = {name.removeprefix("cmdstat_"): fields["calls"] for name, fields in stats.items()}
    return Counter({name: calls for name, calls in counts.items() if name not in _OURS})
