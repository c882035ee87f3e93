"""How what is under way on one client connection ends because its session has ended.

    a tunnel                        told by a Close frame, if nothing else would be cut in two by it
    a response has begun            reset: what came of it must not look like the whole
    nothing was answered yet        the upstream is let go, and the client gets its 401
    all was answered, and a part
    of it is still to be taken      reset: that part is not theirs any more

Of our own pages only those are cut that stream: any other decides for itself, and one of them is
the answer to the very call that ended the session.
"""

from typing import TYPE_CHECKING

from sidecar.core.reasons import Ended
from sidecar.front.context import SAFE_METHODS
from sidecar.proxy.frames import POLICY_VIOLATION

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd
    from sidecar.front.walk import Walk


def cut(conn: "ClientEnd", walk: "Walk", reason: Ended, *, late: bool = False) -> bool:
    """End what is under way; say whether there was something. late: whoever was to say good-bye
    by itself has had the time."""
    transport, message = conn.transport, conn.message
    if conn.tunnel is not None:
        return conn.tunnel.end(POLICY_VIOLATION, reason.code)
    if transport is None:
        return False
    if message is None:
        if not transport.get_write_buffer_size():
            return False
        conn.cut()
    elif conn.session is None:
        page = conn.page
        if page is None or not page.spoke or message.method not in SAFE_METHODS:
            return False
        if conn.upgraded and not late:
            return False  # It watches for the end itself, and says so in its own words.
        conn.cut()
    elif conn.exchange is None or conn.status:
        conn.cut()
    else:
        exchange, conn.exchange = conn.exchange, None
        exchange.cancel()
        walk.session_ended(conn, reason)
        conn.session = None  # The answer is ours, and may be read in peace.
    return True
