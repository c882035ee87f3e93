"""The people: who there is, a new one, a change, the end."""

from collections.abc import Sequence

from msgspec import UNSET

from sidecar.admin.answers import UserList
from sidecar.admin.checks import check_name, check_password, check_person
from sidecar.admin.desk import Desk
from sidecar.admin.given import NewUserBody, UserChangeBody, UsersQuery
from sidecar.core.audit import Action
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.passwords import context_words
from sidecar.core.people import PeopleFilter, PersonChange
from sidecar.core.shapes import UserShape, user_shape
from sidecar.core.users import Role, User, UserId


async def list_users(desk: Desk, _: Caller, query: UsersQuery) -> UserList:
    """People in the order of their names."""
    which = PeopleFilter(
        prefix=query.q if query.q is not UNSET else "",
        role=Role.parse(query.role) if query.role is not UNSET else None,
        status=query.status if query.status is not UNSET else None,
    )
    page = await desk.directory.list(which, query.offset, query.limit)
    return UserList(
        items=await shown(desk, page.users),
        total=page.total,
        limit=query.limit,
        offset=query.offset,
    )


async def show_user(desk: Desk, _: Caller, user_id: str) -> UserShape:
    """One person."""
    return await shown_one(desk, await there(desk, user_id))


async def create_user(desk: Desk, caller: Caller, body: NewUserBody) -> UserShape:
    """Add a person. To give a role above `user` is to change a role: the proof has to be fresh."""
    policy, role = desk.policy(), Role.parse(body.role)
    check_name(body.username)
    check_person(body.display_name, body.email, body.groups)
    about = context_words(desk.public_url, body.username, body.email)
    check_password("password", body.password, policy, *about)
    if role > Role.USER:
        caller.must_be_fresh(desk.clock.now(), policy.step_up.roles)
    hashed = await desk.passwords.hash_password(body.password)
    await caller.confirm()
    user = await desk.directory.add(
        body.username,
        hashed,
        role,
        caller.actor,
        highest=caller.role,
        email=body.email,
        display_name=body.display_name,
        groups=body.groups,
    )
    return await shown_one(desk, user)


async def change_user(desk: Desk, caller: Caller, user_id: str, body: UserChangeBody) -> UserShape:
    """Change what is given. Another role, or a group less, ends the person's sessions."""
    check_person(body.display_name, body.email, body.groups)
    user = await there(desk, user_id)
    role = Role.parse(body.role) if body.role is not UNSET else None
    if role is user.role:
        role = None
    if role is not None:
        within = desk.policy().step_up.roles
        caller.must_be_fresh(desk.clock.now(), within, Action.USER_ROLE_CHANGED)
    change = PersonChange(
        role=role,
        display_name=body.display_name if body.display_name is not UNSET else None,
        email=body.email if body.email is not UNSET else None,
        groups=body.groups if body.groups is not UNSET else None,
    )
    changed = await desk.directory.change(user.id, change, caller.actor, highest=caller.role)
    return await shown_one(desk, changed)


async def delete_user(desk: Desk, caller: Caller, user_id: str) -> UserShape:
    """Delete a person and end their sessions; the answer is who they were."""
    user = await there(desk, user_id)
    answer = await shown_one(desk, user)
    await desk.directory.delete(user.id, caller.actor, highest=caller.role)
    return answer


async def there(desk: Desk, user_id: str) -> User:
    """Return the person. Raises CallRefused (not_found)."""
    user = await desk.directory.get(UserId(user_id))
    if user is None:
        raise CallRefused("not_found")
    return user


async def shown(desk: Desk, users: Sequence[User]) -> tuple[UserShape, ...]:
    """Return people as the contract shows them: with status and the count of live sessions. Who was
    deleted since they were read is left out."""
    if not users:
        return ()
    statuses = await desk.directory.statuses(users)
    counts = await desk.lists.of_users([user.id for user in users])
    return tuple(
        user_shape(user, statuses[user.id], counts[user.id])
        for user in users
        if user.id in statuses
    )


async def shown_one(desk: Desk, user: User) -> UserShape:
    """Return one person likewise. Raises CallRefused (not_found)."""
    shapes = await shown(desk, (user,))
    if not shapes:
        raise CallRefused("not_found")
    return shapes[0]
