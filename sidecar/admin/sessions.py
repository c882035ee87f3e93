"""Reading sessions: those that are live, and those that have ended."""

from msgspec import UNSET

from sidecar.admin.answers import EndedList, SessionList, ended_shape
from sidecar.admin.checks import filter_of
from sidecar.admin.desk import Desk
from sidecar.admin.given import EndedQuery, SessionsQuery
from sidecar.core.caller import Caller
from sidecar.core.listing import SessionOrder
from sidecar.core.shapes import SessionShape, session_shape
from sidecar.core.turns import give_way, pieces
from sidecar.core.users import UserId

_SHAPED_AT_ONCE = 10
SPREAD = 4
"""From how many addresses on a person's sessions are worth a mark."""


async def list_sessions(desk: Desk, caller: Caller, query: SessionsQuery) -> SessionList:
    """Live sessions, of everybody."""
    page = await desk.lists.page(
        filter_of(query.user_id, query.q, query.ip, query.kind),
        SessionOrder(query.sort.lstrip("+- ")),
        descending=query.sort.startswith("-"),
        offset=query.offset,
        limit=query.limit,
    )
    policy = desk.policy()
    people = list(dict.fromkeys(session.user_id for session in page.sessions))
    counts = await desk.lists.address_counts(people) if people else {}
    await give_way()
    shapes: list[SessionShape] = []
    async for piece in pieces(page.sessions, _SHAPED_AT_ONCE):
        shapes += [
            session_shape(session, policy.limits_for(session.role), caller.handle)
            for session in piece
        ]
    await give_way()
    return SessionList(
        items=tuple(shapes),
        total=page.total,
        total_is_estimate=True if page.total_is_estimate else UNSET,
        limit=query.limit,
        offset=query.offset,
        address_counts={who: count for who, count in counts.items() if count >= SPREAD},
    )


async def list_ended(desk: Desk, _: Caller, query: EndedQuery) -> EndedList:
    """Sessions that ended: who, why, when, by whom. Kept as long as the policy says."""
    user_id = UserId(query.user_id) if query.user_id is not UNSET else None
    page = await desk.lists.ended(user_id, query.offset, query.limit)
    return EndedList(
        items=tuple(map(ended_shape, page.items)),
        total=page.total,
        limit=query.limit,
        offset=query.offset,
    )
