"""People, read: by name, by id, in lists, and what they are now."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from sidecar.core.people import PeopleFilter, PeoplePage
from sidecar.core.ports import Known, NoSuchUser
from sidecar.core.users import Status, User, UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.database import Database
from sidecar.store.people import decode_user, digest_of_external, digest_of_mail
from sidecar.store.people_index import PeopleIndex

_Parts = dict[int, list[UserId]]
_STATUSES = {status.value[0].encode(): status for status in Status}


class PeopleReads:
    """The reading half of `Users`. Every method raises StoreUnavailable when Redis is silent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys
        self._people = PeopleIndex(database)

    async def find(self, username: str) -> Known | None:
        """Return who has this name, in whatever spelling."""
        name = canonical_name(username)
        answer = await self._database.command("GET", self._keys.name(name))
        return await self._known(UserId(answer.decode())) if answer else None

    async def get(self, user_id: UserId) -> User | None:
        known = await self._known(user_id)
        return known.user if known else None

    async def get_many(self, user_ids: Sequence[UserId]) -> Mapping[UserId, User]:
        """Return those of them that there are, with one command for each partition."""

        async def ask(part: Sequence[UserId]) -> list[bytes | None]:
            answer: list[bytes | None] = await self._database.command(
                "MGET", *map(self._keys.user, part)
            )
            return answer

        parts = self._by_partition(user_ids)
        found = await asyncio.gather(*map(ask, parts.values()))
        return {
            user_id: decode_user(user_id, raw).user
            for part, answer in zip(parts.values(), found, strict=True)
            for user_id, raw in zip(part, answer, strict=True)
            if raw
        }

    async def list(self, which: PeopleFilter, offset: int, limit: int) -> PeoplePage:
        """Return people in the order of their names. The total is exact."""
        ids, total = await self._people.page(which, offset, limit)
        people = await self.get_many(ids)
        return PeoplePage([people[user_id] for user_id in ids if user_id in people], total)

    async def count(self, which: PeopleFilter) -> int:
        return await self._people.count(which)

    async def having(self, what: Literal["email", "external_id"], value: str) -> Sequence[User]:
        """Return everybody whose that is."""
        name = (
            f"em:{digest_of_mail(value)}" if what == "email" else f"xi:{digest_of_external(value)}"
        )
        found = await self._database.read_all(
            ("SMEMBERS", self._keys.base(partition) + name)
            for partition in range(self._keys.partitions)
        )
        ids = [UserId(raw.decode()) for members in found for raw in members]
        return list((await self.get_many(ids)).values()) if ids else []

    async def statuses(self, users: Sequence[User]) -> Mapping[UserId, Status]:
        """Say what each of them is now. Those who are there no more are left out."""

        async def ask(partition: int) -> list[bytes]:
            given = {"users": parts[partition]}
            answer: list[bytes] = await self._database.run(scripts.PEOPLE_STATUS, partition, given)
            return answer

        parts = self._by_partition([user.id for user in users])
        found = await asyncio.gather(*map(ask, parts))
        return {
            user_id: _STATUSES[letter]
            for part, answer in zip(parts.values(), found, strict=True)
            for user_id, letter in zip(part, answer, strict=True)
            if letter
        }

    async def _there(self, user_id: UserId) -> User:
        user = await self.get(user_id)
        if user is None:
            raise NoSuchUser(user_id)
        return user

    async def _known(self, user_id: UserId) -> Known | None:
        raw = await self._database.command("GET", self._keys.user(user_id))
        return decode_user(user_id, raw) if raw else None

    def _by_partition(self, user_ids: Sequence[UserId]) -> _Parts:
        parts: _Parts = {}
        for user_id in user_ids:
            parts.setdefault(self._keys.partition_of_user(user_id), []).append(user_id)
        return parts
