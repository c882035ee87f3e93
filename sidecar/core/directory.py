"""The port to the people: who there is, and each change as one atomic step.

Every change writes its audit entry and its event in the same step, and ends sessions in it where
that follows. `highest` is the role of whoever acts: nobody changes a person of a higher role and
nobody grants one above their own. The step itself decides that, so that no role can change between
the question and the act; a refused one raises Outranked or LastOwner and is audited in that step
too, with the outcome `refused`. Every method raises StoreUnavailable when the store is silent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from sidecar.core.audit import Actor
from sidecar.core.people import PeopleFilter, PeoplePage, PersonChange, ResetLink
from sidecar.core.ports import Known
from sidecar.core.provided import Account
from sidecar.core.session import Handle
from sidecar.core.users import Role, Status, User, UserId


class Outranked(Exception):
    """The person, or the role to be granted, is above that of whoever acts. It is audited."""


class Directory(Protocol):
    """The people. All methods that change one raise NoSuchUser, and Outranked."""

    async def find(self, username: str) -> Known | None:
        """Return who has this name, in whatever spelling."""
        ...

    async def get(self, user_id: UserId) -> User | None: ...
    async def get_many(self, user_ids: Sequence[UserId]) -> Mapping[UserId, User]:
        """Return those of them that there are."""
        ...

    async def list(self, which: PeopleFilter, offset: int, limit: int) -> PeoplePage:
        """Return people in the order of their names. The total is exact."""
        ...

    async def count(self, which: PeopleFilter) -> int: ...
    async def having(self, what: Literal["email", "external_id"], value: str) -> Sequence[User]:
        """Return everybody whose that is; of addresses, in whatever case."""
        ...

    async def statuses(self, users: Sequence[User]) -> Mapping[UserId, Status]:
        """Say what each of them is now: a ban is named before a lock."""
        ...

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
        """Raises UserExists. must_change: as in `set_password`. account: theirs at a provider."""
        ...

    async def change(
        self, user_id: UserId, change: PersonChange, actor: Actor, *, highest: Role
    ) -> User:
        """Change what is given and differs; nothing differs: nothing happens, without an entry.

        Another role, or a group that is lost, ends every session (role_changed). Entries:
        user.role_changed with from and to, user.updated with the names of the fields. Raises
        LastOwner.
        """
        ...

    async def ban(
        self,
        user_id: UserId,
        actor: Actor,
        reason: str,
        until: datetime | None = None,
        *,
        highest: Role,
    ) -> User:
        """Ends every session (banned). Raises LastOwner."""
        ...

    async def unban(self, user_id: UserId, actor: Actor, *, highest: Role) -> User:
        """One who is not banned stays as they are, without an entry."""
        ...

    async def deactivate(self, user_id: UserId, actor: Actor) -> User:
        """The provider that keeps people up to date has switched them off: a ban without an end.

        Ends every session (banned). One who is banned without an end stays as they are, without an
        entry. Raises LastOwner.
        """
        ...

    async def reactivate(self, user_id: UserId, actor: Actor) -> User:
        """Lift a ban that came by `deactivate`; any other stays, without an entry."""
        ...

    async def unlock(self, user_id: UserId, actor: Actor, *, highest: Role) -> User:
        """Forget their failed sign-ins. One who was not locked gets no entry."""
        ...

    async def set_password(
        self,
        user_id: UserId,
        password_hash: str,
        actor: Actor,
        *,
        highest: Role,
        must_change: bool = False,
    ) -> User:
        """Ends every session (password_changed), and any link to reset it.

        must_change: it opens no session, only the page to set another one.
        """
        ...

    async def change_password(
        self, user: User, password_hash: str, actor: Actor, *, keep: Handle
    ) -> bool:
        """The person themselves sets another one, in the session `keep`: it stays, every other one
        ends (password_changed), and so does any link to reset it.

        user: as they were when the old password was proved. False, and nothing is changed, if it is
        not theirs any more or the session has ended meanwhile.
        """
        ...

    async def rehash(self, user_id: UserId, old: str, new: str) -> None:
        """Replace the stored hash by one with newer parameters, if it is still `old`."""
        ...

    async def delete(self, user_id: UserId, actor: Actor, *, highest: Role) -> None:
        """Ends every session (user_deleted). Raises LastOwner."""
        ...

    async def erase(self, user_id: UserId, actor: Actor, *, highest: Role) -> User | None:
        """Take away all that says who they are, and end every session (user_deleted). What is left
        is their id with a name that says nothing; None: they had been deleted. Raises LastOwner."""
        ...

    async def begin_reset(self, user_id: UserId, actor: Actor, *, highest: Role) -> ResetLink:
        """Make a link with which the person sets a new password; one made before is void."""
        ...

    async def resetting(self, token: str) -> User | None:
        """Say whose link this is; None for one that is used, replaced, expired or none of ours."""
        ...

    async def finish_reset(self, token: str, password_hash: str, ip_address: str) -> User | None:
        """Use the link up and set the password: the person themselves acts, from this address.

        Ends every session (password_changed), lifts a lock. None as in `resetting`.
        """
        ...
