"""What has happened since: for programs and for a console that keeps itself up to date."""

from msgspec import UNSET

from sidecar.admin.answers import EventList
from sidecar.admin.desk import Desk
from sidecar.admin.given import EventsQuery
from sidecar.core.call_refusal import invalid
from sidecar.core.caller import Caller
from sidecar.core.event_shapes import event_shape

LATEST = "latest"


async def read_events(desk: Desk, _: Caller, query: EventsQuery) -> EventList:
    """Events behind a cursor, oldest first."""
    after = query.after if query.after is not UNSET else ""
    if after == LATEST:
        return EventList(items=(), next_cursor=await desk.events.latest())
    types = query.types.split(",") if query.types is not UNSET else ()
    try:
        page = await desk.events.page(after, frozenset(types), query.limit)
    except ValueError:
        raise invalid("after", "No event ever had this id.") from None
    return EventList(items=tuple(map(event_shape, page.events)), next_cursor=page.cursor)
