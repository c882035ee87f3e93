"""How many connections outlive their request, by kind: what an operator sees before a sign-out.

websocket     tunnels to the application; the server counts them as they come and go
live          lines that our own pages keep open: the guests of the server
event_stream  responses that never end by themselves
download      any other response that has been under way for a second
other         requests that have been waiting for a second: long polls, uploads
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

KINDS = ("event_stream", "download", "live", "other")
"""Those that are counted here."""

_LONG = 1.0


def count(connections: "Iterable[ClientEnd]", guests: int, now: float) -> Mapping[str, int]:
    """Return how many there are of each kind. now: on the clock of `ClientEnd.started`."""
    since = now - _LONG
    found = Counter(
        _kind(conn)
        for conn in connections
        if conn.message is not None and conn.tunnel is None and conn.started <= since
    )
    found["live"] += guests
    return {kind: found[kind] for kind in KINDS}


def _kind(conn: "ClientEnd") -> str:
    page, exchange = conn.page, conn.exchange
    if page is not None and page.spoke:
        return "live" if conn.upgraded else "download"
    message = exchange.message if exchange is not None else None
    if not conn.status or message is None:
        return "other"
    media_type = message.headers.get("Content-Type", "").partition(";")[0]
    return "event_stream" if media_type.strip().lower() == "text/event-stream" else "download"
