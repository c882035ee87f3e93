"""What is wrong with a JSON body, member by member, in words that repeat nothing of it.

msgspec stops at the first fault and quotes what it did not accept. So each member is looked at by
itself, and of its words only those are passed on that speak of types and bounds.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Literal, get_args, get_origin

import msgspec
from msgspec import Struct, ValidationError

from sidecar.front.problem import FieldFault

_MISSING = "This member is missing."
_UNFIT = "This value cannot be used."
_MISSHAPEN = "This text has not the form that is described in openapi.json."
_UNKNOWN = "This is not known here."
_NAME = re.compile(r"[A-Za-z]{1,24}", re.ASCII)
_NO_JSON = "This is no JSON in UTF-8."

_PLACED = re.compile(r"(?P<what>.*?)(?: - at `(?P<place>[^`]*)`)?", re.DOTALL)
_ABSENT = re.compile(r"Object missing required field `(?P<name>\w+)`")
_ABOUT_TYPES = re.compile(
    r"Expected `|Invalid (?:RFC3339|UUID|base64|ISO8601)|(?:Integer|Number) .*out of range"
)
_KINDS = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


def faults_of(body: bytes, model: type[Struct]) -> list[FieldFault]:
    """Return what is wrong with a body that was refused as `model`: at least one fault."""
    try:
        given = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return [FieldFault("", _NO_JSON)]
    if not isinstance(given, dict):
        return [FieldFault("", "Expected an object.")]
    return faults_in(given, model)


def faults_in(
    given: Mapping[str, object], model: type[Struct], *, strict: bool = True
) -> list[FieldFault]:
    """Return what is wrong with these members, which were refused as `model`: at least one fault.

    strict: False for a query, where every value is text.
    """
    faults = []
    members = msgspec.structs.fields(model)
    for member in members:
        name = member.encode_name
        if name in given:
            try:
                msgspec.convert(given[name], type=member.type, strict=strict)
            except ValidationError as error:
                faults.append(_fault(str(error), name, member.type))
        elif member.required:
            faults.append(FieldFault(name, _MISSING))
    if model.__struct_config__.forbid_unknown_fields:
        known = {member.encode_name for member in members}
        faults += [FieldFault(shown(name), _UNKNOWN) for name in given if name not in known]
    return faults or [FieldFault("", _UNFIT)]


def shown(name: str) -> str:
    """Return a name that nobody knows, if it could be one of ours with a slip in it; what is sent
    in the wrong place may be a secret, and is not repeated."""
    return name if _NAME.fullmatch(name) else ""


def _fault(words: str, name: str, kind: object) -> FieldFault:
    """Return the fault of the member `name`. words: those of msgspec, with a path below it."""
    placed = _PLACED.fullmatch(words)
    what, place = (placed["what"], placed["place"]) if placed else (words, None)
    # `$[2].name` is `.2.name`; the keys of a mapping are the client's own, `[...]`, and left out.
    below = re.sub(r"\[(\d+)\]", r".\1", (place or "$").removeprefix("$").replace("[...]", ""))
    absent = _ABSENT.fullmatch(what)
    if absent:
        return FieldFault(f"{name}{below}.{absent['name']}", _MISSING)
    return FieldFault(f"{name}{below}", _message(what, kind))


def _message(what: str, kind: object) -> str:
    if " matching regex " in what:
        return _MISSHAPEN
    if _ABOUT_TYPES.match(what):
        return re.sub(r"`([a-z0-9| ]+)`", _named, what) + "."
    accepted = _accepted(kind) if what.startswith("Invalid enum value") else []
    return f"Expected one of: {', '.join(accepted)}." if accepted else _UNFIT


def _named(match: re.Match[str]) -> str:
    return " or ".join(_KINDS.get(kind, kind) for kind in match[1].split(" | "))


def _accepted(kind: object) -> list[str]:
    """Return the words that a member of that type may be, as far as it names them."""
    if get_origin(kind) is Literal:
        return [str(word) for word in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(word.value) for word in kind]
    return [word for inner in get_args(kind) for word in _accepted(inner)]
