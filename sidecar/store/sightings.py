"""Where people are seen from, and who is to be looked at because of it: see lua/sightings.lua."""

import json
from collections.abc import Callable, Sequence

from sidecar.core.alarm_facts import PersonFacts, Shift, Sighting
from sidecar.core.alarm_log import Watched
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.core.session import Handle, ended_because
from sidecar.core.users import UserId
from sidecar.store import scripts
from sidecar.store.codec import from_ms
from sidecar.store.database import Database
from sidecar.store.people import decode_user
from sidecar.store.session_index import SessionIndex

_AT_ONCE = 200


class Sightings:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy], clock: Clock) -> None:
        self._database = database
        self._keys = database.keys
        self._index = SessionIndex(database)
        self._policy = policy
        self._clock = clock

    async def watched(self) -> Sequence[Watched]:
        """Return some of the people who are to be looked at, of each partition those first who
        have waited for longest."""
        found = await self._database.read_all(
            ("ZRANGE", self._keys.watch(part), 0, _AT_ONCE - 1, "WITHSCORES")
            for part in range(self._keys.partitions)
        )
        return [
            Watched(UserId(user_id.decode()), str(int(since)))
            for part in found
            for user_id, since in part
        ]

    async def looked(self, watched: Sequence[Watched]) -> None:
        """They have been looked at; who changed meanwhile stays."""
        parts: dict[int, list[str]] = {}
        for user_id, since in watched:
            parts.setdefault(self._keys.partition_of_user(user_id), []).extend((user_id, since))
        for part, words in parts.items():
            await self._database.run_on(scripts.WATCH_DONE, [self._keys.watch(part)], *words)

    async def person(self, user_id: UserId) -> PersonFacts:
        """Return what alarms look at of one person: nothing over a limit, and the newest first. The
        software that acts for them is elsewhere by right, and not among it."""
        keys = self._keys
        raw, seen, shifts = await self._database.read_all(
            (
                ("GET", keys.user(user_id)),
                ("ZRANGE", keys.seen(user_id), 0, -1, "WITHSCORES"),
                ("HGETALL", keys.shifts(user_id)),
            )
        )
        now, policy = self._clock.now(), self._policy()
        sessions = [
            session
            for session in await self._index.of_user(user_id)
            if session.agent is None
            and ended_because(session, now, policy.limits_for(session.role)) is None
        ]
        name = decode_user(user_id, raw).user.username if raw else ""
        return PersonFacts(
            user_id,
            name or (sessions[0].username if sessions else ""),
            sessions,
            [Sighting(address.decode(), from_ms(at)) for address, at in seen],
            [_shift(handle, text) for handle, text in shifts.items()],
        )


def _shift(handle: bytes, raw: bytes) -> Shift:
    fields = json.loads(raw)
    return Shift(Handle(handle.decode()), from_ms(fields["t"]), fields["p"], fields["g"])
