"""Activity, written behind the requests: at most once a second per session, many in one command.

Whether a session was noted within the last second is read off its own record, which each request
has just read: nothing is remembered per session, and all replicas together keep to the second.
An address that it was not last used from is noted at once, and whether another program uses it
from there, which costs nothing where a session stays where it is. What could not be written waits
for Redis; the newest instant of each session is enough.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from sidecar.core.alarm_people import is_other_program
from sidecar.core.headers import RequestHead
from sidecar.core.ports import Clock
from sidecar.core.session import Handle, Session
from sidecar.core.user_agent import read_user_agent
from sidecar.store.background import end
from sidecar.store.codec import to_ms
from sidecar.store.keys import class_of
from sidecar.store.sessions import SessionStore, Touch

_RESOLUTION = timedelta(seconds=1)
_GATHER = 0.1
_PAUSE = 1.0
_AT_ONCE = 500
_MOST_WAITING = 200_000
_MOST_ADDRESSES = 16


class WriteBehind:
    """Takes notes at once and writes them soon."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: dict[Handle, Touch] = {}
        self._task: asyncio.Task[None] | None = None

    def touch(self, session: Session, client_ip: str = "", head: RequestHead | None = None) -> None:
        """Note that the session is used now, from that address if it is known. Never waits.

        head: looked at only if the session was created from another address.
        """
        handle = session.handle
        now = self._clock.now()
        moved = client_ip and client_ip != session.last_ip_address
        if not moved and now - session.last_active_at < _RESOLUTION:
            return
        waiting = self._waiting.get(handle)
        if waiting is None and len(self._waiting) >= _MOST_WAITING:
            return
        address = "" if client_ip == session.ip_address else client_ip or "?"
        addresses, shift = (client_ip,) if moved else (), _shift(session, client_ip, head)
        if waiting is not None:
            address = waiting.address if address == "?" else address
            addresses = tuple(dict.fromkeys((*waiting.addresses, *addresses)))[-_MOST_ADDRESSES:]
            shift = shift or waiting.shift
        session_class = class_of(session.role, session.kind)
        self._waiting[handle] = Touch(to_ms(now), session_class, address, addresses, shift)
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


def _shift(session: Session, client_ip: str, head: RequestHead | None) -> tuple[str, str] | None:
    """Return address and User-Agent if both are others than at the session's creation."""
    if head is None or not client_ip or client_ip == session.ip_address or session.agent:
        return None
    user_agent = read_user_agent(head.user_agent)
    return (client_ip, user_agent) if is_other_program(user_agent, session) else None


def _parts(items: list[tuple[Handle, Touch]]) -> Iterator[dict[Handle, Touch]]:
    for start in range(0, len(items), _AT_ONCE):
        yield dict(items[start : start + _AT_ONCE])
