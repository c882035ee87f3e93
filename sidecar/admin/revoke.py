"""Ending sessions: one, one person's, those that match, everyone's."""

from msgspec import UNSET, UnsetType

from sidecar.admin.checks import filter_of
from sidecar.admin.desk import Desk
from sidecar.admin.given import OfUserQuery, RevokeBody
from sidecar.core.call_refusal import CallRefused, invalid
from sidecar.core.caller import Caller
from sidecar.core.listing import CountMoved
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.shapes import RevokedAnswer
from sidecar.core.token import is_handle
from sidecar.core.users import Role, UserId


async def revoke_session(desk: Desk, caller: Caller, handle: str) -> RevokedAnswer:
    """End one session, the caller's own too; one that is not there any more is 404."""
    known = Handle(handle)
    if not is_handle(handle) or not await desk.sessions.end(known, Ended.REVOKED, caller.actor):
        raise CallRefused("not_found")
    return _answer(1, own_ended=known == caller.handle)


async def revoke_of_user(desk: Desk, caller: Caller, query: OfUserQuery) -> RevokedAnswer:
    """End all sessions of one person."""
    user_id = UserId(query.user_id)
    if await desk.directory.get(user_id) is None:
        raise CallRefused("not_found")
    ended = await desk.sessions.end_all(user_id, Ended.REVOKED, caller.actor)
    return _answer(ended, own_ended=user_id == caller.user_id)


async def revoke_matching(desk: Desk, caller: Caller, body: RevokeBody) -> RevokedAnswer:
    """End the sessions that match, if they are as many as the caller has seen; those that the
    caller picked, its own too; or everyone's."""
    wanted = filter_of(body.user_id, body.q, body.ip, body.kind)
    if body.ids is not UNSET:
        if body.everyone or not wanted.is_empty:
            raise invalid("ids", "Give these, a filter, or everyone.")
        picked = await desk.sessions.end_picked(
            tuple(map(Handle, body.ids)),
            Ended.REVOKED,
            caller.actor,
            own=caller.handle,
            note=body.reason,
        )
        return _answer(picked.ended, own_ended=picked.own_ended)
    if body.everyone:
        if not wanted.is_empty:
            raise invalid("everyone", "Give this or a filter, not both.")
        caller.must_be(Role.OWNER)
        caller.must_be_fresh(desk.clock.now(), desk.policy().step_up.everyone)
    elif wanted.is_empty:
        raise invalid("", "Give ids, userId, q, ip or kind, or everyone.")
    elif body.expected_count is UNSET:
        raise invalid("expectedCount", "Give how many sessions you expect to end.")
    result = await desk.sessions.end_matching(
        wanted,
        Ended.REVOKED,
        caller.actor,
        expected=body.expected_count if body.expected_count is not UNSET else None,
        tolerance=body.tolerance,
        own=caller.handle,
        include_own=body.include_current,
        note=body.reason,
    )
    if isinstance(result, CountMoved):
        raise CallRefused("count_changed", members={"count": result.actual})
    return _answer(result.ended, own_ended=result.own_ended)


def _answer(revoked: int, *, own_ended: bool) -> RevokedAnswer:
    current: bool | UnsetType = True if own_ended else UNSET
    return RevokedAnswer(revoked=revoked, ended_current=current)
