"""A person's own sessions: which there are, and ending those that are elsewhere.

Nothing here tells whether a session of somebody else exists (case S-72): it is answered as one that
does not.
"""

from sidecar.account.desk import AccountDesk
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.given import Paged
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.shapes import OwnSessionList, RevokedAnswer, session_shape
from sidecar.core.token import is_handle


async def list_own_sessions(desk: AccountDesk, caller: Caller, query: Paged) -> OwnSessionList:
    """The live sessions of whoever asks: the one they ask from, then the newest."""
    found = await desk.sessions.of_user(caller.user_id)
    in_order = sorted(found, key=lambda session: session.handle != caller.handle)
    limits = desk.policy().limits_for
    return OwnSessionList(
        items=tuple(
            session_shape(session, limits(session.role), caller.handle)
            for session in in_order[query.offset : query.offset + query.limit]
        ),
        total=len(in_order),
        limit=query.limit,
        offset=query.offset,
    )


async def end_own_session(desk: AccountDesk, caller: Caller, handle: str) -> RevokedAnswer:
    """End one of the others. The session of the caller ends by signing out."""
    known = Handle(handle)
    if known == caller.handle:
        raise CallRefused("current_session")
    session = await desk.sessions.get(known) if is_handle(handle) else None
    if session is None or session.user_id != caller.user_id:
        raise CallRefused("not_found", is_act=session is not None)
    if not await desk.sessions.end(known, Ended.REVOKED, caller.actor):
        raise CallRefused("not_found")
    return RevokedAnswer(revoked=1)


async def end_other_sessions(desk: AccountDesk, caller: Caller) -> RevokedAnswer:
    """End all of the caller's sessions but the one they ask from."""
    ended = await desk.sessions.end_all(
        caller.user_id, Ended.REVOKED, caller.actor, keep=caller.handle
    )
    return RevokedAnswer(revoked=ended)
