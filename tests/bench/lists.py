"""The admin's lists over very many sessions: how long each takes, what a session takes in Redis,
and what the proxy's clients notice while an admin turns pages."""

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median
from urllib.parse import urlencode, urlsplit

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
_TIMES, _ROUNDS = 15, 3
_SETTLE = 6.0
_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Beside:
    """The proxy's p99, each time beside something else. alone_ms: nothing; client_ms: the admin's
    client, which asks the upstream for as much instead, and so takes of the load's core what it
    takes; paging_ms: an admin. turned: how many pages."""

    alone_ms: float
    client_ms: float
    paging_ms: float
    turned: int


@dataclass(slots=True)
class Listed:
    """pages: by what was asked, the milliseconds of each answer. rounds: neighbours in time."""

    sessions: int
    session_bytes: float
    pages: dict[str, list[float]] = field(default_factory=dict)
    rounds: list[Beside] = field(default_factory=list)

    @property
    def slowest_ms(self) -> float:
        return max(map(median, self.pages.values()))


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

        def p99(beside: _Pager | nullcontext[None]) -> float:
            with beside:
                return 1000 * load.run(target, page.connections, seconds).p99

        for number in range(_ROUNDS):
            say(f"lists: the proxy alone and beside an admin, round {number + 1} of {_ROUNDS}")
            admin = _Pager(sidecar.url, [_path(each) for each in asked.values()], cookie)
            client = _Pager(upstream, [PAGES[1].path], {})
            figures = p99(nullcontext()), p99(client), p99(admin)
            found.rounds.append(Beside(*figures, admin.turned))
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
    path = _path(question)
    began = time.perf_counter()
    status, body = ask(Target(sidecar.url + path, cookie))
    taken = time.perf_counter() - began
    if status != 200 or "items" not in json.loads(body):
        raise CannotMeasure(f"{path} was answered {status}")
    return 1000 * taken


def _path(question: Mapping[str, str | int]) -> str:
    return f"{MOUNT}/api/admin/sessions?{urlencode({'limit': 50, **question})}"


class _Pager:
    """Turns pages in a thread, as long as the context lasts: over one connection, as a browser
    does, and without a look into them, so that it takes little of the load's core. Raises
    CannotMeasure at the end if one was not answered with 200."""

    def __init__(self, url: str, paths: Sequence[str], headers: Mapping[str, str]) -> None:
        self.turned = 0
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        self._paths, self._headers = paths, headers
        self._failure = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.close()
        if self._failure:
            raise CannotMeasure(f"the pager failed: {self._failure}")

    def _run(self) -> None:
        for path in cycle(self._paths):
            try:
                self._connection.request("GET", path, headers=dict(self._headers))
                answer = self._connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self._failure = repr(error)
                return
            if answer.status != 200:
                self._failure = f"{path} was answered {answer.status}"
                return
            self.turned += 1
            if self._stop.wait(_PAUSE):
                return


def lines(found: Listed) -> list[str]:
    """Return the figures for a terminal."""
    head = f"Lists of 50 among {found.sessions:,} sessions"
    shown = [f"{head:<46}{'median ms':>11}{'slowest':>9}"]
    for name, taken in found.pages.items():
        shown.append(f"  {name:<44}{median(taken):>11.1f}{max(taken):>9.1f}")
    shown.append(f"  Redis memory of a session: {found.session_bytes:,.0f} bytes")
    if found.rounds:
        shown += _beside(found.rounds)
    return shown


def _beside(rounds: Sequence[Beside]) -> list[str]:
    alone, client, paging = (
        median(values)
        for values in zip(
            *((each.alone_ms, each.client_ms, each.paging_ms) for each in rounds), strict=True
        )
    )
    ratio = median(each.paging_ms / each.client_ms for each in rounds)
    turned = sum(each.turned for each in rounds)
    return [
        f"  the proxy's p99 at full load, in ms, median of {len(rounds)} rounds:",
        f"    alone {alone:.1f}, beside a client of the upstream {client:.1f}, admin {paging:.1f}",
        f"    an admin is {ratio:.2f} times that client ({turned} pages of lists were turned)",
    ]
