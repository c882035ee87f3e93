import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.store import best as module
from sidecar.store.best import best


@given(
    items=st.lists(st.integers(0, 40), max_size=60),
    count=st.integers(0, 70),
    descending=st.booleans(),
    at_once=st.integers(1, 9),
)
async def test_given_many_when_the_first_are_taken_then_they_are_those_of_the_whole_in_order(
    items: list[int], count: int, descending: bool, at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_AT_ONCE", at_once)

        found = await best(items, count, descending=descending)

    assert found == sorted(items, reverse=descending)[:count]
