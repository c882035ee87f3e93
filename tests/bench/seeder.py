"""Writes sessions into a store by the thousand.

What is written is what the product itself would have: the same Lua indexes each session. Only the
audit entries and events are left out, of acts that nobody did.
"""

from collections.abc import Sequence
from pathlib import Path

from sidecar.core.session import Session
from sidecar.store import scripts
from sidecar.store.codec import encode, to_ms
from sidecar.store.database import Database

_SOURCE = (Path(__file__).parent / "seed.lua").read_text("utf-8")
_SEED = scripts.of_source("seed", _SOURCE, "common")
_AT_ONCE = 250


class Seeder:
    """Writes sessions of people who are there or not. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def write(self, sessions: Sequence[Session]) -> None:
        parts: dict[int, list[Session]] = {}
        for session in sessions:
            parts.setdefault(self._keys.partition_of(session.handle), []).append(session)
        for partition, part in parts.items():
            for start in range(0, len(part), _AT_ONCE):
                words = [word for each in part[start : start + _AT_ONCE] for word in _words(each)]
                await self._database.run(_SEED, partition, {}, *words)


def _words(session: Session) -> tuple[str, bytes, str]:
    active = str(to_ms(session.last_active_at))
    if session.last_ip_address != session.ip_address:
        active += f" {session.last_ip_address}"
    return session.handle, encode(session), active
