"""Read what a client sends to us: JSON or a form, bounded, checked, and never repeated in errors.

Bad input is always 400 `invalid_input` with the members at fault; only what is too large is 413,
before anything is computed from it (case S-79).
"""

from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web
from msgspec import Meta, Struct, ValidationError

from sidecar.core.passwords import is_too_long_to_read
from sidecar.core.token import HANDLE_PATTERN, is_handle
from sidecar.front.input_faults import faults_in, faults_of, shown
from sidecar.front.problem import FieldFault, Problem, invalid_input, problem

LARGEST_BODY = 64 * 1024
LONGEST_NAME = 256
_MOST_FIELDS = 32
ENTERED_NAME = web.RequestKey("entered_name", str)
"""What a form gave as username, for the page that comes back."""

Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
HandleText = Annotated[str, Meta(pattern=HANDLE_PATTERN)]
Secret = Annotated[
    str, Meta(min_length=1, extra_json_schema={"format": "password", "writeOnly": True})
]


class Refused(Exception):
    """The input is not acceptable; `what` is the whole answer."""

    def __init__(self, what: Problem) -> None:
        super().__init__(what.code)
        self.what = what


class Input(Struct, frozen=True, kw_only=True, rename="camel"):
    """A JSON object from a client: exact types, camelCase, unknown members passed over.

    Its `repr` shows nothing of what was sent, which may be a secret.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class SignInInput(Input, frozen=True):
    username: Name
    password: Secret
    return_to: str | None = None
    end_session: HandleText | None = None


class SecondInput(Input, frozen=True):
    """The second step of a sign-in. code: of the app, or a recovery code."""

    challenge: Secret
    code: Secret
    return_to: str | None = None


class ReauthInput(Input, frozen=True):
    """code: of whoever has a second factor."""

    password: Secret
    code: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of ours; fields that are missing are empty."""

    fields: dict[str, str]

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


_I = TypeVar("_I", bound=Struct)


def is_form(request: web.Request) -> bool:
    """Say whether the body is that of an HTML form (and so wants a page as answer)."""
    return request.content_type == "application/x-www-form-urlencoded"


async def read_json(request: web.Request, model: type[_I]) -> _I:
    """Return the body as `model`. Raises Refused."""
    body = await _read(request)
    if request.content_type != "application/json":
        raise Refused(invalid_input(FieldFault("", "Send application/json.")))
    try:
        body.decode("utf-8")  # all of it: msgspec passes over what it does not read
        return msgspec.json.decode(body, type=model, strict=True)
    except (ValueError, RecursionError):
        raise Refused(invalid_input(*faults_of(body, model))) from None


async def peek_json(request: web.Request) -> frozenset[str]:
    """Return the names of the members of a JSON object; none for what is no such. Raises
    Refused."""
    try:
        given = msgspec.json.decode(await _read(request))
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(given) if isinstance(given, dict) else frozenset()


def read_query(request: web.Request, model: type[_I]) -> _I:
    """Return the query as `model`. Raises Refused: also for a name that comes twice or that nobody
    knows, because a filter with a slip in its name would be one that is not there."""
    query = request.query
    twice = sorted({name for name in query if len(query.getall(name)) > 1})
    if twice:
        faults = (FieldFault(shown(name), "Give this once.") for name in twice)
        raise Refused(invalid_input(*faults))
    given = dict(query)  # bytes that were no UTF-8 have become U+FFFD
    try:
        return msgspec.convert(given, type=model, strict=False)
    except ValidationError:
        raise Refused(invalid_input(*faults_in(given, model, strict=False))) from None


async def read_form(request: web.Request) -> Form:
    """Return the fields of a form; of a name that comes twice the first counts. Raises Refused."""
    body = await _read(request)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise Refused(invalid_input(FieldFault("", "This is no form in UTF-8."))) from None
    return Form(dict(reversed(pairs)))


def check_password_size(password: str) -> None:
    """Raises Refused with 413 for what no password can be."""
    if is_too_long_to_read(password):
        raise Refused(problem("payload_too_large"))


def check_handle(value: str | None, member: str) -> None:
    """Raises Refused for what has not the shape of a session's id."""
    if value is not None and not is_handle(value):
        raise Refused(invalid_input(FieldFault(member, "This is no id of a session.")))


async def _read(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refused(problem("payload_too_large"))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(invalid_input(FieldFault("", "Send the body without compression.")))
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(problem("payload_too_large")) from None
