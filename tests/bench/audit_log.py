"""The audit log with a million entries: what one costs, how fast they are sealed and verified, and
how long the console waits for a page.

    python -m tests.bench.audit_log [--entries 1000000]

It needs redis-server, about 1 GB of memory, and some minutes; close everything else.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from redis.asyncio import Redis

from sidecar.core.audit import SYSTEM, Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.policy import Policy
from sidecar.core.session import Handle
from sidecar.core.users import Role, User
from sidecar.observe.metrics import Metrics
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.audit_key import AuditKeys
from sidecar.store.audit_sealer import Sealer
from sidecar.store.audit_verify import Verifier
from sidecar.store.codec import dump
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from sidecar.store.seal import secret_of
from sidecar.store.seal_note import read_note
from sidecar.store.users import Users
from tests.bench.load import Target as Asked
from tests.bench.load import ask
from tests.bench.machine import CannotMeasure, choose_cores
from tests.bench.sidecar_subject import MOUNT, prefix_of, running_sidecar

DEADLINE = timedelta(seconds=60)
PEOPLE = 1000
AT_ONCE = 10_000
TIMES = 15


@dataclass(slots=True)
class Found:
    """append_us: what Redis spends on one entry, in the first part of the log and in the last."""

    entries: int = 0
    append_us: list[float] = field(default_factory=list)
    sealing: float = 0.0
    seals: int = 0
    verifying: float = 0.0
    verifying_busy: float = 0.0
    bytes_each: float = 0.0
    seal_bytes_each: float = 0.0
    pages: dict[str, list[float]] = field(default_factory=dict)


@contextmanager
def redis_at(folder: Path) -> Iterator[str]:
    """Run redis-server on a Unix socket in the folder; yield its URL."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise CannotMeasure("it needs redis-server or valkey-server on PATH")
    path = folder / "s"
    words = [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, cwd=folder)
    try:
        while not path.exists():
            time.sleep(0.05)
        yield f"unix://{path}"
    finally:
        server.terminate()
        server.wait()


async def fill(url: str, folder: Path, entries: int) -> Found:
    """Write entries as the product does, seal them, and verify all."""
    found = Found(entries=entries)
    redis = Redis.from_url(url)
    keys = Keys(prefix_of(folder))
    database = Database(connect(url, DEADLINE), keys, DEADLINE)
    people = Users(database, Policy, Metrics.alone())
    users = [
        await people.add(f"person{number:04d}", "-", Role.USER, SYSTEM, highest=Role.OWNER)
        for number in range(PEOPLE)
    ]
    state = folder / "state"
    secret = secret_of(state)
    sealer = Sealer(database, secret, Policy, state)
    before = int((await redis.info("memory"))["used_memory"])
    number = count()
    for start in range(0, entries, AT_ONCE):
        await redis.config_resetstat()
        await _append(redis, keys, users, number, min(AT_ONCE, entries - start))
        stats = await redis.info("commandstats")
        found.append_us.append(float(stats["cmdstat_evalsha"]["usec_per_call"]))
        began = time.perf_counter()
        await sealer.turn()
        found.sealing += time.perf_counter() - began
        _say(f"written and sealed: {(start + AT_ONCE) / entries:.0%}")
    used = int((await redis.info("memory"))["used_memory"]) - before
    seals = await redis.memory_usage(keys.audit_seals, samples=0)
    found.bytes_each, found.seal_bytes_each = used / entries, (seals or 0) / entries
    key = (await AuditKeys(database, secret).current()).public
    began, busy = time.perf_counter(), time.process_time()
    done = await Verifier(database, key, read_note(state)).verify()
    found.verifying, found.seals = time.perf_counter() - began, done.seals
    found.verifying_busy = time.process_time() - busy
    if done.finding is not None or done.unsealed or done.entries < entries:
        raise CannotMeasure(f"the log does not verify: {done}")
    await database.close()
    await redis.aclose()
    return found


