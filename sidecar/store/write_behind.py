"""Activity, written behind the requests: at most once a second per session, many in one command.

Whether a session was noted within the last second is read off its own record, which each request
has just read: nothing is remembered per session, and all replicas together keep to the second.
An address that it was not last used from is noted at once. What could not be written waits for
Redis; the newest instant of each session is enough.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from sidecar.core.ports import Clock
from sidecar.core.session import Handle, Session
from sidecar.store.background import end
from sidecar.store.codec import to_ms
from sidecar.store.keys import class_of
from sidecar.store.sessions import SessionStore, Touch

_RESOLUTION = timedelta(seconds=1)
_GATHER = 0.1
_PAUSE = 1.0
_AT_ONCE = 500
_MOST_WAITING = 200_000


class WriteBehind:
    """Takes notes at once and writes them soon."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: dict[Handle, Touch] = {}
        self._task: asyncio.Task[None] | None = None

    def touch(self, session: Session, client_ip: str = "") -> None:
        """Note that the session is used now, from that address if it is known. Never waits."""
        handle = session.handle
        now = self._clock.now()
        moved = client_ip and client_ip != session.last_ip_address
        if not moved and now - session.last_active_at < _RESOLUTION:
            return
        if handle not in self._waiting and len(self._waiting) >= _MOST_WAITING:
            return
        address = "" if client_ip == session.ip_address else client_ip or "?"
        session_class = class_of(session.role, session.kind)
        self._waiting[handle] = Touch(to_ms(now), session_class, address)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write_soon())

    async def flush(self) -> None:
        """Write what waits, as far as Redis lets. Does not raise."""
        task, self._task = self._task, None
        await end(task)
        await self._write()

    async def _write_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(_GATHER)
            if not await self._write():
                await asyncio.sleep(_PAUSE)
        self._task = None

    async def _write(self) -> bool:
        """Write all that waits; say whether Redis took it. What it did not take waits on."""
        taken = True
        for part in _parts(list(self._waiting.items())):
            unwritten = set(await self._store.touch(part))
            for handle, touch in part.items():
                # A newer one may have come meanwhile; it waits for the next round.
                if handle not in unwritten and self._waiting.get(handle) == touch:
                    del self._waiting[handle]
            taken = taken and not unwritten
        return taken


def _parts(items: list[tuple[Handle, Touch]]) -> Iterator[dict[Handle, Touch]]:
    for start in range(0, len(items), _AT_ONCE):
        yield dict(items[start : start + _AT_ONCE])
