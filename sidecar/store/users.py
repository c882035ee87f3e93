"""The people. Implements the port `Directory`; one script for each change."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.policy import Policy
from sidecar.core.ports import Known, LastOwner, NoSuchUser, SessionMetrics, UserExists
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import Role, User, UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import from_ms, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.owners import Owners
from sidecar.store.people import decode_user, encode_user
from sidecar.store.sessions import TOMBSTONE_LEAST, bulk_entry, limits_of_roles

_NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)


class Users:
    """Every method raises StoreUnavailable when Redis did not answer.

    policy: for the limits of the sessions that a change ends.
    """

    def __init__(
        self, database: Database, policy: Callable[[], Policy], metrics: SessionMetrics
    ) -> None:
        self._database = database
        self._keys = database.keys
        self._policy = policy
        self._metrics = metrics
        self._owners = Owners(database)

    async def find(self, username: str) -> Known | None:
        """Return who has this name, in whatever spelling."""
        name = canonical_name(username)
        answer = await self._database.command("GET", self._keys.name(name))
        return await self._known(UserId(answer.decode())) if answer else None

    async def get(self, user_id: UserId) -> User | None:
        known = await self._known(user_id)
        return known.user if known else None

    async def list(self, offset: int, limit: int) -> tuple[Sequence[User], int]:
        """Return people in the order of their names, and how many there are."""
        parts = range(self._keys.partitions)
        command = self._database.command
        last = offset + limit - 1
        found = await asyncio.gather(
            *(command("ZRANGE", self._keys.users(part), 0, last) for part in parts),
            *(command("ZCARD", self._keys.users(part)) for part in parts),
        )
        members = sorted(member for part in found[: len(parts)] for member in part)
        wanted = [UserId(m.rpartition(b"\0")[2].decode()) for m in members[offset : last + 1]]
        people = await asyncio.gather(*map(self._known, wanted))
        return [known.user for known in people if known], sum(map(int, found[len(parts) :]))

    async def add(
        self,
        username: str,
        password_hash: str,
        role: Role,
        actor: Actor,
        *,
        email: str = "",
        display_name: str = "",
        groups: tuple[str, ...] = (),
    ) -> User:
        """Add a person. Raises UserExists. The name is shown as given, without outer blanks."""
        name = canonical_name(username)
        user = User(
            self._new_id(name), username.strip(), role, _NOT_YET, display_name, email, groups
        )
        target = Target(user.id, user.username)
        entry = AuditEntry(Action.USER_CREATED, actor, target, details={"role": role.word})
        owners = self._owners.key_for(user.id)
        given = {
            "user": user.id,
            "canonical": name,
            "owners": owners,
            "entry": entry_fields(entry),
        }
        partition = self._keys.partition_of_user(user.id)
        stored = encode_user(user, password_hash)
        answer = await self._database.run(
            scripts.USER_ADD, partition, given, stored, keys=[owners] if owners else []
        )
        if not answer:
            raise UserExists(username)
        added = decode_user(user.id, answer).user
        await self._owners.note(added)
        return added

    async def ban(
        self, user_id: UserId, actor: Actor, reason: str, until: datetime | None = None
    ) -> User:
        fields: dict[str, Any] = {"b": 1, "br": reason}
        if until is not None:
            fields["bu"] = to_ms(until)
        details = {"until": until.isoformat()} if until else {}
        entry = AuditEntry(
            Action.USER_BANNED, actor, Target(user_id), reason=reason, details=details
        )
        cleared = () if until else ("bu",)
        return await self._change(user_id, entry, fields, cleared, ends=Ended.BANNED)

    async def unban(self, user_id: UserId, actor: Actor) -> User:
        """Lift a ban. One who is not banned stays as they are, without an entry."""
        user = await self._there(user_id)
        if not user.banned:
            return user
        entry = AuditEntry(Action.USER_UNBANNED, actor, Target(user_id))
        return await self._change(user_id, entry, {}, ("b", "br", "bu"))

    async def set_role(self, user_id: UserId, role: Role, actor: Actor) -> User:
        """Give another role. The same role changes nothing and ends nothing."""
        user = await self._there(user_id)
        if user.role is role:
            return user
        details = {"from": user.role.word, "to": role.word}
        entry = AuditEntry(Action.USER_ROLE_CHANGED, actor, Target(user_id), details=details)
        return await self._change(user_id, entry, {"r": int(role)}, ends=Ended.ROLE_CHANGED)

    async def set_password(
        self, user_id: UserId, password_hash: str, actor: Actor, keep: Handle | None = None
    ) -> User:
        entry = AuditEntry(Action.USER_PASSWORD_CHANGED, actor, Target(user_id))
        fields = {"p": password_hash}
        ends = Ended.PASSWORD_CHANGED
        return await self._change(user_id, entry, fields, ("m",), ends=ends, keep=keep)

    async def rehash(self, user_id: UserId, old: str, new: str) -> None:
        keys = [self._keys.user(user_id)]
        await self._database.run_on(scripts.USER_REHASH, keys, old, new)

    async def delete(self, user_id: UserId, actor: Actor) -> None:
        entry = AuditEntry(Action.USER_DELETED, actor, Target(user_id))
        await self._change(user_id, entry, None, ends=Ended.USER_DELETED)

    async def _change(
        self,
        user_id: UserId,
        entry: AuditEntry,
        fields: dict[str, Any] | None,
        cleared: Sequence[str] = (),
        *,
        ends: Ended | None = None,
        keep: Handle | None = None,
    ) -> User:
        """Change `fields` of a person, or delete the person when it is None."""
        owners = self._owners.key_for(user_id)
        given = {
            "user": user_id,
            "set": fields,
            "clear": list(cleared),
            "owners": owners,
            "entry": entry_fields(entry),
            "reason": ends.value if ends else None,
            "keep": keep,
            "ended": entry_fields(bulk_entry(ends, entry.actor, user_id)) if ends else None,
            "limits": limits_of_roles(self._policy()),
            "tombstone": span_ms(TOMBSTONE_LEAST),
        }
        script = scripts.USER_DELETE if fields is None else scripts.USER_CHANGE
        if not owners:
            known = await self._known(user_id)
            if known is not None:
                await self._owners.leave(known.user, _changed(known.user, fields, cleared))
        partition = self._keys.partition_of_user(user_id)
        answer = await self._database.run(script, partition, given, keys=[owners] if owners else [])
        if answer[0] == b"missing":
            raise NoSuchUser(user_id)
        if answer[0] == b"last_owner":
            raise LastOwner(user_id)
        _, stored, count, *expired = answer
        if ends and count:
            self._metrics.ended(ends.value, int(count))
        for word in expired:
            self._metrics.ended(word.decode())
        user = decode_user(user_id, stored).user
        if fields is not None:
            await self._owners.note(user)
        return user

    async def _there(self, user_id: UserId) -> User:
        user = await self.get(user_id)
        if user is None:
            raise NoSuchUser(user_id)
        return user

    async def _known(self, user_id: UserId) -> Known | None:
        raw = await self._database.command("GET", self._keys.user(user_id))
        return decode_user(user_id, raw) if raw else None

    def _new_id(self, name: str) -> UserId:
        """Draw an id that falls into the partition of the name, so that one script does both."""
        wanted = self._keys.partition_of_name(name)
        while True:
            user_id = UserId(secrets.token_urlsafe(12))
            # Not with a dash first: on a command line that begins an option.
            if user_id[0] != "-" and self._keys.partition_of_user(user_id) == wanted:
                return user_id


def _changed(user: User, fields: dict[str, Any] | None, cleared: Sequence[str]) -> User | None:
    """Return the person as the change would leave them, as far as being an owner goes."""
    if fields is None:
        return None
    banned = "b" in fields or (user.banned and "b" not in cleared)
    until = from_ms(fields["bu"]) if "bu" in fields else user.banned_until
    return replace(
        user,
        role=Role(fields.get("r", user.role)),
        banned=banned,
        banned_until=None if "bu" in cleared else until,
    )