async def _append(
    redis: Redis, keys: Keys, users: list[User], number: Iterator[int], size: int
) -> None:
    pipeline = redis.pipeline(transaction=False)
    script = scripts.AUDIT_WRITE
    await redis.script_load(script.source)
    streams = (keys.audit(0), keys.events(0))
    for _ in range(size):
        at = next(number)
        given = dump({"entry": entry_fields(_entry(users, at))})
        pipeline.execute_command("EVALSHA", script.sha, 2, *streams, keys.base(0), given)
        if at % 1000 == 999:
            await pipeline.execute()
    await pipeline.execute()


def _entry(users: list[User], number: int) -> AuditEntry:
    """Return an entry as they are: mostly sign-ins and ends, by many people."""
    user = users[number * 7919 % len(users)]
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    actor = Actor(ActorKind.USER, user.id, user.username, address)
    target = Target(user.id, user.username, Handle(f"{number:030d}"))
    if number % 10_000 == 0:
        other = users[number * 31 % len(users)]
        return AuditEntry(Action.USER_BANNED, actor, Target(other.id), reason="spam")
    if number % 3:
        details = {"method": "password"}
        return AuditEntry(Action.SESSION_OPENED, actor, target, details=details)
    return AuditEntry(Action.SESSION_SIGNED_OUT, actor, target, reason="signed_out")


def pages(url: str, folder: Path, found: Found) -> None:
    """Ask the console's questions of a running sidecar."""
    nowhere = "http://127.0.0.1:9"
    with running_sidecar(nowhere, url, choose_cores().proxy, folder, role="admin") as sidecar:
        cookie = {"Cookie": sidecar.sign_in()}
        ask(Asked(sidecar.url + "/", cookie))
        questions: dict[str, Mapping[str, str]] = {
            "the newest": {},
            "a person": {"userId": _id_of(sidecar.url, cookie)},
            "an actor by name": {"actor": "person0500"},
            "an action that is frequent": {"action": "session.opened"},
            "an action that is rare": {"action": "user.banned"},
            "an action that never was": {"action": "webhook.deleted"},
            "an instant": {"to": "2100-01-01T00:00:00Z"},
        }
        for name, question in questions.items():
            path = f"{MOUNT}/api/admin/audit?{urlencode({'limit': '50', **question})}"
            _turn(sidecar.url + path, cookie)
            found.pages[name] = [_turn(sidecar.url + path, cookie) for _ in range(TIMES)]


def _id_of(url: str, cookie: Mapping[str, str]) -> str:
    _, body = ask(Asked(f"{url}{MOUNT}/api/admin/users?q=person0500", cookie))
    return str(json.loads(body)["items"][0]["id"])


def _turn(url: str, cookie: Mapping[str, str]) -> float:
    began = time.perf_counter()
    status, _ = ask(Asked(url, cookie))
    taken = time.perf_counter() - began
    if status != 200:
        raise CannotMeasure(f"{url} was answered {status}")
    return 1000 * taken


def lines(found: Found) -> list[str]:
    """Return the figures for a terminal."""
    tenth = max(len(found.append_us) // 10, 1)
    first, last = median(found.append_us[:tenth]), median(found.append_us[-tenth:])
    return [
        f"{found.entries:,} audit entries under {found.seals:,} seals",
        f"  Redis' time for one entry: {first:.1f} µs in the first tenth, {last:.1f} in the last",
        f"  Redis' memory for one entry: {found.bytes_each:,.0f} bytes",
        f"  of these, its part of the seals: {found.seal_bytes_each:,.0f} bytes",
        f"  sealed: {found.entries / found.sealing:,.0f} entries a second",
        f"  verified: {found.entries / found.verifying:,.0f} entries a second",
        f"  (a second of its own core: {found.entries / found.verifying_busy:,.0f})",
        f"{'  a page of the console, 50 entries':<40}{'median ms':>10}{'slowest':>9}",
        *(
            f"    {name:<36}{median(taken):>10.1f}{max(taken):>9.1f}"
            for name, taken in found.pages.items()
        ),
    ]


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.audit_log", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory(prefix="sca-") as place:
        folder = Path(place) / "log"
        folder.mkdir()
        try:
            with redis_at(Path(place)) as url:
                found = asyncio.run(fill(url, folder, entries))
                _say("asking for pages")
                pages(url, folder, found)
        except CannotMeasure as error:
            print(f"audit_log: {error}", file=sys.stderr)
            return 1
    _say("")
    print("\n".join(lines(found)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
