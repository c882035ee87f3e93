"""People by name, by role and by status, in pages that cost the same anywhere in the list.

Each person is in one of twelve sets of their partition, by role and status, all in the order of
names (lua/listing.lua). What is asked for is a union of such sets, read as one list: the totals
are ranks, which Redis knows without counting, and where a page begins far down is found by trying
members as pivots, each of which tells all sets how much of them lies before it.

A ban or a lock lapses by itself; before anybody is listed, whoever is due is listed anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sidecar.core.people import PeopleFilter
from sidecar.core.users import Role, Status, UserId, canonical_name
from sidecar.store import scripts
from sidecar.store.database import Database

_SETTLED_AT_ONCE = 200
_NEAR, _LEAST_NEAR = 500, 60
_MOST_ROUNDS = 64


@dataclass(slots=True)
class _Window:
    """What may be meant of one set: ranks from low to below high. until: where the search ends."""

    partition: int
    key: str
    low: int
    high: int
    until: int

    @property
    def size(self) -> int:
        return max(self.until - self.low, 0)


class PeopleIndex:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def count(self, which: PeopleFilter) -> int:
        windows = await self._windows(which)
        return sum(window.size for window in windows)

    async def page(self, which: PeopleFilter, offset: int, limit: int) -> tuple[list[UserId], int]:
        """Return ids in the order of their names, and how many there are in all."""
        windows = await self._windows(which)
        total = sum(window.size for window in windows)
        if offset >= total:
            return [], total
        skip = await self._approach(windows, offset)
        wanted = skip + limit
        members = await self._members(
            [
                (window, window.low, min(window.low + wanted, window.high) - 1)
                for window in windows
                if window.high > window.low
            ]
        )
        ids = [UserId(m.rpartition(b"\0")[2].decode()) for m in sorted(members)[skip:wanted]]
        return ids, total

    async def _windows(self, which: PeopleFilter) -> list[_Window]:
        """Return the part of each set that begins with the prefix."""
        roles = list(Role) if which.role is None else [which.role]
        statuses = list(Status) if which.status is None else [which.status]
        prefix = canonical_name(which.prefix).encode()
        bounds = (b"(" + prefix, b"(" + prefix + b"\xff") if prefix else (b"-", b"+")

        async def ask(partition: int) -> list[_Window]:
            sets = [
                self._keys.users(partition, role, status) for role in roles for status in statuses
            ]
            given = {"most": _SETTLED_AT_ONCE, "sets": sets}
            more, ranks = 1, []
            while more:
                script = scripts.PEOPLE_SETTLE
                more, *ranks = await self._database.run(script, partition, given, *bounds)
            return [
                _Window(partition, key, low, high, high)
                for key, low, high in zip(sets, ranks[::2], ranks[1::2], strict=True)
                if high > low
            ]

        found = await asyncio.gather(*map(ask, range(self._keys.partitions)))
        return [window for part in found for window in part]

    async def _approach(self, windows: list[_Window], offset: int) -> int:
        """Move the windows' beginnings on, together by almost `offset`; return what is left of it.

        A pivot is taken where the page would begin if all sets were alike; after one that was of
        little use, in the middle, so that the windows shrink whatever the sets are like.
        """
        near = max(_NEAR // len(windows), _LEAST_NEAR)
        middle = False
        for _ in range(_MOST_ROUNDS):
            left = sum(window.size for window in windows)
            largest = max(windows, key=lambda window: window.size)
            if offset <= near or largest.size < 2:
                break
            share = 0.5 if middle else offset / left
            rank = largest.low + min(max(int(largest.size * share), 1), largest.size - 1)
            pivot = await self._members([(largest, rank, rank)])
            if not pivot:
                largest.until = rank  # people went meanwhile
                continue
            ranks = await self._ranks(windows, b"(" + pivot[0])
            cuts = [
                min(max(rank, window.low), window.until)
                for window, rank in zip(windows, ranks, strict=True)
            ]
            before = sum(cut - window.low for cut, window in zip(cuts, windows, strict=True))
            for cut, window in zip(cuts, windows, strict=True):
                if before <= offset:
                    window.low = cut
                else:
                    window.until = cut
            offset -= before if before <= offset else 0
            middle = 2 * sum(window.size for window in windows) > left
        return offset

    async def _ranks(self, windows: Sequence[_Window], bound: bytes) -> list[int]:
        """Return for each set how many of its members stand before the bound."""

        async def ask(part: list[_Window]) -> list[int]:
            keys = [window.key for window in part]
            answer: list[int] = await self._database.run_on(scripts.PEOPLE_RANKS, keys, bound)
            return answer

        found = await asyncio.gather(*map(ask, _by_partition(windows)))
        return [rank for part in found for rank in part]

    async def _members(self, parts: Sequence[tuple[_Window, int, int]]) -> list[bytes]:
        """Return what stands at these ranks of these sets, both ends included."""
        ranks = {window.key: (first, last) for window, first, last in parts}

        async def ask(part: list[_Window]) -> list[list[bytes]]:
            keys = [window.key for window in part]
            words = [rank for key in keys for rank in ranks[key]]
            answer: list[list[bytes]] = await self._database.run_on(
                scripts.PEOPLE_MEMBERS, keys, *words
            )
            return answer

        windows = [window for window, _, _ in parts]
        found = await asyncio.gather(*map(ask, _by_partition(windows)))
        return [member for part in found for members in part for member in members]


def _by_partition(windows: Sequence[_Window]) -> list[list[_Window]]:
    """Return them as they are, cut where the partition changes: a script stays in one."""
    return [list(part) for _, part in groupby(windows, key=lambda window: window.partition)]
