"""The admin's lists over very many sessions: how long each takes, what a session takes in Redis,
and what the proxy's clients notice while an admin turns pages."""

import asyncio
import json
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import redis as redis_py

from sidecar.core.session import Session
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from tests.bench.load import Load, Target, ask
from tests.bench.machine import CannotMeasure
from tests.bench.plan import PAGES
from tests.bench.seed import DEADLINE, OFFICE, Plan, add_people, add_sessions
from tests.bench.sidecar_subject import MOUNT, Sidecar, prefix_of, running_sidecar
from tests.bench.subjects import Stage

FULL = 1_000_000
"""Sessions; the figures of the specification are for so many, of a fifth as many people."""
MOST_MS, MOST_BYTES = 50.0, 2000.0
_TIMES = 15
_SETTLE = 6.0
_PAUSE = 0.1


@dataclass(slots=True)
class Listed:
    """pages: by what was asked, the milliseconds of each answer. alone_ms, paging_ms: the proxy's
    p99 without and with an admin who turns ten pages a second; turned: how many."""

    sessions: int
    session_bytes: float
    pages: dict[str, list[float]] = field(default_factory=dict)
    alone_ms: float = 0.0
    paging_ms: float = 0.0
    turned: int = 0

    @property
    def slowest_ms(self) -> float:
        return max(map(statistics.median, self.pages.values()))


def measure_lists(
    stage: Stage, load: Load, sessions: int, seconds: float, say: Callable[[str], None]
) -> Listed:
    """Fill a Redis, ask the sidecar in front of it. Raises CannotMeasure."""
    folder = stage.folder / "sidecar-lists"
    folder.mkdir()
    redis_url = stage.upstreams.redis()
    size, sample = asyncio.run(_seed(redis_url, prefix_of(folder), sessions, say))
    found = Listed(sessions, size)
    page = PAGES[0]
    upstream = stage.upstreams.url(page.upstream)
    with running_sidecar(upstream, redis_url, stage.cores.proxy, folder, role="admin") as sidecar:
        time.sleep(_SETTLE)
        cookie = {"Cookie": sidecar.sign_in()}
        asked = _questions(sample)
        for name, question in asked.items():
            say(f"lists: {name}")
            _turn(sidecar, cookie, question)  # what it imports and compiles is not the answer's
            found.pages[name] = [_turn(sidecar, cookie, question) for _ in range(_TIMES)]
        target = Target(sidecar.url + page.path, cookie)
        load.run(target, page.connections, 1.0)
        say("lists: the proxy alone, then beside an admin")
        found.alone_ms = 1000 * load.run(target, page.connections, seconds).p99
        with _Admin(sidecar, cookie, list(asked.values())) as admin:
            found.paging_ms = 1000 * load.run(target, page.connections, seconds).p99
        found.turned = admin.turned
    return found


async def _seed(
    url: str, prefix: str, sessions: int, say: Callable[[str], None]
) -> tuple[float, Session]:
    """Return the bytes of Redis that each session takes, and one of the sessions."""
    database = Database(connect(url, DEADLINE), Keys(prefix), DEADLINE)
    plan = Plan(sessions, max(sessions // 5, 1))
    try:
        people = await add_people(database, plan, lambda what, share: say(f"{what}: {share:.0%}"))
        before = _used(url)
        made = await add_sessions(
            database, people, plan, lambda what, share: say(f"{what}: {share:.0%}")
        )
        return (_used(url) - before) / sessions, made[0]
    finally:
        await database.close()


def _used(url: str) -> int:
    with redis_py.Redis.from_url(url) as client:
        return int(client.info("memory")["used_memory"])


def _questions(sample: Session) -> dict[str, Mapping[str, str | int]]:
    return {
        "newest": {},
        "newest, from 10,000": {"offset": 10_000},
        "by last activity, from 10,000": {"sort": "-lastActiveAt", "offset": 10_000},
        "by expiry, from 10,000": {"sort": "expiresAt", "offset": 10_000},
        "by name, from 10,000": {"sort": "username", "offset": 10_000},
        "a person": {"userId": sample.user_id},
        "prefix: a whole name": {"q": sample.username},
        "prefix: half a percent": {"q": "anna00"},
        "prefix: a tenth": {"q": "anna"},
        "prefix: a tenth, by name": {"q": "anna", "sort": "username", "offset": 1000},
        "an address": {"ip": sample.ip_address},
        "an office's address": {"ip": OFFICE},
        "a /24": {"ip": "10.1.2.0/24"},
        "a /16": {"ip": "10.1.0.0/16"},
        "a /8": {"ip": "10.0.0.0/8"},
        "agents": {"kind": "agent"},
    }


def _turn(sidecar: Sidecar, cookie: Mapping[str, str], question: Mapping[str, str | int]) -> float:
    """Return the milliseconds of one answer."""
    query = urlencode({"limit": 50, **question})
    began = time.perf_counter()
    status, body = ask(Target(f"{sidecar.url}{MOUNT}/api/admin/sessions?{query}", cookie))
    taken = time.perf_counter() - began
    if status != 200 or "items" not in json.loads(body):
        raise CannotMeasure(f"the list {query} was answered {status}")
    return 1000 * taken


class _Admin:
    """Turns pages in a thread, as long as the context lasts."""

    def __init__(
        self, sidecar: Sidecar, cookie: Mapping[str, str], questions: list[Mapping[str, str | int]]
    ) -> None:
        self.turned = 0
        self._ask = (sidecar, cookie, questions)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "_Admin":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        sidecar, cookie, questions = self._ask
        while not self._stop.is_set():
            _turn(sidecar, cookie, questions[self.turned % len(questions)])
            self.turned += 1
            self._stop.wait(_PAUSE)


def lines(found: Listed) -> list[str]:
    """Return the figures for a terminal."""
    head = f"Lists of 50 among {found.sessions:,} sessions"
    shown = [f"{head:<46}{'median ms':>11}{'slowest':>9}"]
    for name, taken in found.pages.items():
        shown.append(f"  {name:<44}{statistics.median(taken):>11.1f}{max(taken):>9.1f}")
    shown.append(f"  Redis memory of a session: {found.session_bytes:,.0f} bytes")
    shown.append(
        f"  the proxy's p99 at full load: {found.alone_ms:.1f} ms alone, {found.paging_ms:.1f} ms "
        f"beside an admin who turned {found.turned} pages"
    )
    return shown
