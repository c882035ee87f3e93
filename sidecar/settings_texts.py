"""The settings as texts, one for each key, and back: how a worker gets them.

Nothing is looked up or validated as a whole here: that was done when the settings were read, and
the files that they name were there then.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from sidecar.settings import Settings, is_file
from sidecar.settings_values import RedisUrl
from sidecar.values import Part, Reads, words_of

_P = TypeVar("_P", bound=Part)
_Key = tuple[str, ...]


def texts_of(settings: Settings) -> dict[str, str]:
    """Return each setting as a flag would say it: dotted key to text. Secrets are among them."""
    return {".".join(key): _text(value) for key, value in _leaves(settings, ())}


def settings_of(texts: Mapping[str, str]) -> Settings:
    """Return the tree that the texts were made of. Raises ValueError naming the key."""
    return _part(Settings, texts, ())


def _fields(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and type. Every part is a dataclass, which its type does not say."""
    return ((field.name, field.type) for field in fields(part))


def _leaves(part: Part, above: _Key) -> Iterator[tuple[_Key, object]]:
    for name, _ in _fields(part):
        key, value = (*above, name), getattr(part, name)
        if isinstance(value, Part):
            yield from _leaves(value, key)
        elif isinstance(value, dict):  # tables by the names that people gave them
            for own, table in value.items():
                yield from _leaves(table, (*key, own))
        elif value is not None:
            yield key, value


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case timedelta():
            return f"{value // timedelta(milliseconds=1)}ms"
        case tuple():
            return ",".join(map(str, value))
        case RedisUrl():
            return value.text
    return str(value)


def _part(model: type[_P], texts: Mapping[str, str], above: _Key) -> _P:
    values: dict[str, object] = {}
    for name, kind in _fields(model):
        key = (*above, name)
        text = texts.get(".".join(key))
        if isinstance(kind, type) and issubclass(kind, Part):
            values[name] = _part(kind, texts, key)
        elif get_origin(kind) is dict:
            values[name] = _named_parts(get_args(kind)[1], texts, key)
        elif text is not None:
            values[name] = _value(key, kind, text)
    return model(**values)


def _named_parts(model: Any, texts: Mapping[str, str], above: _Key) -> dict[str, Part]:
    """Return the tables below `above` by their names, in which no dot is."""
    start = ".".join(above) + "."
    names = dict.fromkeys(
        key.removeprefix(start).partition(".")[0] for key in texts if key.startswith(start)
    )
    return {
        name: _part(_of_kind(model, texts.get(f"{start}{name}.kind", "")), texts, (*above, name))
        for name in names
    }


def _of_kind(kinds: Any, word: str) -> Any:
    """Return the table, of a union the one of that kind."""
    every = get_args(get_args(kinds)[0]) if get_args(kinds) else (kinds,)
    return next(one for one in every if len(every) == 1 or word in words_of(one, "kind"))


def _value(key: _Key, kind: object, text: str) -> object:
    read = _reader(kind)
    if read is None:
        return text  # one of a few words
    try:
        return read(Path(text) if is_file(key) else text)
    except ValueError as error:
        raise ValueError(f"{'.'.join(key)}: {error}") from None


def _reader(kind: object) -> Callable[[Any], object] | None:
    """Return what reads a value of that type, wherever in it that is annotated."""
    if isinstance(kind, Reads):
        return kind.read
    return next(filter(None, map(_reader, get_args(kind))), None)
