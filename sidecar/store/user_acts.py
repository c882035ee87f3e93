"""One act on a person: its script, what it says, and what must be done beside it.

The last owner is the script's to keep where it can, else a step before it (`owners.py`). What was
refused is audited by the script; only where that step refuses is it audited here, at once after.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sidecar.core.audit import AuditEntry
from sidecar.core.directory import Outranked
from sidecar.core.policy import Policy
from sidecar.core.ports import LastOwner, NoSuchUser, SessionMetrics
from sidecar.core.reasons import Ended
from sidecar.core.users import Role, User, UserId
from sidecar.store import scripts
from sidecar.store.audit import Audit, entry_fields
from sidecar.store.codec import span_ms
from sidecar.store.database import Database
from sidecar.store.owners import Owners
from sidecar.store.people import decode_user
from sidecar.store.sessions import TOMBSTONE_LEAST, bulk_entry, limits_of_roles


class UserActs:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(
        self, database: Database, policy: Callable[[], Policy], metrics: SessionMetrics
    ) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._metrics = metrics
        self._owners = Owners(database)
        self._audit = Audit(database)

    async def run(
        self,
        script: scripts.Script,
        user_id: UserId,
        entry: AuditEntry,
        given: dict[str, Any],
        *,
        highest: Role | None,
        ends: Ended | None = None,
        becomes: Callable[[User], User | None] | None = None,
        more: Sequence[bytes] = (),
    ) -> bytes | None:
        """Run the script; return the person as they are now, or None if it was for a stale link.

        highest: the role of whoever acts; None: the person themselves. ends: why sessions end that
        it ends. becomes: what the person would be, as far as being an owner goes; None if that
        stays. Raises NoSuchUser, Outranked, LastOwner.
        """
        owners = self._owners.key_for(user_id)
        if becomes is not None and not owners:
            await self._leave(user_id, entry, highest, becomes)
        given = {
            **given,
            "user": user_id,
            "highest": None if highest is None else int(highest),
            "owners": owners,
            "entry": entry_fields(entry),
            "reason": ends.value if ends else None,
            "ended": entry_fields(bulk_entry(ends, entry.actor, user_id)) if ends else None,
            "limits": limits_of_roles(self._policy()),
            "tombstone": span_ms(TOMBSTONE_LEAST),
        }
        partition = self._keys.partition_of_user(user_id)
        answer = await self._database.run(
            script, partition, given, *more, keys=[owners] if owners else []
        )
        if becomes is not None:
            await self.settle(user_id)
        said, *rest = answer
        if said == b"changed":
            self._count(ends, rest[1:])
            return bytes(rest[0])
        match said:
            case b"missing":
                raise NoSuchUser(user_id)
            case b"outranked":
                raise Outranked(user_id)
            case b"last_owner":
                raise LastOwner(user_id)
            case _:
                return None

    async def settle(self, user_id: UserId) -> None:
        """Note whether a person is an owner now, unless the script did."""
        await self._owners.settle(user_id)

    async def _leave(
        self,
        user_id: UserId,
        entry: AuditEntry,
        highest: Role | None,
        becomes: Callable[[User], User | None],
    ) -> None:
        """Take an owner out who will be none.

        Not before it is known that whoever acts may: the script refuses those who may not.
        """
        raw = await self._database.command("GET", self._keys.user(user_id))
        if not raw:
            return
        user = decode_user(user_id, raw).user
        if highest is not None and user.role > highest:
            return
        try:
            await self._owners.leave(user, becomes(user))
        except LastOwner:
            details = {**entry.details, **({"note": entry.reason} if entry.reason else {})}
            target = replace(entry.target, username=user.username)
            refused = replace(
                entry,
                target=target,
                count=0,
                outcome="refused",
                reason="last_owner",
                details=MappingProxyType(details),
            )
            await self._audit.write(refused)
            raise

    def _count(self, ends: Ended | None, rest: Sequence[Any]) -> None:
        count, *expired = rest or (0,)
        if ends and count:
            self._metrics.ended(ends.value, int(count))
        for word in expired:
            self._metrics.ended(word.decode())
