"""The people. Implements the port `Directory`; one script for each act (`user_acts.py`)."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.people import PersonChange
from sidecar.core.policy import Policy
from sidecar.core.ports import NoSuchUser, SessionMetrics, UserExists
from sidecar.core.provided import Account
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import Role, User, UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import from_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.erasure import Erasure
from sidecar.store.password_resets import PasswordResets
from sidecar.store.people import decode_user, encode_user
from sidecar.store.people_reads import PeopleReads
from sidecar.store.user_acts import UserActs

_NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)
_ROLES = [role.word for role in Role]
_NAMES = {"d": "displayName", "e": "email", "g": "groups", "xi": "externalId"}
DEACTIVATED = "switched off by the directory"


class Users(PeopleReads, PasswordResets, Erasure):
    """Every method raises StoreUnavailable when Redis did not answer.

    policy: for the limits of the sessions that a change ends, and for when a name is locked.
    """

    def __init__(
        self, database: Database, policy: Callable[[], Policy], metrics: SessionMetrics
    ) -> None:
        acts = UserActs(database, policy, metrics)
        PeopleReads.__init__(self, database)
        PasswordResets.__init__(self, database, acts)
        Erasure.__init__(self, database.keys, acts)
        self._policy = policy
        self._acts = acts

    async def add(
        self,
        username: str,
        password_hash: str,
        role: Role,
        actor: Actor,
        *,
        highest: Role,
        email: str = "",
        display_name: str = "",
        groups: tuple[str, ...] = (),
        must_change: bool = False,
        account: Account | None = None,
        external_id: str = "",
    ) -> User:
        """Add a person. Raises UserExists, Outranked. The name is kept without outer blanks."""
        name = canonical_name(username)
        user = User(
            self._new_id(name),
            username.strip(),
            role,
            _NOT_YET,
            display_name,
            email,
            groups,
            must_change_password=must_change,
            external_id=external_id,
        )
        entry = AuditEntry(
            Action.USER_CREATED,
            actor,
            Target(user.id, user.username),
            details={"role": role.word},
        )
        given = {
            "canonical": name,
            "counter": self._keys.failures(name),
            "threshold": self._policy().lockout.failures,
        }
        stored = await self._acts.run(
            scripts.USER_ADD,
            user.id,
            entry,
            given,
            highest=highest,
            more=[encode_user(user, password_hash, account)],
        )
        if stored is None:
            raise UserExists(username)
        await self._acts.settle(user.id)
        return _changed(user.id, stored)

    async def change(
        self, user_id: UserId, change: PersonChange, actor: Actor, *, highest: Role
    ) -> User:
        """Change what is given and differs. Raises NoSuchUser, Outranked, LastOwner."""
        role = change.role
        fields: dict[str, Any] = {
            "r": None if role is None else int(role),
            "d": change.display_name,
            "e": change.email,
            "g": None if change.groups is None else "\n".join(change.groups),
            "xi": change.external_id,
        }
        role_entry = AuditEntry(Action.USER_ROLE_CHANGED, actor, Target(user_id))
        updated = replace(role_entry, action=Action.USER_UPDATED)
        given = {
            "set": {name: value for name, value in fields.items() if value is not None},
            "names": _NAMES,
            "roles": _ROLES,
            "raised_ends": self._policy().ends_by(Ended.ROLE_CHANGED),
            "role_entry": entry_fields(role_entry),
            "updated": entry_fields(updated),
        }
        stored = await self._acts.run(
            scripts.USER_EDIT,
            user_id,
            role_entry,
            given,
            highest=highest,
            ends=Ended.ROLE_CHANGED,
            becomes=None if role is None else lambda user: replace(user, role=role),
        )
        return _changed(user_id, stored)

    async def ban(
        self,
        user_id: UserId,
        actor: Actor,
        reason: str,
        until: datetime | None = None,
        *,
        highest: Role,
    ) -> User:
        return await self._ban(user_id, actor, reason, until, highest)

    async def _ban(
        self,
        user_id: UserId,
        actor: Actor,
        reason: str,
        until: datetime | None,
        highest: Role,
        *,
        unless_banned: bool = False,
    ) -> User:
        fields: dict[str, Any] = {"b": 1, "br": reason}
        if until is not None:
            fields["bu"] = to_ms(until)
        details = {"until": until.isoformat()} if until else {}
        entry = AuditEntry(
            Action.USER_BANNED, actor, Target(user_id), reason=reason, details=details
        )
        given = {
            "set": fields,
            "clear": [] if until else ["bu"],
            "always": True,
            "unless_banned": unless_banned,
        }
        exactly = from_ms(fields["bu"]) if until else None
        stored = await self._acts.run(
            scripts.USER_CHANGE,
            user_id,
            entry,
            given,
            highest=highest,
            ends=Ended.BANNED,
            becomes=lambda user: replace(user, banned=True, banned_until=exactly),
        )
        return _changed(user_id, stored)

    async def deactivate(self, user_id: UserId, actor: Actor) -> User:
        return await self._ban(user_id, actor, DEACTIVATED, None, Role.OWNER, unless_banned=True)

    async def reactivate(self, user_id: UserId, actor: Actor) -> User:
        return await self.unban(user_id, actor, highest=Role.OWNER, banned_for=DEACTIVATED)

    async def unban(
        self, user_id: UserId, actor: Actor, *, highest: Role, banned_for: str | None = None
    ) -> User:
        """Lift a ban. One who is not banned stays as they are, without an entry.

        banned_for: only one for this reason.
        """
        entry = AuditEntry(Action.USER_UNBANNED, actor, Target(user_id))
        given: dict[str, Any] = {
            "set": {},
            "clear": ["b", "br", "bu"],
            "banned_for": banned_for,
        }
        stored = await self._acts.run(scripts.USER_CHANGE, user_id, entry, given, highest=highest)
        await self._acts.settle(user_id)
        return _changed(user_id, stored)

    async def unlock(self, user_id: UserId, actor: Actor, *, highest: Role) -> User:
        """Forget their failed sign-ins. One who was not locked gets no entry."""
        user = await self._there(user_id)
        name = canonical_name(user.username)
        entry = AuditEntry(Action.USER_UNLOCKED, actor, Target(user_id, user.username))
        given = {
            "counter": self._keys.failures(name),
            "canonical": name,
            "threshold": self._policy().lockout.failures,
        }
        if not await self._acts.run(scripts.UNLOCK, user_id, entry, given, highest=highest):
            raise NoSuchUser(user_id)
        return user

    async def set_password(
        self,
        user_id: UserId,
        password_hash: str,
        actor: Actor,
        *,
        highest: Role,
        must_change: bool = False,
    ) -> User:
        entry = AuditEntry(Action.USER_PASSWORD_CHANGED, actor, Target(user_id))
        fields = {"p": password_hash, **({"m": 1} if must_change else {})}
        given = {"set": fields, "clear": [] if must_change else ["m"]}
        stored = await self._acts.run(
            scripts.USER_CHANGE,
            user_id,
            entry,
            given,
            highest=highest,
            ends=Ended.PASSWORD_CHANGED,
        )
        return _changed(user_id, stored)

    async def change_password(
        self, user: User, password_hash: str, actor: Actor, *, keep: Handle
    ) -> bool:
        ended = Ended.PASSWORD_CHANGED
        entry = AuditEntry(Action.USER_PASSWORD_CHANGED, actor, Target(user.id))
        given = {
            "set": {"p": password_hash},
            "clear": ["m"],
            "keep": keep,
            "number": user.password_number,
        }
        stored = await self._acts.run(
            scripts.USER_CHANGE,
            user.id,
            entry,
            given,
            highest=None,
            ends=ended if self._policy().ends_by(ended) else None,
        )
        return stored is not None

    async def rehash(self, user_id: UserId, old: str, new: str) -> None:
        keys = [self._keys.user(user_id)]
        await self._database.run_on(scripts.USER_REHASH, keys, old, new)

    async def delete(self, user_id: UserId, actor: Actor, *, highest: Role) -> None:
        entry = AuditEntry(Action.USER_DELETED, actor, Target(user_id))
        await self._acts.run(
            scripts.USER_DELETE,
            user_id,
            entry,
            {},
            highest=highest,
            ends=Ended.USER_DELETED,
            becomes=lambda _: None,
        )

    def _new_id(self, name: str) -> UserId:
        """Draw an id that falls into the partition of the name, so that one script does both."""
        wanted = self._keys.partition_of_name(name)
        while True:
            user_id = UserId(secrets.token_urlsafe(12))
            # Not with a dash first: on a command line that begins an option.
            if user_id[0] != "-" and self._keys.partition_of_user(user_id) == wanted:
                return user_id


def _changed(user_id: UserId, stored: bytes | None) -> User:
    if stored is None:
        raise NoSuchUser(user_id)
    return decode_user(user_id, stored).user
