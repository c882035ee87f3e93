"""Many streams as one: nothing twice, nothing out of order, and complete down to where it says."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.store.audit_merge import Source, merge
from sidecar.store.audit_pieces import Piece
from sidecar.store.streams import Item, StreamId


class Shelf:
    """A stream in memory that gives out `step` entries at a time, of which some are not wanted."""

    def __init__(self, partition: int, instants: list[tuple[int, bool]], step: int) -> None:
        self.partition = partition
        ordered = sorted(dict(instants).items(), reverse=True)
        self.ids = [(StreamId(at, 0, partition), wanted) for at, wanted in ordered]
        self._step = step

    async def piece(self, at: StreamId | None, limit: int) -> Piece:
        below = [one for one in self.ids if at is None or one[0] < at]
        seen: list[Item] = []
        for looked, (entry_id, wanted) in enumerate(below[: self._step], 1):
            if wanted:
                seen.append((entry_id, {}))
            if len(seen) == limit:
                return Piece(seen, below[looked - 1][0])
        more = len(below) > self._step
        return Piece(seen, below[self._step - 1][0] if more else None)


@settings(deadline=None)
@given(
    streams=st.lists(st.lists(st.tuples(st.integers(0, 60), st.booleans())), max_size=5),
    step=st.integers(1, 4),
    limit=st.integers(1, 9),
)
def test_given_streams_when_they_are_merged_then_what_is_given_is_complete_and_in_order(
    streams: list[list[tuple[int, bool]]], step: int, limit: int
) -> None:
    shelves = [Shelf(part, instants, step) for part, instants in enumerate(streams)]
    sources = [Source(shelf) for shelf in shelves]
    wanted = sorted(
        (entry_id for shelf in shelves for entry_id, there in shelf.ids if there), reverse=True
    )

    items, complete_to = asyncio.run(merge(sources, limit))

    given_out = [entry_id for entry_id, _ in items]
    assert given_out == wanted[: len(given_out)]
    if complete_to is None:
        assert len(given_out) == min(limit, len(wanted))
    else:
        assert [one for one in wanted if one >= complete_to] == given_out
