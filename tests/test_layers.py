"""Layers: tables are merged, lists that are joined grow, and each key knows its place."""

from pathlib import Path

from pydantic import Field

from sidecar.faults import Fault
from sidecar.layers import Layers
from sidecar.tables import Table


class Item(Table):
    name: str


class Tree(Table):
    a: int = 0
    b: dict[str, int] = Field(default_factory=dict)
    items: list[Item] = Field(default_factory=list)


def a_file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_given_two_files_when_they_are_merged_then_the_later_wins_and_lists_are_joined(
    tmp_path: Path,
) -> None:
    layers = Layers(["items"])

    layers.add_file(a_file(tmp_path, "1", 'a = 1\nb = {x = 1, y = 1}\n[[items]]\nname = "one"'))
    layers.add_file(a_file(tmp_path, "2", 'a = 2\nb = {y = 2}\n[[items]]\nname = "two"'))

    assert layers.tree == {
        "a": 2,
        "b": {"x": 1, "y": 2},
        "items": [{"name": "one"}, {"name": "two"}],
    }


def test_given_two_files_when_places_are_asked_then_each_key_has_the_last_that_gave_it(
    tmp_path: Path,
) -> None:
    layers = Layers(["items"])
    first = a_file(tmp_path, "1", 'a = 1\nb = {x = 1}\n[[items]]\nname = "one"')
    second = a_file(tmp_path, "2", 'a = 2\n[[items]]\nname = "two"')

    layers.add_file(first)
    layers.add_file(second)

    assert layers.places() == {
        "a": str(second),
        "b": str(first),
        "b.x": str(first),
        "items[1]": str(first),
        "items[2]": str(second),
    }


def test_given_an_item_of_a_joined_list_when_it_has_a_fault_then_its_own_file_counts_it(
    tmp_path: Path,
) -> None:
    layers = Layers(["items"])
    first = a_file(tmp_path, "1", '[[items]]\nname = "a"\n[[items]]\nname = 1')
    second = a_file(tmp_path, "2", "[[items]]\nname = 2")
    layers.add_file(first)
    layers.add_file(second)

    tree, faults = layers.read(Tree)

    assert tree is None
    assert [(fault.place, fault.key) for fault in faults] == [
        (str(first), "items[2].name"),
        (str(second), "items[1].name"),
    ]


def test_given_faults_when_the_tree_is_read_then_what_is_right_is_there_as_well() -> None:
    layers = Layers()
    layers.add(("a",), "x", "here")
    layers.add(("b", "x"), 1, "here")
    layers.add(("b", "y"), "x", "there")

    tree, faults = layers.read(Tree)

    assert tree == Tree(b={"x": 1})
    assert [(fault.place, fault.key) for fault in faults] == [("here", "a"), ("there", "b.y")]
    assert layers.tree["a"] == "x"


def test_given_a_table_where_a_value_was_when_it_is_merged_then_it_takes_its_place() -> None:
    layers = Layers(["items"])
    layers.add(("b",), 3, "one")
    layers.add(("b", "x"), 1, "two")
    layers.add(("items",), 3, "one")

    assert layers.tree == {"b": {"x": 1}, "items": 3}


def test_given_files_that_cannot_be_read_when_they_are_merged_then_each_is_a_fault(
    tmp_path: Path,
) -> None:
    layers = Layers()
    latin = tmp_path / "latin"
    latin.write_bytes(b'a = "\xff"')

    layers.add_file(tmp_path / "none")
    layers.add_file(tmp_path)
    layers.add_file(latin)
    layers.add_file(a_file(tmp_path, "deep", "a = " + "[" * 5000))

    assert [fault.place for fault in layers.faults] == [
        str(tmp_path / "none"),
        str(tmp_path),
        str(latin),
        str(tmp_path / "deep"),
    ]
    assert layers.faults[1] == Fault(str(tmp_path), "", "cannot be read: is a directory")


def test_given_a_last_form_for_values_when_a_file_is_merged_then_it_is_asked_with_the_key(
    tmp_path: Path,
) -> None:
    layers = Layers()
    path = a_file(tmp_path, "1", "a = 1\n[b]\nx = 2")

    layers.add_file(path, lambda key, value, file: (key, value, file))

    assert layers.tree == {"a": (("a",), 1, path), "b": {"x": (("b", "x"), 2, path)}}
