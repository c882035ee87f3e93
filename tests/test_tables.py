"""Tables: whichever kind of class they are read into, every fault is found and names its key."""

from dataclasses import dataclass
from typing import Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from sidecar.faults import Fault, Key, dotted
from sidecar.tables import Table, faults_of, fields_of, table_of
from sidecar.values import Count, Part


class Inner(Table):
    size: Literal["small", "large"] = "small"


class Outer(Table):
    name: str
    inner: Inner = Inner()
    items: list[Inner] = Field(default_factory=list)
    named: dict[str, Inner] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerPart(Part):
    size: Literal["small", "large"] = "small"
    count: Count = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OuterPart(Part):
    name: Count
    inner: InnerPart = InnerPart()
    other: InnerPart = InnerPart()


def a_fault(key: Key, problem: str) -> Fault:
    return Fault("f.toml", dotted(key), problem)


def test_given_errors_at_every_depth_when_they_are_told_then_each_names_its_key() -> None:
    tree = {
        "inner": {"size": "huge"},
        "items": [{}, {"sise": "small"}],
        "named": {"a": {"x": 1}, "b": 3},
        "nome": "x",
    }

    with pytest.raises(ValidationError) as refused:
        Outer.model_validate(tree)

    assert list(map(str, faults_of(refused.value, Outer, a_fault))) == [
        "f.toml: name: is missing",
        "f.toml: inner.size: must be 'small' or 'large'",
        "f.toml: items[2].sise: unknown key; did you mean size? (accepted here: size)",
        "f.toml: named.a.x: unknown key (accepted here: size)",
        "f.toml: named.b: must be a table",
        "f.toml: nome: unknown key; did you mean name? (accepted here: inner, items, name, named)",
    ]


def test_given_errors_in_dataclasses_when_they_are_told_then_it_is_as_with_models() -> None:
    tree = {"inner": {"size": "huge", "count": "hunter2", "x": 1}, "other": 3, "nome": 1}

    with pytest.raises(ValidationError) as refused:
        TypeAdapter(OuterPart).validate_python(tree)

    assert list(map(str, faults_of(refused.value, OuterPart, a_fault))) == [
        "f.toml: name: is missing",
        "f.toml: inner.size: must be 'small' or 'large'",
        "f.toml: inner.count: must be a whole number from 1 to 1000000",
        "f.toml: inner.x: unknown key (accepted here: count, size)",
        "f.toml: other: must be a table",
        "f.toml: nome: unknown key; did you mean name? (accepted here: inner, name, other)",
    ]


def test_given_a_secret_as_wrong_value_when_the_error_is_shown_then_it_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        Outer.model_validate({"name": ["hunter2"], "inner": {"size": "hunter2"}})

    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in str(faults_of(refused.value, Outer, a_fault))


def test_given_a_field_when_its_table_is_asked_then_lists_and_mappings_are_looked_through() -> None:
    assert table_of(Outer, "inner") is Inner
    assert table_of(Outer, "items") is Inner
    assert table_of(Outer, "named") is Inner
    assert table_of(Outer, "name") is None
    assert table_of(Outer, "none") is None
    assert table_of(OuterPart, "inner") is InnerPart
    assert table_of(OuterPart, "name") is None


def test_given_a_table_of_either_kind_when_its_keys_are_asked_then_they_are_in_its_order() -> None:
    assert list(fields_of(Outer)) == ["name", "inner", "items", "named"]
    assert list(fields_of(OuterPart)) == ["name", "inner", "other"]


@pytest.mark.parametrize("value", [3, {}, "text"])
def test_given_no_list_where_tables_are_listed_then_the_fault_shows_how_they_are_written(
    value: object,
) -> None:
    with pytest.raises(ValidationError) as refused:
        Outer.model_validate({"name": "x", "items": value})

    (fault,) = faults_of(refused.value, Outer, a_fault)
    assert str(fault) == "f.toml: items: must be a list of tables, each under [[items]]"
