"""The last active owner stays, on a cluster too.

`owners` is one key for all partitions. For people of its own partition the script of the change
checks and notes it (lua/owners.lua says what holds where); for the others that is done here, in
a step before the change and one after it.
"""

from sidecar.core.ports import LastOwner
from sidecar.core.users import Role, User, UserId
from sidecar.store import scripts
from sidecar.store.codec import to_ms
from sidecar.store.database import Database
from sidecar.store.people import decode_user


class Owners:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    def key_for(self, user_id: UserId) -> str:
        """Return the key if a script on this person may touch it, else an empty text."""
        return self._keys.owners if self._keys.partition_of_user(user_id) == 0 else ""

    async def leave(self, before: User, after: User | None) -> None:
        """Take an owner out before a change that makes them none. Raises LastOwner."""
        until = _active_from(after)
        if before.role is not Role.OWNER or until == 0:
            return
        instant = "" if until is None else str(until)
        keys = [self._keys.owners]
        if not await self._database.run_on(scripts.OWNER_LEAVE, keys, before.id, instant):
            raise LastOwner(before.id)

    async def settle(self, user_id: UserId) -> None:
        """Note what a person is after an act, unless the script did.

        Others may act on them at the same time, so what was noted is compared with what they are
        then, until both are the same: nobody stays noted who is no owner any more.
        """
        noted = None
        while not self.key_for(user_id):
            raw = await self._database.command("GET", self._keys.user(user_id))
            now = (_active_from(decode_user(user_id, raw).user if raw else None),)
            if now == noted:
                return
            noted, (instant,) = now, now
            if instant is None:
                await self._database.command("ZREM", self._keys.owners, user_id)
            else:
                await self._database.command("ZADD", self._keys.owners, instant, user_id)


def _active_from(user: User | None) -> int | None:
    """Return from when somebody is an active owner, epoch milliseconds; None: who knows."""
    if user is None or user.role is not Role.OWNER:
        return None
    if not user.banned:
        return 0
    return to_ms(user.banned_until) if user.banned_until else None
