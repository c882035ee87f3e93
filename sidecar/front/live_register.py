"""What hangs on the sessions of this worker: its client connections, and who asked to be told.

Connections are not registered: they are the set that the server has anyway, and each knows whose
request is under way on it. So a request pays nothing for being cut off one day, and the end of a
session costs one pass over the set.
"""

import logging
from collections.abc import Callable, Collection, Container, Iterator
from typing import TYPE_CHECKING, Union

from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

log = logging.getLogger(__name__)

Told = Callable[[Ended], None]


class Watch:
    """Somebody who wants to hear of the end of one session. session: what is known of it."""

    __slots__ = ("handle", "session", "told")

    def __init__(self, handle: Handle, told: Told) -> None:
        self.handle = handle
        self.told = told
        self.session: Session | None = None


Holder = Union["ClientEnd", Watch]


def handle_of(holder: Holder) -> Handle | None:
    """Return the session that its last request was made with, or that it watches."""
    if isinstance(holder, Watch):
        return holder.handle
    session = holder.session
    if session is not None:
        return session.handle
    page = holder.page
    return page.handle if page is not None else None


class LiveRegister:
    """connections: of the server, once there is one."""

    def __init__(self) -> None:
        self.connections: Collection[ClientEnd] = ()
        self._watches: dict[Handle, list[Watch]] = {}

    def add(self, watch: Watch) -> None:
        self._watches.setdefault(watch.handle, []).append(watch)

    def remove(self, watch: Watch) -> None:
        """It wants to hear no more; it may have heard."""
        watches = self._watches.get(watch.handle, [])
        if watch in watches:
            watches.remove(watch)
            if not watches:
                del self._watches[watch.handle]

    def connections_of(self, handles: Container[Handle]) -> "list[tuple[ClientEnd, Handle]]":
        """Return the connections whose last request was made with one of these sessions."""
        return [
            (conn, handle)
            for conn in self.connections
            if (handle := handle_of(conn)) is not None and handle in handles
        ]

    def _all_watches(self) -> Iterator[Watch]:
        return (watch for watches in self._watches.values() for watch in watches)

    def tell(self, handle: Handle, reason: Ended) -> int:
        """Tell all who watch that session, for the first and last time; return how many."""
        watches = self._watches.pop(handle, [])
        for watch in watches:
            try:
                watch.told(reason)
            except Exception:
                # One that fails must not keep the others from hearing.
                log.exception("watch_failed", extra={"handle": handle})
        return len(watches)

    def holders(self) -> "list[Holder]":
        """Return all with a session: connections with a request under way, and watches."""
        return [
            *(
                conn
                for conn in self.connections
                if conn.message is not None and (conn.session is not None or conn.page is not None)
            ),
            *self._all_watches(),
        ]
