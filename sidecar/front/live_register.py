"""What hangs on the sessions of this worker: its client connections, and who asked to be told.

Connections are not registered: they are the set that the server has anyway, and each knows whose
request is under way on it. So a request pays nothing for being cut off one day, and the end of a
session costs one pass over the set.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterator
from typing import TYPE_CHECKING

from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.front.cutting import handle_of

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


class LiveRegister:
    """connections: of the server, once there is one."""

    def __init__(self) -> None:
        self.connections: Collection[ClientEnd] = ()
        self._watches: dict[Handle, list[Watch]] = {}

    @property
    def watches(self) -> Iterator[Watch]:
        return (watch for watches in self._watches.values() for watch in watches)

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

    def holders(self) -> "dict[Handle, list[ClientEnd | Watch]]":
        """Return who holds on to which session: requests that are under way, and watches."""
        holders: defaultdict[Handle, list[ClientEnd | Watch]] = defaultdict(list)
        for conn in self.connections:
            if conn.message is not None:
                handle = handle_of(conn)
                if handle is not None:
                    holders[handle].append(conn)
        for watch in self.watches:
            holders[watch.handle].append(watch)
        return holders
