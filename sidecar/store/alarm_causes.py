"""What alarms are raised for, read from the store. Implements the port `AlarmCauses`.

Two ways lead here. What is in a stream (audit entries, and the few facts that no entry says) is
followed from where it was read last, and becomes marks of a subject: a sorted set that holds no
more than matters. What people's sessions show is noted where it is noted anyway, by the scripts
that open, touch and end sessions (lua/sightings.lua), and they name who is to be looked at.

Whoever reads may die at any point: a mark has the id of its entry, so that reading twice counts
once.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sidecar.core.alarm_counts import kept_for, threshold_of
from sidecar.core.alarm_facts import FailureRate, Mark, Observation, PersonFacts, WorkerFact
from sidecar.core.alarm_log import Counted, Happened, Watched
from sidecar.core.alarm_sources import noticed, observed
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store import scripts
from sidecar.store.audit import entry_of, people_in
from sidecar.store.codec import dump, from_ms, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.names import Names
from sidecar.store.sightings import Sightings
from sidecar.store.streams import Item, StreamId, Streams

_AT_ONCE = 500
_SUBJECTS_AT_ONCE = 100
_MOST_MARKS = 200
_BEGIN = timedelta(minutes=15)
"""From when on a store is read that nobody has read for alarms yet."""

_HOUR, _MINUTE = 3_600_000, 60_000
_DAY = timedelta(days=1)


class Causes:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy], clock: Clock) -> None:
        self._database = database
        self._keys = keys = database.keys
        self._policy = policy
        self._clock = clock
        self._sightings = Sightings(database, policy, clock)
        self._names = Names(database)
        parts = range(keys.partitions)
        self._streams = {
            "audit": Streams(database, [keys.audit(part) for part in parts]),
            "facts": Streams(database, [keys.facts]),
        }

    async def happened(self) -> Happened:
        """Read what happened, up to some hundred entries of each stream."""
        stored = await self._database.command("HGETALL", self._keys.alarms("read"))
        read = {field.decode(): position.decode() for field, position in stored.items()}
        begin = f"{to_ms(self._clock.now() - _BEGIN)}-0"
        observations: list[Observation] = []
        moved: dict[str, str] = {}
        more = False
        for name, stream in self._streams.items():
            parts = self._keys.partitions if name == "audit" else 1
            fields = [f"{name}:{part}" for part in range(parts)]
            positions = [read.get(field, begin) for field in fields]
            items = await stream.since(positions, _AT_ONCE)
            names = await self._names.of(people_in(items)) if name == "audit" else {}
            observations += _observations(name, items, names)
            moved |= dict(zip(fields, positions, strict=True))
            more = more or len(items) >= _AT_ONCE
        changed = {field: at for field, at in moved.items() if read.get(field) != at}
        return Happened(await self._count(observations), changed, more)

    async def settled(self, happened: Happened) -> None:
        """Read on behind it the next time."""
        words = [word for pair in happened.read.items() for word in pair]
        if words:
            await self._database.command("HSET", self._keys.alarms("read"), *words)

    async def marks(self, kind: str, subject: str) -> Sequence[Mark]:
        """Return what counts now."""
        since = to_ms(self._clock.now() - kept_for(kind, self._policy().alarms[kind]))
        key = self._keys.marks(kind, subject)
        found = await self._database.command("ZRANGEBYSCORE", key, since, "+inf", "WITHSCORES")
        return [_mark(raw, at) for raw, at in found]

    async def failure_rate(self, window: timedelta) -> FailureRate:
        """Return how many sign-ins failed within the window, by whole minutes, and how many are
        usual within as much time, over the day before."""
        now = self._clock.now()
        first, last = to_ms(now - window - _DAY) // _HOUR, to_ms(now) // _HOUR
        parts = range(self._keys.partitions)
        hours = [(hour, part) for hour in range(first, last + 1) for part in parts]
        found = await self._database.read_all(
            ("HGETALL", self._keys.hours(part, hour)) for hour, part in hours
        )
        recent, before, newest = 0, 0, now - window
        for (hour, _), fields in zip(hours, found, strict=True):
            for minute in range(60):
                count = int(fields.get(b"failed:%d" % minute, 0))
                at = from_ms(hour * _HOUR + minute * _MINUTE)
                if count and at > now - window:
                    recent, newest = recent + count, max(newest, at)
                elif count and at > now - window - _DAY:
                    before += count
        return FailureRate(recent, before * (window / _DAY), min(newest, now))

    async def watched(self) -> Sequence[Watched]:
        return await self._sightings.watched()

    async def person(self, user_id: UserId) -> PersonFacts:
        return await self._sightings.person(user_id)

    async def looked(self, watched: Sequence[Watched]) -> None:
        await self._sightings.looked(watched)

    async def _count(self, observations: Sequence[Observation]) -> list[Counted]:
        """Note marks; return what counts now of each subject, in the order of the last words."""
        newest = {(each.kind, each.subject): each for each in observations}
        subjects, counted = list(newest), []
        for start in range(0, len(subjects), _SUBJECTS_AT_ONCE):
            some = subjects[start : start + _SUBJECTS_AT_ONCE]
            part = {name: number for number, name in enumerate(some, 1)}
            words: list[str | bytes | int] = []
            for kind, subject in part:
                rule = self._policy().alarms[kind]
                most = max(_MOST_MARKS, threshold_of(kind, subject, rule))
                words += [span_ms(kept_for(kind, rule)), most]
            for each in observations:
                number = part.get((each.kind, each.subject))
                if number is not None:
                    mark = each.mark
                    words += [number, to_ms(mark.at), _written(mark)] if mark else [number, 0, ""]
            keys = [self._keys.marks(*name) for name in part]
            answer = await self._database.run_on(scripts.ALARM_MARKS, keys, *words)
            counted += [
                Counted(newest[name], list(map(_mark, found[::2], found[1::2])))
                for name, found in zip(part, answer, strict=True)
            ]
        return counted


def _observations(name: str, items: Iterable[Item], names: Mapping[str, str]) -> list[Observation]:
    found: list[Observation] = []
    for entry_id, fields in items:
        if name == "facts":
            found.append(noticed(_fact(entry_id, fields)))
            continue
        try:
            found += observed(entry_of(entry_id, fields, names))
        except ValueError:
            continue  # a newer version wrote it: what it means is not known here
    return found


def _fact(entry_id: StreamId, fields: dict[str, Any]) -> WorkerFact:
    user_id, handle = fields.get("u"), fields.get("h")
    return WorkerFact(
        kind=fields["t"],
        id=str(entry_id),
        at=entry_id.at if "e" not in fields else from_ms(fields["e"]),
        user_id=UserId(user_id) if user_id else None,
        username=fields.get("n", ""),
        address=fields.get("p", ""),
        handle=Handle(handle) if handle else None,
        count=fields.get("c", 1),
        details=fields.get("d", {}),
    )


def _written(mark: Mark) -> bytes:
    return dump([mark.id, mark.weight, mark.address, mark.handle or "", dict(mark.details)])


def _mark(raw: bytes, at: float | bytes) -> Mark:
    entry_id, weight, address, handle, details = json.loads(raw)
    known = Handle(handle) if handle else None
    return Mark(entry_id, from_ms(float(at)), weight, address, known, details)
