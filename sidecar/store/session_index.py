"""Sessions in Redis, read by handle and by person. Lists over all people: `lists.py`.

The strict check reads by itself (`reads.py`). What is read here may hold sessions that are over
a limit and not yet ended: whoever shows them decides first (`ended_because`).
"""

import asyncio
from collections.abc import Iterable, Sequence

from sidecar.core.ports import Look
from sidecar.core.session import Handle, Session
from sidecar.core.turns import pieces
from sidecar.core.users import UserId
from sidecar.store.codec import decode
from sidecar.store.database import Database

_DECODED_AT_ONCE = 10


class SessionIndex:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def look(self, handle: Handle) -> Look:
        looks = await self.look_at([handle])
        return looks[0]

    async def look_at(self, handles: Sequence[Handle]) -> list[Look]:
        """Return what is there, in this order, with one command for each partition."""
        parts: dict[int, list[Handle]] = {}
        for handle in handles:
            parts.setdefault(self._keys.partition_of(handle), []).append(handle)
        found: dict[Handle, Look] = {}
        for part in await asyncio.gather(*map(self._look_in_one, parts.values())):
            found.update(part)
        return [found[handle] for handle in handles]

    async def of_user(self, user_id: UserId) -> list[Session]:
        """Return the person's sessions, the newest first: their handles sort by creation."""
        key, number = self._keys.sessions_of_user(user_id)
        answer = await self._database.command("ZRANGEBYSCORE", key, number, number)
        looks = await self.look_at(sorted(_handles(answer), reverse=True))
        return [look for look in looks if isinstance(look, Session) and look.user_id == user_id]

    async def _look_in_one(self, handles: Sequence[Handle]) -> dict[Handle, Look]:
        keys = [key for handle in handles for key in self._keys.record_and_last_active(handle)]
        answer = await self._database.command("MGET", *keys)
        found: dict[Handle, Look] = {}
        read = list(zip(handles, answer[::2], answer[1::2], strict=True))
        async for piece in pieces(read, _DECODED_AT_ONCE):
            for handle, record, last in piece:
                found[handle] = decode(handle, record, last) if record else None
        return found


def live(looks: Iterable[Look]) -> list[Session]:
    return [look for look in looks if isinstance(look, Session)]


def _handles(members: Iterable[bytes]) -> list[Handle]:
    return [Handle(member.decode()) for member in members]
