"""What people are called, for those who only have their ids: audit entries, ended sessions.

Names live in the directory and are put beside the ids when something is read, so that a person who
is erased is called by their name nowhere any more. One who was deleted keeps their last name, in a
hash of its own (`gone`), until they are erased.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from sidecar.core.audit import Actor
from sidecar.core.users import UserId, canonical_name
from sidecar.store.database import Database


class _Called(msgspec.Struct):
    n: str


_read = msgspec.json.Decoder(_Called).decode


class Names:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def of(self, user_ids: Iterable[str]) -> Mapping[str, str]:
        """Return the name of each who has or had one, all asked for together."""
        wanted = [UserId(user_id) for user_id in dict.fromkeys(user_ids) if user_id]
        if not wanted:
            return {}
        raw = await self._database.read_all(("GET", self._keys.user(each)) for each in wanted)
        names = {
            str(user_id): _read(record).n
            for user_id, record in zip(wanted, raw, strict=True)
            if record
        }
        absent = [user_id for user_id in wanted if user_id not in names]
        if absent:
            gone = await self._database.read_all(
                ("HGET", self._keys.gone(self._keys.partition_of_user(each)), each)
                for each in absent
            )
            for user_id, called in zip(absent, gone, strict=True):
                if called:
                    names[user_id] = called.decode().partition("\0")[0]
        return names

    async def last_of(self, name: str) -> UserId | None:
        """Return who had a name last, of those who were deleted."""
        canonical = canonical_name(name)
        key = self._keys.gone(self._keys.partition_of_name(canonical))
        found = await self._database.command("HGET", key, f"={canonical}")
        return UserId(found.decode()) if found else None


def named(actor: Actor, names: Mapping[str, str]) -> Actor:
    """Return the actor with their name, where it is known."""
    name = names.get(actor.id)
    return replace(actor, username=name) if name else actor
