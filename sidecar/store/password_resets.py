"""Links to set a new password: made by an admin or after the old one, used once by the person.

What is kept of a link is `<hash of its secret>`, and behind it, after a blank, the id of the admin
who made it: who is none any more leaves no links behind to take accounts over with.
"""

from typing import NamedTuple

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry, Target
from sidecar.core.people import RESET_LASTS, ResetLink
from sidecar.core.ports import NoSuchUser
from sidecar.core.reasons import Ended
from sidecar.core.users import Role, Status, User, UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.codec import from_ms, span_ms
from sidecar.store.database import Database
from sidecar.store.people import decode_user
from sidecar.store.people_reads import PeopleReads
from sidecar.store.reset_links import new_reset_token, read_reset_token
from sidecar.store.user_acts import UserActs


class _Found(NamedTuple):
    """kept: the link as the store has it."""

    user: User
    kept: str


class PasswordResets:
    """The part of `Users` that is about links. Raises StoreUnavailable when Redis is silent."""

    def __init__(self, database: Database, acts: UserActs) -> None:
        self._base = database
        self._resets = acts

    async def begin_reset(self, user_id: UserId, actor: Actor, *, highest: Role) -> ResetLink:
        """Make a link; one made before is void. Raises NoSuchUser, Outranked."""
        token = new_reset_token(user_id)
        read = read_reset_token(token)
        if read is None:
            raise NoSuchUser(user_id)
        entry = AuditEntry(Action.USER_PASSWORD_RESET_STARTED, actor, Target(user_id))
        by_admin = actor.kind is ActorKind.USER and actor.id != user_id
        kept = f"{read.secret_hash} {actor.id}" if by_admin else read.secret_hash
        given = {"hash": kept, "lasts": span_ms(RESET_LASTS)}
        until = await self._resets.run(scripts.USER_RESET, user_id, entry, given, highest=highest)
        if until is None:
            raise NoSuchUser(user_id)
        return ResetLink(token, from_ms(int(until)))

    async def resetting(self, token: str) -> User | None:
        """Say whose link this is; None for one that cannot be used."""
        found = await self._find(token)
        return found.user if found else None

    async def _find(self, token: str) -> _Found | None:
        read = read_reset_token(token)
        if read is None:
            return None
        keys = self._base.keys
        link, raw = await self._base.command(
            "MGET", keys.reset_link(read.user_id), keys.user(read.user_id)
        )
        if raw is None or link is None:
            return None
        kept, user = link.decode("ascii"), decode_user(read.user_id, raw).user
        secret_hash, _, maker = kept.partition(" ")
        if secret_hash != read.secret_hash or (maker and not await self._may(maker, user)):
            return None
        return _Found(user, kept)

    async def _may(self, maker: str, user: User) -> bool:
        """Say whether who made a link could make it still."""
        people = PeopleReads(self._base)
        admin = await people.get(UserId(maker))
        if admin is None or admin.role < max(Role.ADMIN, user.role):
            return False
        statuses = await people.statuses([admin])
        return statuses.get(admin.id, Status.BANNED) is not Status.BANNED

    async def finish_reset(self, token: str, password_hash: str, ip_address: str) -> User | None:
        """Use the link up and set the password; None for one that cannot be used."""
        found = await self._find(token)
        if found is None:
            return None
        user = found.user
        actor = Actor(ActorKind.USER, user.id, user.username, ip_address)
        entry = AuditEntry(
            Action.USER_PASSWORD_CHANGED, actor, Target(user.id), details={"by": "reset_link"}
        )
        given = {
            "set": {"p": password_hash},
            "clear": ["m"],
            "reset": found.kept,
            "counter": self._base.keys.failures(canonical_name(user.username)),
        }
        stored = await self._resets.run(
            scripts.USER_CHANGE,
            user.id,
            entry,
            given,
            highest=None,
            ends=Ended.PASSWORD_CHANGED,
        )
        return decode_user(user.id, stored).user if stored is not None else None
