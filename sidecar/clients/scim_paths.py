"""The filters and paths of SCIM, parsed by a library that is only loaded when the first one comes.

Source: RFC 7644, sections 3.4.2.2 and 3.5.2.
"""

from typing import Any, NamedTuple

LONGEST = 512


class Unreadable(Exception):
    """It is no filter or path, or one that is not looked up here."""


class Named(NamedTuple):
    """An attribute, in lower case. sub: what of it; empty for all."""

    attribute: str
    sub: str = ""


class Equals(NamedTuple):
    """A filter: an attribute that has a value."""

    name: Named
    value: str


def read_filter(text: str) -> Equals:
    """Return what a filter looks for. Raises Unreadable for any but `attribute eq "value"`."""
    expression = _parsed(text)
    if type(expression).__name__ != "AttrExpr" or expression.value.lower() != "eq":
        raise Unreadable
    if expression.comp_value is None:
        raise Unreadable
    return Equals(_named(expression.attr_path), str(expression.comp_value.value))


def read_path(text: str) -> Named:
    """Return what a path of PATCH names; which of several values does not matter here, where people
    have one of each. Raises Unreadable."""
    expression = _parsed(f'{text} eq ""')
    if type(expression).__name__ != "AttrExpr":
        raise Unreadable
    return _named(expression.attr_path)


def _parsed(text: str) -> Any:
    from scim2_filter_parser.lexer import SCIMLexer
    from scim2_filter_parser.parser import SCIMParser, SCIMParserError

    if len(text) > LONGEST:
        raise Unreadable
    try:
        parsed = SCIMParser().parse(SCIMLexer().tokenize(text))
    except (SCIMParserError, ValueError, TypeError, AttributeError, RecursionError):
        raise Unreadable from None
    if parsed is None or parsed.negated or parsed.namespace is not None:
        raise Unreadable
    return parsed.expr


def _named(path: Any) -> Named:
    if not isinstance(path.attr_name, str):  # `emails[type eq "work"].value`
        path = path.attr_name.namespace
        if path is None or not isinstance(path.attr_name, str):
            raise Unreadable
    sub = path.sub_attr.value if path.sub_attr is not None else ""
    return Named(path.attr_name.lower(), sub.lower())
