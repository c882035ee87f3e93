"""A page, by creation or expiry, of very many sessions that an index of another order names.

A handle begins with the instant at which it was drawn, and its session was created moments later.
So handles alone say about where the page is, and the exact place is read only of those that may be
on it. If one of these lies further from its handle than it should, all places are read.
"""

from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from struct import iter_unpack
from typing import NamedTuple

from sidecar.core.session import Kind
from sidecar.core.token import ALPHABET, HANDLE_LENGTH
from sidecar.core.turns import pieces
from sidecar.store.best import best
from sidecar.store.database import Database
from sidecar.store.keys import CLASSES
from sidecar.store.population import Population
from sidecar.store.seek import Key, Range

_READ_AT_ONCE, _TIMED_AT_ONCE, _SIFTED_AT_ONCE, _PLACED_AT_ONCE = 1000, 500, 1500, 100
_SLACK = 10_000
"""A handle is at most so much older or younger than its session, in milliseconds."""
_HANDLE = slice(-HANDLE_LENGTH - 2, -2)
_TIME_AND_PARTITION = 8
"""Of a handle: so many characters, of 6 bits each, make whole bytes."""
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64 = bytes.maketrans(ALPHABET.encode(), _BASE64)


class Wanted(NamedTuple):
    """Which part of the list. shifts: of each class, what is added to creation."""

    kind: Kind | None
    shifts: Mapping[str, int]
    offset: int
    end: int
    descending: bool


class ByCreation:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def page(
        self, ranges: Sequence[Range], wanted: Wanted, population: Population
    ) -> tuple[list[bytes], int]:
        """Return the handles of the page, and how many there are in all."""
        members: list[bytes] = []
        for source in ranges:
            members += await self._read(source, wanted.kind, population.dead)
        found = await self._find(members, wanted)
        return found, len(members)

    async def _read(self, source: Range, kind: Kind | None, dead: frozenset[bytes]) -> list[bytes]:
        """Return the members of a range that are of the kind and not dead."""
        classes = {name.encode() for name, (_, its) in CLASSES.items() if kind in (None, its)}
        lower: str | bytes = f"[{source.lower}"
        found: list[bytes] = []
        while True:
            words = (source.name, lower, f"({source.upper}", "LIMIT", 0, _READ_AT_ONCE)
            members = await self._database.command("ZRANGEBYLEX", *words)
            taken = members
            if kind is not None:
                taken = [member for member in taken if member[-2:] in classes]
            if dead:
                taken = [member for member in taken if member[_HANDLE] not in dead]
            found += taken
            if len(members) < _READ_AT_ONCE:
                return found
            lower = b"(" + members[-1]

    async def _find(self, members: Sequence[bytes], wanted: Wanted) -> list[bytes]:
        about: list[int] = []
        async for piece in pieces(members, _TIMED_AT_ONCE):
            about += _about(piece, wanted.shifts)
        nearest = (await best(about, wanted.end, descending=wanted.descending))[wanted.offset :]
        if not nearest:
            return []
        lower, upper = sorted((nearest[0], nearest[-1]))
        lower, upper = lower - 2 * _SLACK, upper + 2 * _SLACK
        near: list[bytes] = []
        before = 0
        async for places in pieces(range(len(members)), _SIFTED_AT_ONCE):
            values = about[places[0] : places[-1] + 1]
            if wanted.descending:
                before += len([value for value in values if value > upper])
            else:
                before += len([value for value in values if value < lower])
            near += [
                member
                for member, value in zip(members[places[0] : places[-1] + 1], values, strict=True)
                if lower <= value <= upper
            ]
        exact, are_close = await self._places(near, wanted.shifts)
        if not are_close:
            exact, _ = await self._places(members, wanted.shifts)
            before = 0
        page = await best(exact, wanted.end - before, descending=wanted.descending)
        return [handle for _, handle in page[wanted.offset - before :]]

    async def _places(
        self, members: Sequence[bytes], shifts: Mapping[str, int]
    ) -> tuple[list[Key], bool]:
        """Return the exact place of each, and whether all are close to what their handles say.
        What the index by creation has no more is left out: it has ended meanwhile."""
        found: list[Key] = []
        are_close = True
        async for piece in pieces(members, _PLACED_AT_ONCE):
            groups: dict[tuple[int, str], list[bytes]] = {}
            for member in piece:
                handle, its_class = member[_HANDLE], member[-2:].decode("ascii")
                group = self._keys.partition_of_bytes(handle), its_class
                groups.setdefault(group, []).append(handle)
            for (partition, its_class), handles in groups.items():
                name, shift = self._keys.created(partition, its_class), shifts[its_class]
                scores = await self._database.command("ZMSCORE", name, *handles)
                for handle, score, about in zip(handles, scores, _times(handles), strict=True):
                    if score is not None:
                        are_close = are_close and abs(int(score) - about) <= _SLACK
                        found.append((int(score) + shift, handle))
        return found, are_close


def _about(members: Sequence[bytes], shifts: Mapping[str, int]) -> list[int]:
    """Return the place of each as its handle says."""
    times = _times([member[_HANDLE] for member in members])
    if not any(shifts.values()):
        return times
    of_class = {name.encode(): shift for name, shift in shifts.items()}
    return [time + of_class[member[-2:]] for time, member in zip(times, members, strict=True)]


def _times(handles: Sequence[bytes]) -> list[int]:
    """Return the milliseconds in handles."""
    text = b"".join([handle[:_TIME_AND_PARTITION] for handle in handles])
    packed = a2b_base64(text.translate(_TO_BASE64))
    return [(high << 32 | low) >> 6 for high, low in iter_unpack(">HI", packed)]
