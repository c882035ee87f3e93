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
    """Return the key that an error of pydantic is about."""
    return tuple(part for part in item["loc"] if part != "[key]")


def fields_of(model: type[Part]) -> Mapping[str, object]:
    """Return the keys of a table and their types."""
    if issubclass(model, BaseModel):
        return {name: field.annotation for name, field in model.model_fields.items()}
    part: Any = model  # a dataclass, which its type does not say
    return {field.name: field.type for field in fields(part)}


def table_of(model: type[Part], name: str) -> type[Part] | None:
    """Return the type of the table `name` inside `model`, also behind a list or a mapping."""
    pending: list[object] = [fields_of(model).get(name)]
    while pending:
        kind = pending.pop()
        if _is_table(kind):
            return kind
        pending.extend(getattr(kind, "__args__", ()))
    return None


def has_free_names(model: type[Part], name: str) -> bool:
    """Say whether the keys of the table `name` inside `model` are whatever people call them."""
    return get_origin(fields_of(model).get(name)) is dict


def _is_table(kind: object) -> TypeGuard[type[Part]]:
    return isinstance(kind, type) and issubclass(kind, Part)


def _unknown(key: Key, model: type[Part]) -> str:
    table = model
    for part in key[:-1]:
        if isinstance(part, str):
            table = table_of(table, part) or table
    return unknown(str(key[-1]), fields_of(table))
