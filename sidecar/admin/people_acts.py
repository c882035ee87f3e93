"""What is done to a person: ban, unlock, password. Each answers with the person as they are then,
and each is refused for somebody of a higher role (by the store, in the same step)."""

from datetime import timedelta

from sidecar.admin.answers import ResetAnswer
from sidecar.admin.checks import check_password, instant_of
from sidecar.admin.desk import Desk
from sidecar.admin.given import BanBody, PasswordBody
from sidecar.admin.people import shown_one, there
from sidecar.core.call_refusal import CallRefused, invalid
from sidecar.core.caller import Caller
from sidecar.core.passwords import context_words
from sidecar.core.shapes import UserShape, instant
from sidecar.core.users import UserId

OWN_PASSWORD = timedelta(minutes=10)
"""Whoever sets their own password here, without the current one, has to have proved it lately."""


async def ban_user(desk: Desk, caller: Caller, user_id: str, body: BanBody) -> UserShape:
    """Ban a person and end their sessions."""
    until = instant_of("until", body.until)
    if until is not None and until <= desk.clock.now():
        raise invalid("until", "Give an instant that is still to come.")
    if not body.reason.strip():
        raise invalid("reason", "Say why.")
    user = await desk.directory.ban(
        UserId(user_id), caller.actor, body.reason, until, highest=caller.role
    )
    return await shown_one(desk, user)


async def erase_user(desk: Desk, caller: Caller, user_id: str) -> UserShape:
    """Erase a person: the answer is what is left, an id with a name that says nothing."""
    user = await there(desk, user_id)
    erased = await desk.directory.erase(user.id, caller.actor, highest=caller.role)
    if erased is None:  # somebody deleted them meanwhile
        raise CallRefused("not_found")
    return await shown_one(desk, erased)


async def unban_user(desk: Desk, caller: Caller, user_id: str) -> UserShape:
    """Lift a ban."""
    user = await desk.directory.unban(UserId(user_id), caller.actor, highest=caller.role)
    return await shown_one(desk, user)


async def unlock_user(desk: Desk, caller: Caller, user_id: str) -> UserShape:
    """Forget a person's failed sign-ins."""
    user = await desk.directory.unlock(UserId(user_id), caller.actor, highest=caller.role)
    return await shown_one(desk, user)


async def set_password(desk: Desk, caller: Caller, user_id: str, body: PasswordBody) -> UserShape:
    """Set a person's password and end their sessions."""
    user, policy = await there(desk, user_id), desk.policy()
    if user.id == caller.user_id:
        caller.must_be_fresh(desk.clock.now(), OWN_PASSWORD)
    about = context_words(desk.public_url, user.username, user.email)
    check_password("new", body.new, policy, *about)
    hashed = await desk.passwords.hash_password(body.new)
    await caller.confirm()
    user = await desk.directory.set_password(
        user.id,
        hashed,
        caller.actor,
        highest=caller.role,
        must_change=body.must_change,
    )
    return await shown_one(desk, user)


async def begin_reset(desk: Desk, caller: Caller, user_id: str) -> ResetAnswer:
    """Make a link with which the person sets a new password; one made before is void."""
    link = await desk.directory.begin_reset(UserId(user_id), caller.actor, highest=caller.role)
    # Behind the `#`: no server, proxy or log ever sees it.
    return ResetAnswer(
        url=f"{desk.public_url}{desk.mount}/reset#{link.token}",
        expires_at=instant(link.expires_at),
    )
