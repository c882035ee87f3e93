"""Reading the tables of a file into typed classes, and all of their faults at once.

Settings are read into dataclasses, the policy into pydantic models (`Table`). pydantic
reads both; here its errors become lines for people. No worker needs this before it reads a policy.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeGuard, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from sidecar.faults import Fault, Key, unknown
from sidecar.values import Part

Tables = type[Part] | tuple[type[Part], ...]
_WITH_KIND = "identity"
"""The mapping whose tables are told apart by their kind."""


class Table(BaseModel, Part):
    """One table of a TOML file. Unknown keys are faults; inputs never show up in errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True
    )


def faults_of(
    error: ValidationError, model: type[Part], fault: Callable[[Key, str], Fault]
) -> list[Fault]:
    """Return the faults that pydantic found, in its order.

    fault: gives the words for a key and a problem their place.
    """
    faults = []
    for item in error.errors(include_url=False, include_input=False):
        key = key_of(item)
        match item["type"]:
            case "value_error":
                problem = str(item["ctx"]["error"])
            case "extra_forbidden" | "unexpected_keyword_argument":
                problem = _unknown(key, model)
            case "union_tag_not_found":
                key, problem = (*key, _tag_key(item)), "is missing"
            case "union_tag_invalid":
                key = (*key, _tag_key(item))
                problem = f"must be {item['ctx']['expected_tags'].replace(', ', ' or ')}"
            case "missing":
                problem = "is missing"
            case "model_type" | "model_attributes_type" | "dataclass_type" | "dict_type":
                problem = "must be a table"
            case "list_type" | "tuple_type":
                problem = f"must be a list of tables, each under [[{key[-1]}]]"
            case "literal_error":
                problem = f"must be {item['ctx']['expected']}"
            case _:
                problem = item["msg"]
        faults.append(fault(key, problem))
    return faults


def key_of(item: ErrorDetails) -> Key:
    """Return the key that an error of pydantic is about.

    Of a table that has a kind, pydantic puts the kind behind its name.
    """
    key = tuple(part for part in item["loc"] if part != "[key]")
    return (*key[:2], *key[3:]) if key[0] == _WITH_KIND and len(key) > 3 else key


def _tag_key(item: ErrorDetails) -> str:
    return str(item["ctx"]["discriminator"]).strip("'")


def fields_of(model: Tables) -> Mapping[str, object]:
    """Return the keys of a table and their types; those of several kinds of it together."""
    if isinstance(model, tuple):
        return {name: kind for one in model for name, kind in fields_of(one).items()}
    if issubclass(model, BaseModel):
        return {name: field.annotation for name, field in model.model_fields.items()}
    part: Any = model  # a dataclass, which its type does not say
    return {field.name: field.type for field in fields(part)}


def table_of(model: Tables, name: str) -> Tables | None:
    """Return the type of the table `name` inside `model`, also behind a list or a mapping; all of
    them where it has several kinds."""
    pending: list[object] = [fields_of(model).get(name)]
    found: list[type[Part]] = []
    while pending:
        kind = pending.pop()
        if _is_table(kind):
            found.append(kind)
        else:
            pending.extend(getattr(kind, "__args__", ()))
    return tuple(found) if len(found) > 1 else found[0] if found else None


def has_free_names(model: Tables, name: str) -> bool:
    """Say whether the keys of the table `name` inside `model` are whatever people call them."""
    return get_origin(fields_of(model).get(name)) is dict


def _is_table(kind: object) -> TypeGuard[type[Part]]:
    return isinstance(kind, type) and issubclass(kind, Part)


def _unknown(key: Key, model: type[Part]) -> str:
    table: Tables = model
    for part in key[:-1]:
        if isinstance(part, str):
            table = table_of(table, part) or table
    return unknown(str(key[-1]), fields_of(table))
