"""How the plain values of settings and policy are read: texts, numbers, switches, spans, sizes.

Every reader takes what TOML gave, or the text of a variable or flag, and returns the typed value;
else it raises ValueError that says what would be accepted.
"""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, get_args

from sidecar.core.spans import SPAN_EXAMPLE, read_span

_SIZE = re.compile(r"([0-9]{1,12}) ?(B|KiB|MiB|GiB)?")
_SIZES = {None: 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@dataclass(frozen=True, slots=True)
class Reads:
    """Annotates a type with the function that reads a value of it.

    pydantic finds it by the method below, and is not loaded where nothing is validated.
    """

    read: Callable[[Any], object]

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> Any:
        schema = importlib.import_module("pydantic_core.core_schema")
        return schema.no_info_plain_validator_function(self.read)


@dataclass(frozen=True, slots=True)
class ByKind:
    """Annotates a union of tables that are told apart by the word under `key`."""

    key: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        choices = {
            word: handler.generate_schema(one)
            for one in get_args(source)
            for word in words_of(one, self.key)
        }
        schema = importlib.import_module("pydantic_core.core_schema")
        return schema.tagged_union_schema(choices, discriminator=self.key)


def words_of(table: Any, key: str) -> tuple[str, ...]:
    """Return the words that `key` of a table may be."""
    return next(get_args(one.type) for one in fields(table) if one.name == key)


class Part:
    """One table of a file. Those of the settings are dataclasses. Unknown keys are faults."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "arbitrary_types_allowed": True,
    }


def text(value: object) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text in quotes that is not empty")
    return value


def span(value: object, *, least: timedelta) -> timedelta:
    """Return a span of time that is not below `least`."""
    if not isinstance(value, str):
        raise ValueError(f"must be {SPAN_EXAMPLE}")
    read = read_span(value)
    if read < least:
        raise ValueError(f"must be longer than nothing: {SPAN_EXAMPLE}")
    return read


def whole(value: object, *, least: int, most: int) -> int:
    """Return a whole number between the two, themselves included."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value) else value
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return number


def ratio(value: object) -> float:
    """Return a number from 0 to 1, themselves included."""
    written = re.fullmatch(r"[0-9.]{1,20}(e-[0-9]{1,2})?", str(value))
    try:
        number = -1.0 if isinstance(value, bool) or written is None else float(written[0])
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= 1.0:
        raise ValueError("must be a number from 0 to 1")
    return number


def switch(value: object) -> bool:
    """Return true or false, which a variable writes the same way."""
    if isinstance(value, bool):
        return value
    if value == "true" or value == "false":
        return value == "true"
    raise ValueError("must be true or false")


def size(value: object, *, least: int, most: int) -> int:
    """Return a number of bytes: `32768` or `"32KiB"`."""
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    match = _SIZE.fullmatch(str(value)) if usable else None
    read = int(match[1]) * _SIZES[match[2]] if match else -1
    if not least <= read <= most:
        raise ValueError(f'must be a size such as "32KiB", from {least} to {most} bytes')
    return read


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts, none of them empty."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError('must be a list of texts such as ["one", "two"]')
    return tuple(value)


def between(least: int, most: int) -> Reads:
    """Return the annotation of a whole number between the two."""
    return Reads(partial(whole, least=least, most=most))


def optional(read: Callable[[object], str]) -> Reads:
    """Return the annotation of a text that an empty one unsets."""
    return Reads(lambda value: None if value == "" else read(value))


Text = Annotated[str, Reads(text)]
Texts = Annotated[tuple[str, ...], Reads(texts)]
Span = Annotated[timedelta, Reads(partial(span, least=timedelta(milliseconds=1)))]
SpanOrNone = Annotated[timedelta, Reads(partial(span, least=timedelta()))]
Count = Annotated[int, between(1, 1_000_000)]
CountOrNone = Annotated[int, between(0, 1_000_000)]
Ratio = Annotated[float, Reads(ratio)]
Switch = Annotated[bool, Reads(switch)]
