"""The live sessions of several people at once, for lists of people."""

import asyncio
from collections.abc import Mapping, Sequence

from sidecar.core.session import Handle, Session
from sidecar.core.users import UserId
from sidecar.store import scripts
from sidecar.store.codec import dump
from sidecar.store.database import Database
from sidecar.store.session_index import SessionIndex, live
from sidecar.store.throttle import network_of

_PEOPLE_AT_ONCE = 100
_SESSIONS_AT_ONCE = 250


class SessionsOfPeople:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys
        self._index = SessionIndex(database)

    async def read(self, user_ids: Sequence[UserId]) -> Sequence[Session]:
        """Return their sessions, with those that are over a limit and not yet ended."""
        parts: dict[int, list[UserId]] = {}
        for user_id in dict.fromkeys(user_ids):
            parts.setdefault(self._keys.partition_of_user(user_id), []).append(user_id)
        asks = [
            self._handles(partition, people[start : start + _PEOPLE_AT_ONCE])
            for partition, people in parts.items()
            for start in range(0, len(people), _PEOPLE_AT_ONCE)
        ]
        handles = [handle for found in await asyncio.gather(*asks) for handle in found]
        looks = await asyncio.gather(
            *(
                self._index.look_at(handles[start : start + _SESSIONS_AT_ONCE])
                for start in range(0, len(handles), _SESSIONS_AT_ONCE)
            )
        )
        asked = set(user_ids)
        sessions = [session for part in looks for session in live(part)]
        return [session for session in sessions if session.user_id in asked]

    async def _handles(self, partition: int, people: Sequence[UserId]) -> list[Handle]:
        base = self._keys.base(partition)
        shards = [self._keys.shard_of_user(user_id) for user_id in people]
        names = [self._keys.names(partition)]
        answer = await self._database.run_on(scripts.HANDLES_OF_USERS, names, base, dump(shards))
        return [Handle(handle.decode("ascii")) for found in answer for handle in found]


def counts(sessions: Sequence[Session], user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
    """Return how many sessions each person has."""
    found = dict.fromkeys(user_ids, 0)
    for session in sessions:
        found[session.user_id] += 1
    return found


def address_counts(sessions: Sequence[Session], user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
    """Return from how many addresses each person's sessions are used."""
    found: dict[UserId, set[str]] = {user_id: set() for user_id in user_ids}
    for session in sessions:
        found[session.user_id] |= {
            network_of(session.ip_address),
            network_of(session.last_ip_address),
        }
    return {user_id: len(networks - {""}) for user_id, networks in found.items()}
