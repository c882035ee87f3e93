"""The tree of a seal, by the examples of those who defined it, and by every path of small trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.merkle import EMPTY_ROOT, leaf_hash, node_hash, path_to, root_along, root_of

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES += ["606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of the reference implementation of Certificate Transparency, for one leaf up to all eight."""


@pytest.mark.parametrize("count", range(1, 9))
def test_given_the_published_leaves_then_the_root_is_the_published_one(count: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in LEAVES[:count]]

    assert root_of(leaves).hex() == ROOTS[count - 1]


def test_given_no_leaf_then_the_root_is_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex().startswith("e3b0c442")


@given(st.integers(1, 70))
def test_given_any_leaf_then_its_path_leads_to_the_root_and_from_no_other_place(count: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(count)]
    root = root_of(leaves)

    for index, leaf in enumerate(leaves):
        path = path_to(index, leaves)
        assert root_along(leaf, index, count, path) == root
        assert root_along(leaf_hash(b"other"), index, count, path) != root
        assert root_along(leaf, (index + 1) % count, count, path) != root or count == 1


def test_given_a_path_that_is_too_short_or_too_long_then_no_tree_has_it() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(5)]
    path = path_to(2, leaves)

    assert root_along(leaves[2], 2, 5, path[:-1]) is None
    assert root_along(leaves[2], 2, 5, [*path, path[0]]) is None
    assert root_along(leaves[2], 5, 5, path) is None
    assert root_along(leaves[2], -1, 5, path) is None


def test_given_a_node_as_a_leaf_then_it_is_another_hash() -> None:
    one, other = leaf_hash(b"1"), leaf_hash(b"2")

    assert leaf_hash(one + other) != node_hash(one, other)
