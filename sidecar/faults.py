"""What is wrong in a file, a variable or a flag that people wrote: all of it at once.

Settings and policy are both read into pydantic models; here the errors of pydantic become lines
that name the place, the key, what is wrong with it and what would be accepted.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

Key = tuple[str | int, ...]


class Table(BaseModel):
    """One table of a TOML file. Unknown keys are faults; inputs never show up in errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct. place: a file, `$VARIABLE` or `--flag`; key: dotted, may be empty."""

    place: str
    key: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.key, self.problem) if part)


def faults_of(
    error: ValidationError, model: type[BaseModel], fault: Callable[[Key, str], Fault]
) -> list[Fault]:
    """Return the faults that pydantic found, in its order.

    fault: gives the words for a key and a problem their place.
    """
    faults = []
    for item in error.errors(include_url=False, include_input=False):
        if item["type"] == "default_factory_not_called":
            continue  # follows from another fault, which is listed itself
        key = key_of(item)
        match item["type"]:
            case "value_error":
                problem = str(item["ctx"]["error"])
            case "extra_forbidden":
                problem = _unknown(key, model)
            case "missing":
                problem = "is missing"
            case "model_type" | "model_attributes_type" | "dict_type":
                problem = "must be a table"
            case "literal_error":
                problem = f"must be {item['ctx']['expected']}"
            case _:
                problem = item["msg"]
        faults.append(fault(key, problem))
    return faults


def key_of(item: ErrorDetails) -> Key:
    """Return the key that an error of pydantic is about."""
    return tuple(part for part in item["loc"] if part != "[key]")


def dotted(key: Key) -> str:
    """Return the key as people write it: `session.idle_timeout`, `routes[2].path`."""
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def report(heading: str, faults: Sequence[Fault]) -> str:
    """Return the lines for people: a heading and one indented line for each fault."""
    return "\n".join([heading, *(f"  {fault}" for fault in faults)])


def unknown(name: str, accepted: Iterable[str]) -> str:
    """Return the words for a name that is not among the accepted ones."""
    known = sorted(accepted)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    among = f"accepted here: {', '.join(known)}" if known else "nothing is accepted here"
    return f"unknown key{hint or ''} ({among})"


def _unknown(key: Key, model: type[BaseModel]) -> str:
    table: object = model
    for part in key[:-1]:
        if isinstance(part, str) and isinstance(table, type) and issubclass(table, BaseModel):
            table = table_of(table, part) or table
    fields = table.model_fields if isinstance(table, type) and issubclass(table, BaseModel) else {}
    return unknown(str(key[-1]), fields)


def table_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the model of the table `name` inside `model`, also behind a list or a mapping."""
    field = model.model_fields.get(name)
    pending: list[object] = [field.annotation] if field else []
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        pending.extend(getattr(kind, "__args__", ()))
    return None
