"""Several sources laid over each other, each key remembering where it came from."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from sidecar.faults import Fault, Key, dotted, entry
from sidecar.tables import faults_of, key_of
from sidecar.values import Part

Tree = dict[str, object]
Take = Callable[[Key, object, Path], object]
"""Gives the value of a key in a file its last form."""


Model = TypeVar("Model", bound=Part)


class Layers:
    """The merged tree so far, the places of its keys, and the faults found on the way.

    joined: lists at the top that later files add to, where other values replace earlier ones.
    """

    def __init__(self, joined: Collection[str] = ()) -> None:
        self.tree: Tree = {}
        self.faults: list[Fault] = []
        self._joined = joined
        self._places: dict[Key, str] = {}
        self._numbers: dict[Key, int] = {}

    def add_file(self, path: Path, take: Take | None = None) -> None:
        """Merge a TOML file, or note why it cannot be read."""
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            problem = f"cannot be read: {(error.strerror or 'unreadable').lower()}"
            self.faults.append(Fault(str(path), "", problem))
        except (ValueError, RecursionError) as error:
            self.faults.append(Fault(str(path), "", f"is not TOML: {error}"))
        else:
            self._add_table((), tree, path, take)

    def _add_table(
        self, key: Key, table: Mapping[str, object], path: Path, take: Take | None
    ) -> None:
        for name, value in table.items():
            inner = (*key, name)
            if isinstance(value, dict):
                self.add(inner, {}, str(path))
                self._add_table(inner, value, path, take)
            elif isinstance(value, list) and not key and name in self._joined:
                self._join(name, value, str(path))
            else:
                self.add(inner, take(inner, value, path) if take else value, str(path))

    def _join(self, name: str, items: list[object], place: str) -> None:
        earlier = self.tree.setdefault(name, [])
        if not isinstance(earlier, list):
            earlier = self.tree[name] = []
        for number, item in enumerate(items):
            key = (name, len(earlier))
            self._places[key], self._numbers[key] = place, number
            earlier.append(item)

    def add(self, key: Key, value: object, place: str) -> None:
        """Put one value at its key, over what an earlier layer said; tables are merged."""
        table = self.tree
        for name in key[:-1]:
            table = _open(table, str(name))
        last = str(key[-1])
        if value != {} or not isinstance(table.get(last), dict):
            table[last] = value
        self._places[key] = place

    def places(self) -> dict[str, str]:
        """Return for each key that was given, dotted, the place that gave it; lists as a whole."""
        return {dotted(key): place for key, place in self._places.items()}

    def read(self, model: type[Model]) -> tuple[Model | None, list[Fault]]:
        """Return what the tree says, and what is wrong with it.

        With faults, the tree is read again without the keys that have them, so that what depends
        on several keys can be checked in the same round; None when even that is not possible.
        """
        tree, faults = deepcopy(self.tree), list(self.faults)
        validate = TypeAdapter(model).validate_python
        try:
            return validate(tree), faults
        except ValidationError as error:
            faults += faults_of(error, model, self.fault)
            for item in error.errors(include_url=False, include_input=False):
                _remove(tree, key_of(item))
        try:
            return validate(tree), faults
        except ValidationError:
            return None, faults

    def fault(self, key: Key, problem: str) -> Fault:
        """Return the fault of the key, with the place of it or of the nearest table around it.

        An item of a joined list is counted as in its own file.
        """
        place = ""
        for length in range(len(key), 0, -1):
            if key[:length] in self._places:
                place = self._places[key[:length]]
                break
        if key[:2] in self._numbers:
            name, item, number = str(key[0]), self._item(key[:2]), self._numbers[key[:2]]
            problem = f"{problem} {entry(name, number + 1, item)}"
            key = (name, number, *key[2:])
        return Fault(place, dotted(key), problem)

    def _item(self, key: Key) -> object:
        items, number = self.tree.get(str(key[0])), key[1]
        return items[number] if isinstance(items, list) and isinstance(number, int) else None


def _open(table: Tree, name: str) -> Tree:
    inner = table.get(name)
    if not isinstance(inner, dict):
        inner = table[name] = {}
    return inner


def _remove(tree: Tree, key: Key) -> None:
    """Take a key out of the tree, if it is there and is not an item of a list."""
    inner: object = tree
    for part in key[:-1]:
        if isinstance(inner, dict):
            inner = inner.get(part)
        elif isinstance(inner, list) and isinstance(part, int):
            inner = inner[part]
        else:
            return
    if isinstance(inner, dict):
        inner.pop(key[-1], None)
