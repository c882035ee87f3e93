"""What a provider does with people by SCIM, as acts on the directory.

Whoever is switched off there is banned here, which ends every session in the same step. Only a ban
that came that way is lifted that way: one that an administrator set stays. Nobody gets a password
or a role by this, and no name is changed: names are what people are known by here.
"""

from sidecar.clients.scim_paths import Unreadable, read_filter
from sidecar.clients.scim_shapes import (
    Json,
    Said,
    ScimRefused,
    read_patch,
    read_user,
    write_list,
    write_user,
    wrong_value,
)
from sidecar.core.audit import Actor
from sidecar.core.directory import Directory
from sidecar.core.people import EVERYBODY, PersonChange
from sidecar.core.ports import LastOwner, NoSuchUser, UserExists
from sidecar.core.users import Role, User, UserId, canonical_name, name_fault

MOST = 200
_ALL = Role.OWNER
"""Of the highest role whom a provider may switch off. The last owner always stays."""


class ScimUsers:
    """here: the address of all of this. Methods raise ScimRefused, and StoreUnavailable."""

    def __init__(self, directory: Directory, here: str) -> None:
        self._directory = directory
        self.here = here

    async def create(self, document: object, actor: Actor) -> Json:
        said = read_user(document)
        name = said.user_name or ""
        if name_fault(name) is not None:
            raise wrong_value("userName")
        try:
            user = await self._directory.add(
                name,
                "",
                Role.USER,
                actor,
                highest=_ALL,
                email=said.email or "",
                display_name=said.shown_name or "",
                external_id=said.external_id or "",
            )
        except UserExists:
            raise ScimRefused(409, "uniqueness", "Somebody has this userName.") from None
        if said.active is False:
            user = await self._switched(user, actor, on=False)
        return self._shown(user)

    async def get(self, user_id: str) -> Json:
        return self._shown(await self._there(user_id))

    async def find(self, wanted: str | None, start: int, count: int) -> Json:
        """Return a page of people; wanted: a filter."""
        start, count = max(start, 1), min(max(count, 0), MOST)
        if wanted is None:
            page = await self._directory.list(EVERYBODY, start - 1, count)
            return write_list([self._shown(user) for user in page.users], page.total, start)
        found = sorted(await self._matching(wanted), key=lambda user: user.id)
        shown = [self._shown(user) for user in found[start - 1 : start - 1 + count]]
        return write_list(shown, len(found), start)

    async def replace(self, user_id: str, document: object, actor: Actor) -> Json:
        """Make a person what the document says; what it leaves out is taken away."""
        said = read_user(document)
        whole = PersonChange(
            display_name=said.shown_name or "",
            email=said.email or "",
            external_id=said.external_id or "",
        )
        return await self._change(user_id, said, whole, actor)

    async def patch(self, user_id: str, document: object, actor: Actor) -> Json:
        said = read_patch(document)
        part = PersonChange(
            display_name=said.shown_name, email=said.email, external_id=said.external_id
        )
        return await self._change(user_id, said, part, actor)

    async def delete(self, user_id: str, actor: Actor) -> None:
        user = await self._there(user_id)
        try:
            await self._directory.delete(user.id, actor, highest=_ALL)
        except (NoSuchUser, LastOwner) as refused:
            raise _refusal(refused) from None

    async def _change(self, user_id: str, said: Said, change: PersonChange, actor: Actor) -> Json:
        user = await self._there(user_id)
        same = canonical_name(user.username)
        if said.user_name is not None and canonical_name(said.user_name) != same:
            raise ScimRefused(400, "mutability", "userName cannot be changed.")
        if said.active is not None:  # first: it ends what is open
            user = await self._switched(user, actor, on=said.active)
        try:
            user = await self._directory.change(user.id, change, actor, highest=_ALL)
        except NoSuchUser as gone:
            raise _refusal(gone) from None
        return self._shown(user)

    async def _switched(self, user: User, actor: Actor, *, on: bool) -> User:
        try:
            if on:
                return await self._directory.reactivate(user.id, actor)
            return await self._directory.deactivate(user.id, actor)
        except (NoSuchUser, LastOwner) as refused:
            raise _refusal(refused) from None

    async def _matching(self, wanted: str) -> list[User]:
        try:
            name, value = read_filter(wanted)
        except Unreadable:
            raise _no_filter() from None
        match name:
            case ("username", ""):
                known = await self._directory.find(value)
                return [known.user] if known is not None else []
            case ("id", ""):
                user = await self._directory.get(UserId(value))
                return [user] if user is not None else []
            case ("externalid", ""):
                return list(await self._directory.having("external_id", value))
            case ("emails", "" | "value"):
                return list(await self._directory.having("email", value))
        raise _no_filter()

    async def _there(self, user_id: str) -> User:
        user = await self._directory.get(UserId(user_id))
        if user is None:
            raise _refusal(NoSuchUser(user_id))
        return user

    def _shown(self, user: User) -> Json:
        return write_user(user, self.here)


def _no_filter() -> ScimRefused:
    known = 'Filters are userName, externalId, emails or id, and eq "value".'
    return ScimRefused(400, "invalidFilter", known)


def _refusal(what: Exception) -> ScimRefused:
    if isinstance(what, LastOwner):
        return ScimRefused(409, "", "Nobody else is an owner who may sign in: there must be one.")
    return ScimRefused(404, "", "Nobody of this id.")
