"""Faults: a line for people that says where, which key, what is wrong, and what is accepted."""

from typing import Literal

import pytest
from pydantic import Field, ValidationError

from sidecar.faults import Fault, Key, Table, dotted, faults_of, report, table_of, unknown


class Inner(Table):
    size: Literal["small", "large"] = "small"


class Outer(Table):
    name: str
    inner: Inner = Inner()
    items: list[Inner] = Field(default_factory=list)
    named: dict[str, Inner] = Field(default_factory=dict)


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


def test_given_a_secret_as_wrong_value_when_the_error_is_shown_then_it_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        Outer.model_validate({"name": ["hunter2"], "inner": {"size": "hunter2"}})

    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in str(faults_of(refused.value, Outer, a_fault))


def test_given_faults_when_they_are_reported_then_each_is_one_line_under_the_heading() -> None:
    faults = [Fault("a", "k", "is bad"), Fault("b", "", "is worse")]

    assert report("Wrong:", faults) == "Wrong:\n  a: k: is bad\n  b: is worse"


def test_given_no_accepted_names_when_one_is_unknown_then_that_is_said() -> None:
    assert unknown("x", []) == "unknown key (nothing is accepted here)"


def test_given_a_field_when_its_table_is_asked_then_lists_and_mappings_are_looked_through() -> None:
    assert table_of(Outer, "inner") is Inner
    assert table_of(Outer, "items") is Inner
    assert table_of(Outer, "named") is Inner
    assert table_of(Outer, "name") is None
    assert table_of(Outer, "none") is None
