"""Sessions' records, read by the thousand for the few facts that filters and counts ask for.

Piece by piece, and of each partition one at a time: neither Redis nor this process is held up.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from sidecar.core.listing import SessionFilter
from sidecar.core.policy import Policy
from sidecar.core.session import Handle
from sidecar.core.turns import pieces
from sidecar.core.users import Role, UserId
from sidecar.store.codec import label_of, read_last_active, span_ms
from sidecar.store.database import Database
from sidecar.store.lexical import address_key, network_bounds

_AT_ONCE, _BRIEFS_AT_ONCE = 100, 50
_read = msgspec.json.Decoder(list[Any]).decode


class Facts(NamedTuple):
    """canonical: the name as it is in order by. created: epoch milliseconds."""

    canonical: str
    ip_address: str
    label: str
    created: int


def matcher(wanted: SessionFilter) -> Callable[[Facts], bool]:
    """Return what says whether name and address are what is asked for, of very many."""
    prefix = wanted.canonical_prefix
    if wanted.network is None:
        return lambda facts: facts.canonical.startswith(prefix)
    lower, upper = network_bounds(wanted.network)

    def match(facts: Facts) -> bool:
        key = address_key(facts.ip_address)
        return key is not None and lower <= key < upper and facts.canonical.startswith(prefix)

    return match


class Brief(NamedTuple):
    """Whose a session is, whether it lives, and from where it is used. Instants: epoch
    milliseconds; lifetime: an agent's own."""

    user_id: UserId
    role: Role
    created: int
    active: int
    addresses: tuple[str, str]
    lifetime: int | None = None

    def lives(self, now: int, policy: Policy) -> bool:
        """Say what `ended_because` says, without an instant being made."""
        limits = policy.limits_for(self.role)
        lifetime, idle = span_ms(limits.absolute_lifetime), span_ms(limits.idle_timeout)
        if self.lifetime is not None:
            lifetime = min(lifetime, self.lifetime)
        return now < self.created + lifetime and now < self.active + idle


class Records:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def facts(self, handles: Iterable[bytes]) -> Mapping[bytes, Facts]:
        """Return what is known of those that are there and have not ended."""
        parts: dict[int, list[bytes]] = {}
        for handle in handles:
            parts.setdefault(self._keys.partition_of_bytes(handle), []).append(handle)
        found: dict[bytes, Facts] = {}

        async def read(partition: int, part: Sequence[bytes]) -> None:
            async for piece in pieces(part, _AT_ONCE):
                found.update(await self._facts(partition, piece))

        await asyncio.gather(*(read(partition, part) for partition, part in parts.items()))
        return found

    async def briefs(self, handles: Sequence[Handle]) -> list[Brief]:
        """Return those that are there and have not ended; of each partition in turn."""
        parts: dict[int, list[Handle]] = {}
        for handle in handles:
            parts.setdefault(self._keys.partition_of(handle), []).append(handle)

        async def read(part: Sequence[Handle]) -> list[Brief]:
            found: list[Brief] = []
            async for piece in pieces(part, _BRIEFS_AT_ONCE):
                found += await self._briefs(piece)
            return found

        found = await asyncio.gather(*map(read, parts.values()))
        return [brief for part in found for brief in part]

    async def _briefs(self, handles: Sequence[Handle]) -> list[Brief]:
        names = [name for each in handles for name in self._keys.record_and_last_active(each)]
        answer = await self._database.command("MGET", *names)
        pairs = zip(answer[::2], answer[1::2], strict=True)
        read = ((_read(record), last_active) for record, last_active in pairs if record)
        return [_brief(items, last_active) for items, last_active in read if items[0] > 0]

    async def _facts(self, partition: int, handles: Sequence[bytes]) -> dict[bytes, Facts]:
        prefix = self._keys.sessions(partition)
        records = await self._database.command("MGET", *[prefix + handle for handle in handles])
        pairs = zip(handles, records, strict=True)
        return {
            handle: _facts_of(items)
            for handle, items in ((handle, _read(raw)) for handle, raw in pairs if raw)
            if items[0] > 0
        }


def _brief(items: list[Any], last_active: bytes | None) -> Brief:
    created, address = items[1], items[11]
    active, last_address = read_last_active(last_active, created, address)
    lifetime = items[21] if len(items) > 21 else None
    return Brief(
        UserId(items[4]), Role(items[6]), created, active, (address, last_address), lifetime
    )


def _facts_of(items: list[Any]) -> Facts:
    canonical = items[20] if len(items) > 20 else items[5]
    label = items[13] or label_of(items[14], items[15])
    return Facts(canonical, items[11], label, items[1])
