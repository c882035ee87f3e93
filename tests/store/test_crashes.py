"""Acts that are cut off anywhere, by a kill of whoever acts or of Redis: each is there whole, with
its audit entry and its events, or not at all."""

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sidecar.core.audit import AuditEntry
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.event_log import Event
from sidecar.core.event_types import EventType
from sidecar.core.reasons import Ended
from sidecar.core.users import Role
from tests.journeys.redis_server import RedisServer
from tests.store.act_on import PARTITIONS
from tests.store.rig import Rig, a_rig

ROOT = Path(__file__).parents[2]
ENDINGS = {reason.audit_action for reason in Ended}


async def test_given_acts_that_are_cut_off_anywhere_then_each_is_there_whole_or_not_at_all() -> (
    None
):
    server = RedisServer()
    server.start()
    try:
        for number in range(8):
            program = [sys.executable, "-m", "tests.store.act_on", server.url, f"n{number}"]
            acting = subprocess.Popen(
                program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            assert acting.stdout is not None
            assert await asyncio.to_thread(acting.stdout.readline) == b"begun\n"
            await asyncio.sleep(random.uniform(0.05, 0.4))
            if number % 2:
                server.kill()
            acting.kill()
            acting.wait()
            acting.stdout.close()
            server.mend()
        async with a_rig(server.url, PARTITIONS) as rig:
            entries = [entry async for entry in rig.audit.entries(EVERYTHING)][::-1]
            events = await all_events(rig)
            await sessions_are_as_told(rig, entries, events)
            await people_are_as_told(rig, entries)
            await the_rest_is_as_told(rig, entries)
    finally:
        server.remove()

    told = {str(kind) for kind in EventType} - ENDINGS
    assert acts(entries, told) == acts(events, told)
    assert {"user.deleted", "user.banned", "webhook.deleted", "alarm.resolved"} <= {
        entry.action for entry in entries
    }


async def all_events(rig: Rig) -> list[Event]:
    events: list[Event] = []
    while page := await rig.events.read(events[-1].id if events else None, 500):
        events += page
    return events


def acts(found: Iterable[AuditEntry | Event], told: set[str]) -> "Counter[tuple[str, str]]":
    """Return how often what was done to whom."""
    return Counter(
        (str(each.action), (each.user_id if isinstance(each, Event) else each.target.user_id) or "")
        for each in found
        if each.action in told
    )


async def stored(rig: Rig, kind: str) -> dict[str, Any]:
    """Return all records whose keys have this letter, by what stands behind it."""
    found = {}
    for key in await rig.database.command("KEYS", f"*}}:{kind}:*"):
        value = await rig.database.command("GET", key)
        found[key.decode().partition(f"}}:{kind}:")[2]] = json.loads(value)
    return found


async def sessions_are_as_told(
    rig: Rig, entries: Sequence[AuditEntry], events: Sequence[Event]
) -> None:
    records = await stored(rig, "s")
    ended = {handle: record for handle, record in records.items() if record[0] < 0}

    assert len(records) > len(ended) > 0
    assert Counter(list(records)) == Counter(
        entry.target.handle for entry in entries if entry.action == "session.opened"
    )
    assert Counter(list(records)) == Counter(
        e.handle for e in events if e.action == "session.opened"
    )
    assert Counter(list(ended)) == Counter(e.handle for e in events if e.action in ENDINGS)
    told = Counter[str]()
    for entry in entries:
        if entry.action in ENDINGS:
            told[str(entry.target.user_id)] += entry.count
    assert told == Counter(record[3] for record in ended.values())


async def people_are_as_told(rig: Rig, entries: Sequence[AuditEntry]) -> None:
    role, banned, passwords = dict[str, str](), dict[str, bool](), Counter[str]()
    for entry in entries:
        user_id = str(entry.target.user_id)
        match entry.action.value:
            case "user.created":
                role[user_id], banned[user_id] = entry.details["role"], False
            case "user.role_changed":
                role[user_id] = entry.details["to"]
            case "user.banned" | "user.unbanned":
                banned[user_id] = entry.action == "user.banned"
            case "user.password_changed":
                passwords[user_id] += 1
            case "user.deleted":
                del role[user_id]

    records = await stored(rig, "u")

    assert {user_id: Role(record["r"]).word for user_id, record in records.items()} == role
    for user_id, record in records.items():
        assert ("b" in record) is banned[user_id]
        assert record.get("pn", 0) == passwords[user_id]


async def the_rest_is_as_told(rig: Rig, entries: Sequence[AuditEntry]) -> None:
    there, failures, alarms = Counter[str](), Counter[str](), Counter[str]()
    for entry in entries:
        match entry.action.value:
            case "webhook.created":
                there[entry.details["webhook"]] += 1
            case "webhook.deleted":
                there[entry.details["webhook"]] -= 1
            case "login.failed":
                failures[entry.target.username] += 1
            case "alarm.raised" | "alarm.resolved":
                alarms[entry.details["alarm"]] += 1

    command = rig.database.command
    books = await command("HKEYS", rig.keys.webhooks)
    assert {name.decode() for name in books} == set(+there)
    for name, count in failures.items():
        assert int(await command("GET", rig.keys.failures(name))) == count
    kept = {key.decode(): json.loads(raw) for key, raw in await _all(rig, rig.keys.alarms())}
    assert {name: 2 if alarm["st"] == "resolved" else 1 for name, alarm in kept.items()} == alarms


async def _all(rig: Rig, key: str) -> list[tuple[bytes, bytes]]:
    return list((await rig.database.command("HGETALL", key)).items())
