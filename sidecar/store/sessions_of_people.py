"""The live sessions of several people at once, for lists of people."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sidecar.core.client_network import network_of
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.core.session import Handle
from sidecar.core.turns import pieces
from sidecar.core.users import UserId
from sidecar.store import scripts
from sidecar.store.codec import dump, to_ms
from sidecar.store.database import Database
from sidecar.store.records import Brief, Records

_PEOPLE_AT_ONCE, _BRIEFS_AT_ONCE = 20, 100


class SessionsOfPeople:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database, policy: Callable[[], Policy], clock: Clock) -> None:
        self._database = database
        self._keys = database.keys
        self._records = Records(database)
        self._policy = policy
        self._clock = clock

    async def read(self, user_ids: Sequence[UserId]) -> Sequence[Brief]:
        """Return their live sessions."""
        parts: dict[int, list[UserId]] = {}
        for user_id in dict.fromkeys(user_ids):
            parts.setdefault(self._keys.partition_of_user(user_id), []).append(user_id)
        asks = (self._handles(partition, people) for partition, people in parts.items())
        handles = [handle for found in await asyncio.gather(*asks) for handle in found]
        asked, now, policy = set(user_ids), to_ms(self._clock.now()), self._policy()
        live: list[Brief] = []
        async for piece in pieces(await self._records.briefs(handles), _BRIEFS_AT_ONCE):
            live += [each for each in piece if each.user_id in asked and each.lives(now, policy)]
        return live

    async def _handles(self, partition: int, people: Sequence[UserId]) -> list[Handle]:
        base, names = self._keys.base(partition), [self._keys.names(partition)]
        handles: list[Handle] = []
        async for piece in pieces(people, _PEOPLE_AT_ONCE):
            shards = dump([self._keys.shard_of_user(user_id) for user_id in piece])
            answer = await self._database.run_on(scripts.HANDLES_OF_USERS, names, base, shards)
            handles += [Handle(handle.decode("ascii")) for found in answer for handle in found]
        return handles


def counts(sessions: Sequence[Brief], user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
    """Return how many sessions each person has."""
    found = dict.fromkeys(user_ids, 0)
    for session in sessions:
        found[session.user_id] += 1
    return found


def address_counts(sessions: Sequence[Brief], user_ids: Sequence[UserId]) -> Mapping[UserId, int]:
    """Return from how many addresses each person's sessions are used, but for those of agents."""
    found: dict[UserId, set[str]] = {user_id: set() for user_id in user_ids}
    for session in sessions:
        if session.lifetime is None:
            found[session.user_id].update(session.addresses)
    return {
        user_id: len({network_of(address) for address in addresses} - {""})
        for user_id, addresses in found.items()
    }
